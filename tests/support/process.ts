/**
 * The one way in which tests start processes: each has a deadline. A process that is not over by then is killed, with
 * everything it has started, and whoever waits for it is told what hung and what it had said.
 */

import { killTree } from "./process_tree.ts";

/** The default: a run of the program takes seconds. */
export const DEADLINE_MS = 120_000;
/** For servers, which live as long as a test does. */
export const SERVER_DEADLINE_MS = 600_000;

/** How a process ended. */
export interface Ended {
  readonly code: number;
  /** The signal that ended it, if any. */
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ProcessOptions {
  readonly cwd?: string;
  /** The whole environment; undefined: this process's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** undefined: empty. */
  readonly stdin?: string | Uint8Array;
  /** Closes the pipes of stdout and stderr at once, as if no one read them. */
  readonly deaf?: boolean;
  readonly deadlineMs?: number;
}

/** A running process. */
export interface Running {
  readonly pid: number;
  /** Its output so far, with stdout and stderr separate. */
  readonly stdout: string;
  readonly stderr: string;
  /**
   * Resolves once stderr or stdout matches.
   *
   * @throws if the process ends before, or at its deadline (or `deadlineMs`, if given), when it is killed
   */
  seen(pattern: RegExp, deadlineMs?: number): Promise<RegExpExecArray>;
  kill(signal: Deno.Signal): void;
  /** kill -9, and waits for the end; does nothing if the process has already ended. */
  stop(): Promise<void>;
  /** Rejects when the deadline is over. */
  readonly ended: Promise<Ended>;
}

/** Runs a command to its end, whatever its exit code. */
export async function run(
  command: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<Ended> {
  return await start(command, args, options).ended;
}

/** Runs a tool that has to succeed, and returns its stdout. */
export async function output(
  command: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, options);
  if (code !== 0) throw new Error(`${commandLine(command, args)}: exit code ${code}\n${stderr}`);
  return stdout;
}

/** Starts a command. */
export function start(
  command: string,
  args: readonly string[],
  options: ProcessOptions = {},
): Running {
  return new Child(command, args, options);
}

class Child implements Running {
  readonly ended: Promise<Ended>;
  readonly #child: Deno.ChildProcess;
  readonly #line: string;
  readonly #text = { stdout: "", stderr: "" };
  readonly #waiting = new Set<() => void>();
  /** Aborted at the deadline, as other processes may hold the pipes open. */
  readonly #reading = new AbortController();
  readonly #hung = Promise.withResolvers<never>();

  constructor(command: string, args: readonly string[], options: ProcessOptions) {
    const { cwd, env, stdin = "", deaf = false, deadlineMs = DEADLINE_MS } = options;
    this.#line = commandLine(command, args);
    this.#child = new Deno.Command(command, {
      args: [...args],
      ...(cwd !== undefined && { cwd }),
      ...(env !== undefined && { clearEnv: true, env: { ...env } }),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const input = typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin;
    // A program that does not read its input closes the pipe on us.
    const feed = ReadableStream.from([input]).pipeTo(this.#child.stdin).catch(() => {});
    const timer = setTimeout(() => this.#giveUp("did not end", deadlineMs), deadlineMs);
    const over = Promise.all([
      this.#child.status,
      this.#collect("stdout", deaf),
      this.#collect("stderr", deaf),
      feed,
    ]).then(([{ code, signal }]) => ({ code, signal, ...this.#text }));
    this.ended = Promise.race([over, this.#hung.promise]).finally(() => clearTimeout(timer));
    // Waiting callers get the rejection; without any, it must not end the test run.
    this.ended.catch(() => {});
    over.catch(() => {});
  }

  get pid(): number {
    return this.#child.pid;
  }

  get stdout(): string {
    return this.#text.stdout;
  }

  get stderr(): string {
    return this.#text.stderr;
  }

  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  async stop(): Promise<void> {
    killTree(this.pid);
    await this.ended;
  }

  async seen(pattern: RegExp, deadlineMs?: number): Promise<RegExpExecArray> {
    const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
    const look = () => {
      const match = pattern.exec(this.stderr) ?? pattern.exec(this.stdout);
      if (match) resolve(match);
    };
    this.#waiting.add(look);
    look();
    this.ended.then(
      ({ code }) => reject(this.#error(`ended with ${code} before it wrote ${pattern}`)),
      reject,
    );
    const timer = deadlineMs === undefined
      ? undefined
      : setTimeout(() => this.#giveUp(`did not write ${pattern}`, deadlineMs), deadlineMs);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
    }
  }

  async #collect(name: "stdout" | "stderr", deaf: boolean): Promise<void> {
    if (deaf) return await this.#child[name].cancel();
    const decoded = this.#child[name].pipeThrough(new TextDecoderStream(), this.#reading);
    for await (const chunk of decoded) {
      this.#text[name] += chunk;
      for (const look of this.#waiting) look();
    }
  }

  #giveUp(what: string, ms: number): void {
    const error = this.#error(`${what} within ${ms / 1_000} s and was killed`);
    killTree(this.pid);
    this.#reading.abort(error);
    this.#hung.reject(error);
  }

  #error(what: string): Error {
    return new Error(
      [
        `A process ${what}: ${this.#line}`,
        `--- its stdout so far:\n${this.stdout}`,
        `--- its stderr so far:\n${this.stderr}`,
      ].join("\n"),
    );
  }
}

function commandLine(command: string, args: readonly string[]): string {
  return [command, ...args].map((word) => /^[\w./:=@,+-]+$/.test(word) ? word : `'${word}'`)
    .join(" ");
}
