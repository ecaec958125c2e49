/** A real server that can be killed and started again on the same port, and knows which mails it has taken. */
export interface MailServer extends AsyncDisposable {
  readonly url: string;
  /** Ends all its processes as `kill -9` does. */
  kill(): Promise<void>;
  /** Starts it again, with the mails it had. */
  start(): Promise<void>;
  /** Something that grows with the mails taken; cheap enough to be watched. */
  progress(): Promise<number>;
  /** Recipients, one for each mail that it has taken, by its own queue or log; when it has nothing left to do. */
  taken(): Promise<readonly string[]>;
}

/** Ports of this machine that nobody listens on. */
export function freePorts(count: number): number[] {
  const listeners = Array.from(
    { length: count },
    () => Deno.listen({ hostname: "127.0.0.1", port: 0 }),
  );
  const ports = listeners.map(({ addr }) => addr.port);
  listeners.forEach((listener) => listener.close());
  return ports;
}

/** Waits until somebody listens there. */
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

/** Where Debian keeps servers is not in every user's path; nor is the folder to which .ci/run unpacks Exim. */
export function serverPath(): string {
  return `${Deno.env.get("PATH")}:/usr/sbin:${cached("exim")}/usr/sbin`;
}

/** The folder in which .ci/run keeps a program that it installs for the tests alone. */
export function cached(program: string): string {
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME") ?? "/tmp"}/.cache`;
  return `${cache}/email-dispatcher-ci/${program}`;
}
