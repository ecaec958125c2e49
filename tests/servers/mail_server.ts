/** A real server that can be killed and restarted on the same port, and knows which mails it has accepted. */
export interface MailServer extends AsyncDisposable {
  readonly url: string;
  /** Ends all its processes as `kill -9` does. */
  kill(): Promise<void>;
  /** Starts it again, with the mails it had. */
  start(): Promise<void>;
  /** A number that grows with the mails accepted, and is cheap to poll. */
  progress(): Promise<number>;
  /** The recipients of all accepted mails, from its own queue or log, once it has nothing left to do. */
  taken(): Promise<readonly string[]>;
}

/** Unused ports of this machine. */
export function freePorts(count: number): number[] {
  const listeners = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  const ports = listeners.map(({ addr }) => addr.port);
  listeners.forEach((listener) => listener.close());
  return ports;
}

/** Waits until the port accepts connections. */
export async function listening(port: number): Promise<void> {
  for (let tries = 0;; tries++) {
    try {
      using _conn = await Deno.connect({ hostname: "127.0.0.1", port });
      return;
    } catch (error) {
      if (tries > 100) throw error;
      await new Promise((next) => setTimeout(next, 50));
    }
  }
}

/** Neither Debian's folder for servers nor the one to which .ci/run unpacks Exim is in every user's path. */
export function serverPath(): string {
  return `${Deno.env.get("PATH")}:/usr/sbin:${cached("exim")}/usr/sbin`;
}

/** The folder in which .ci/run keeps a program that it installs only for the tests. */
export function cached(program: string): string {
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME") ?? "/tmp"}/.cache`;
  return `${cache}/email-dispatcher-ci/${program}`;
}
