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

/** Kills a process, then all that it has started and they have; the first one first, so that it starts no further ones. */
export async function killTree(pid: number): Promise<void> {
  const family = [pid];
  const kill = (pid: number) => {
    try {
      Deno.kill(pid, "SIGKILL");
    } catch {
      // It has ended.
    }
  };
  const children = await childrenByParent();
  for (let at = 0; at < family.length; at++) family.push(...children.get(family[at]!) ?? []);
  family.forEach(kill);
  while (family.some((pid) => isRunning(pid))) await new Promise((next) => setTimeout(next, 5));
}

async function childrenByParent(): Promise<ReadonlyMap<number, readonly number[]>> {
  const children = new Map<number, number[]>();
  for await (const { name } of Deno.readDir("/proc")) {
    const parent = /^\d+$/.test(name) ? parentOf(name) : undefined;
    if (parent === undefined) continue;
    children.set(parent, [...children.get(parent) ?? [], Number(name)]);
  }
  return children;
}

/** Field 4 of /proc/PID/stat; the name before it, in brackets, may hold anything. */
function parentOf(pid: string): number | undefined {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return undefined;
  }
}

/** A zombie that nobody has waited for yet runs no more. */
function isRunning(pid: number): boolean {
  try {
    const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
    return stat[stat.lastIndexOf(")") + 2] !== "Z";
  } catch {
    return false;
  }
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
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME") ?? "/tmp"}/.cache`;
  return `${Deno.env.get("PATH")}:/usr/sbin:${cache}/email-dispatcher-ci/exim/usr/sbin`;
}
