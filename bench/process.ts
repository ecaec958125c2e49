/** A command, and where its output goes. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  /** Exit codes that are not failures; by default, only 0. */
  readonly codes?: readonly number[];
}

/** The cost of a run, measured from outside. */
export interface Run {
  readonly wallMs: number;
  /** Peak resident memory; undefined if the system does not report it (only Linux does). */
  readonly peakBytes: number | undefined;
  readonly stdout: string;
}

/** The kernel keeps the peak, so only the last moments before the process ends can be missed. */
const LOOK_EVERY_MS = 100;

/**
 * Runs a command to its end.
 *
 * @param onStart receives the process, and can end it early.
 * @throws {Error} with its stderr output, if it fails.
 */
export async function run(
  { program, args, codes = [0] }: Command,
  { watchMemory = false, onStart }: {
    readonly watchMemory?: boolean;
    readonly onStart?: (child: Deno.ChildProcess) => void;
  } = {},
): Promise<Run> {
  const start = performance.now();
  const child = new Deno.Command(program, {
    args: [...args],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).spawn();
  onStart?.(child);
  const watch = watchMemory ? new MemoryWatch(child.pid) : undefined;
  const stdout = new Response(child.stdout).text();
  const stderr = new Response(child.stderr).text();
  const { code } = await child.status;
  const wallMs = performance.now() - start;
  await watch?.end();
  if (!codes.includes(code)) {
    throw new Error(`${program} ended with ${code}: ${(await stderr).trim()}`);
  }
  return { wallMs, peakBytes: watch?.peakBytes, stdout: await stdout };
}

/** Polls the peak that the kernel keeps for a process; through `cat`, as Deno allows /proc only with all permissions. */
class MemoryWatch {
  peakBytes: number | undefined;
  readonly #file: string;
  readonly #watching: Promise<void>;
  #ended = false;

  constructor(pid: number) {
    this.#file = `/proc/${pid}/status`;
    this.#watching = this.#watch();
  }

  end(): Promise<void> {
    this.#ended = true;
    return this.#watching;
  }

  async #watch(): Promise<void> {
    while (!this.#ended) {
      const { stdout } = await new Deno.Command("cat", { args: [this.#file], stderr: "null" })
        .output();
      const kilobytes = /VmHWM:\s+(\d+) kB/.exec(new TextDecoder().decode(stdout))?.[1];
      if (kilobytes !== undefined) this.peakBytes = Number(kilobytes) * 1024;
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }
}

/** A server program that runs until it is disposed of. */
export class Service implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
  }

  /** Starts it, and waits until something listens on `port`. */
  static async start({ program, args }: Command, port: number): Promise<Service> {
    const child = new Deno.Command(program, {
      args: [...args],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const service = new Service(child);
    try {
      await listening(port);
      return service;
    } catch (error) {
      await service[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGTERM");
    } catch {
      // It has already ended.
    }
    await this.#child.status;
  }
}

/** Returns a port on which nothing is listening at the moment. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

const START_MS = 10_000;

/** Resolves when something listens on the port. */
export async function listening(port: number): Promise<void> {
  for (const end = performance.now() + START_MS; performance.now() < end;) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  throw new Error(`Nothing listens on port ${port} after ${START_MS / 1_000} s`);
}

/** Whether a program exists and can be run. */
export async function has(program: string, ...args: string[]): Promise<boolean> {
  try {
    await new Deno.Command(program, { args, stdin: "null", stdout: "null", stderr: "null" })
      .output();
    return true;
  } catch {
    return false;
  }
}
