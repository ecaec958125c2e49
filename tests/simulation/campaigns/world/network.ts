import { type Client, type LinkNature, onTheWayTo, type ServerEnd } from "./link_nature.ts";
import { Link } from "./link.ts";
import type { Lots } from "./lots.ts";
import type { WorldTime } from "./world_time.ts";

/** What somebody who connects to an address meets. */
export interface Door {
  /** "closed": connections are refused. "silent": nobody answers. */
  readonly state: "open" | "closed" | "silent";
  readonly nature: LinkNature;
  serve(link: Link): ServerEnd;
}

/** All machines that can be reached, in place of `Deno.connect()`. */
export class Network {
  readonly #time: WorldTime;
  readonly #lots: Lots;
  readonly #doors = new Map<string, () => Door>();
  readonly #links = new Map<Client, Set<Link>>();

  constructor(time: WorldTime, lots: Lots) {
    this.#time = time;
    this.#lots = lots;
  }

  /** @param door asked at each connection */
  listen(address: string, door: () => Door): void {
    this.#doors.set(address, door);
  }

  connect(
    client: Client,
    { hostname, port, signal }: Deno.ConnectOptions & { signal?: AbortSignal },
  ): Promise<Deno.TcpConn> {
    const { promise, resolve, reject } = Promise.withResolvers<Deno.TcpConn>();
    const abort = () => reject(signal!.reason);
    signal?.addEventListener("abort", abort, { once: true });
    const door = this.#doors.get(`${hostname}:${port}`)?.();
    const { state, nature } = door ?? { state: "closed", nature: undefined };
    if (state !== "silent") {
      this.#time.after(2 * (nature?.latencyMs ?? 1), onTheWayTo(client), () => {
        signal?.removeEventListener("abort", abort);
        if (signal?.aborted) return;
        if (door === undefined || state === "closed") {
          return reject(new Deno.errors.ConnectionRefused("Connection refused (os error 111)"));
        }
        resolve(this.#open(client, door, { hostname: hostname!, port }));
      });
    }
    return promise;
  }

  /** Connections that a process has not closed. */
  openOf(client: Client): number {
    return [...this.#links.get(client) ?? []].filter(({ isClosed }) => !isClosed).length;
  }

  /** A process is gone, or its machine. */
  gone(client: Client, machine: boolean): void {
    for (const link of this.#links.get(client) ?? []) link.clientGone(machine);
    this.#links.delete(client);
  }

  #open(client: Client, door: Door, remote: { hostname: string; port: number }): Deno.TcpConn {
    const link = new Link(this.#time, client, door.nature, this.#lots.fork());
    const links = this.#links.get(client) ?? new Set();
    this.#links.set(client, links.add(link));
    link.serve(door.serve(link));
    return {
      localAddr: { transport: "tcp", hostname: "192.0.2.7", port: 40_000 },
      remoteAddr: { transport: "tcp", ...remote },
      read: (into: Uint8Array) => link.read(into),
      write: (bytes: Uint8Array) => link.write(bytes),
      close: () => link.closeClient(),
      setNoDelay: () => {},
    } as unknown as Deno.TcpConn;
  }
}
