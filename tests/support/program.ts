import { join } from "node:path";

/** How the program is started. */
export interface ProgramOptions {
  readonly cwd?: string;
  /** Replaces the whole environment but PATH, HOME and what Deno needs to find its cache. */
  readonly env?: Readonly<Record<string, string>>;
  /** Text for standard input; nothing by default. */
  readonly stdin?: string;
}

/** How it ended. */
export interface Ended {
  readonly code: number;
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
}

const MAIN = join(import.meta.dirname!, "..", "..", "src", "main.ts");

/** Kept from our own environment: where Deno finds its cache, and how it checks certificates. */
const KEPT = ["PATH", "HOME", "DENO_DIR", "XDG_CACHE_HOME", "TMPDIR", "DENO_TLS_CA_STORE"];

/**
 * The command that starts the program under test: the file named by EMAIL_DISPATCHER (a compiled form), else the sources
 * with the permissions of `deno task send`.
 */
export function programCommand(): readonly string[] {
  const compiled = Deno.env.get("EMAIL_DISPATCHER");
  if (compiled !== undefined && compiled !== "") return [compiled];
  const permissions = ["net", "read", "write", "env", "sys=hostname"].map((name) =>
    `--allow-${name}`
  );
  return [Deno.execPath(), "run", "--no-check", "--no-prompt", ...permissions, MAIN];
}

/** Starts the program; its pipes are the caller's. */
export function startProgram(
  args: readonly string[],
  options: ProgramOptions = {},
): Deno.ChildProcess {
  const [command, ...before] = programCommand();
  const kept = KEPT.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  });
  return new Deno.Command(command!, {
    args: [...before, ...args],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    clearEnv: true,
    env: { ...Object.fromEntries(kept), NO_COLOR: "1", ...options.env },
    stdin: options.stdin === undefined ? "null" : "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Runs the program to its end. */
export async function runProgram(
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<Ended> {
  const child = startProgram(args, options);
  return await endOf(child, options.stdin);
}

/** Waits for the end of a started program. */
export async function endOf(child: Deno.ChildProcess, stdin?: string): Promise<Ended> {
  const output = child.output();
  if (stdin !== undefined) {
    // A program that ends early does not read all of it.
    await ReadableStream.from([new TextEncoder().encode(stdin)]).pipeTo(child.stdin).catch(
      () => {},
    );
  }
  const { code, signal, stdout, stderr } = await output;
  const decoder = new TextDecoder();
  return { code, signal, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** A folder with `files` for the time of `action`. */
export async function inFolder<T>(
  files: Readonly<Record<string, string | Uint8Array>>,
  action: (folder: string) => Promise<T>,
): Promise<T> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, content] of Object.entries(files)) {
      const path = join(folder, name);
      if (typeof content === "string") await Deno.writeTextFile(path, content);
      else await Deno.writeFile(path, content);
    }
    return await action(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
