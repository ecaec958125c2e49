import { type Client, type LinkProfile, onTheWayTo, type ServerEnd } from "./link_profile.ts";
import { Link } from "./link.ts";
import type { Random } from "./random.ts";
import type { WorldTime } from "./world_time.ts";

/** What a client that connects to an address finds. */
export interface Endpoint {
  /** "closed": connections are refused. "silent": nobody answers. */
  readonly state: "open" | "closed" | "silent";
  readonly profile: LinkProfile;
  serve(link: Link): ServerEnd;
}

/** The network, in place of `Deno.connect()`. */
export class Network {
  readonly #time: WorldTime;
  readonly #random: Random;
  readonly #endpoints = new Map<string, () => Endpoint>();
  readonly #links = new Map<Client, Set<Link>>();

  constructor(time: WorldTime, random: Random) {
    this.#time = time;
    this.#random = random;
  }

  /** @param endpoint Called for each connection. */
  listen(address: string, endpoint: () => Endpoint): void {
    this.#endpoints.set(address, endpoint);
  }

  connect(
    client: Client,
    { hostname, port, signal }: Deno.ConnectOptions & { signal?: AbortSignal },
  ): Promise<Deno.TcpConn> {
    const { promise, resolve, reject } = Promise.withResolvers<Deno.TcpConn>();
    const abort = () => reject(signal!.reason);
    signal?.addEventListener("abort", abort, { once: true });
    const endpoint = this.#endpoints.get(`${hostname}:${port}`)?.();
    const { state, profile } = endpoint ?? { state: "closed", profile: undefined };
    if (state !== "silent") {
      this.#time.after(2 * (profile?.latencyMs ?? 1), onTheWayTo(client), () => {
        signal?.removeEventListener("abort", abort);
        if (signal?.aborted) return;
        if (endpoint === undefined || state === "closed") {
          return reject(new Deno.errors.ConnectionRefused("Connection refused (os error 111)"));
        }
        resolve(this.#open(client, endpoint, { hostname: hostname!, port }));
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

  #open(
    client: Client,
    endpoint: Endpoint,
    remote: { hostname: string; port: number },
  ): Deno.TcpConn {
    const link = new Link(this.#time, client, endpoint.profile, this.#random.fork());
    const links = this.#links.get(client) ?? new Set();
    this.#links.set(client, links.add(link));
    link.serve(endpoint.serve(link));
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
