import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { RUN_FLAGS } from "../../build/run_flags.ts";

/** How a run of the program ended. */
export interface Ended {
  readonly code: number;
  /** The signal that ended it, where one did. */
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Added to an environment that holds nothing of the program's own. */
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Uint8Array;
  /** Nobody reads stdout and stderr: both pipes are closed at once. */
  readonly deaf?: boolean;
}

/** A run that is under way. */
export interface Running {
  readonly pid: number;
  /** What it has written so far, stdout and stderr apart. */
  readonly stdout: string;
  readonly stderr: string;
  /** Resolves once stderr or stdout matches; rejects when the program ends before. */
  seen(pattern: RegExp): Promise<RegExpExecArray>;
  kill(signal: Deno.Signal): void;
  readonly ended: Promise<Ended>;
}

const MAIN = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "src", "main.ts");

/** Where a user's files go. */
const OF_PLACES = /^(?:HOME|XDG_CACHE_HOME|TMPDIR)$/;

/** Variables that lead Deno to its cache and its registry; all others would make a test depend on its machine. */
const OF_DENO =
  /^(?:HOME|XDG_CACHE_HOME|TMPDIR|DENO_.*|NPM_CONFIG_.*|npm_config_.*|NO_PROXY|HTTPS?_PROXY)$/;

/** The compiled program that EMAIL_DISPATCHER names; without it the sources, run as the tasks run them. */
export function programCommand(): { command: string; args: string[]; env: Record<string, string> } {
  const PATH = "/usr/bin:/bin";
  const compiled = Deno.env.get("EMAIL_DISPATCHER");
  if (compiled) {
    // Nothing else: a compiled program has to run where there is neither Deno nor Node.
    const places = Object.entries(Deno.env.toObject()).filter(([name]) => OF_PLACES.test(name));
    return { command: compiled, args: [], env: { ...Object.fromEntries(places), PATH } };
  }
  const own = Object.entries(Deno.env.toObject()).filter(([name]) => OF_DENO.test(name));
  return {
    command: Deno.execPath(),
    args: ["run", "--quiet", ...RUN_FLAGS, MAIN],
    env: { ...Object.fromEntries(own), PATH },
  };
}

/** Runs the program to its end. */
export async function runProgram(
  args: readonly string[],
  options: RunOptions = {},
): Promise<Ended> {
  return await startProgram(args, options).ended;
}

/** Starts the program. Without `stdin` it reads an empty one. */
export function startProgram(args: readonly string[], options: RunOptions = {}): Running {
  const program = programCommand();
  return start(program.command, [...program.args, ...args], {
    ...options,
    env: { ...program.env, ...options.env },
  });
}

/** Starts any command in an environment that holds `env` alone. */
export function start(command: string, args: readonly string[], options: RunOptions): Running {
  const { cwd, env, stdin = "", deaf = false } = options;
  const child = new Deno.Command(command, {
    args: [...args],
    ...(cwd !== undefined && { cwd }),
    clearEnv: true,
    env: { ...env },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const text = { stdout: "", stderr: "" };
  const waiting = new Set<() => void>();
  const collect = async (name: "stdout" | "stderr") => {
    if (deaf) return await child[name].cancel();
    for await (const chunk of child[name].pipeThrough(new TextDecoderStream())) {
      text[name] += chunk;
      for (const look of waiting) look();
    }
  };
  const input = typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin;
  // A program that does not read its input closes the pipe on us.
  const feed = ReadableStream.from([input]).pipeTo(child.stdin).catch(() => {});
  const ended = Promise.all([child.status, collect("stdout"), collect("stderr"), feed])
    .then(([{ code, signal }]) => ({ code, signal, ...text }));
  return {
    pid: child.pid,
    get stdout() {
      return text.stdout;
    },
    get stderr() {
      return text.stderr;
    },
    seen: (pattern) => seen(pattern, { text, waiting, ended }),
    kill: (signal) => child.kill(signal),
    ended,
  };
}

async function seen(
  pattern: RegExp,
  run: {
    text: { stdout: string; stderr: string };
    waiting: Set<() => void>;
    ended: Promise<Ended>;
  },
): Promise<RegExpExecArray> {
  const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
  const look = () => {
    const match = pattern.exec(run.text.stderr) ?? pattern.exec(run.text.stdout);
    if (match) resolve(match);
  };
  run.waiting.add(look);
  look();
  run.ended.then(
    ({ code, stdout, stderr }) =>
      reject(new Error(`Ended with ${code} before ${pattern}:\n${stdout}\n${stderr}`)),
    reject,
  );
  try {
    return await promise;
  } finally {
    run.waiting.delete(look);
  }
}
