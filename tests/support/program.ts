import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { RUN_FLAGS } from "../../build/run_flags.ts";
import { type Ended, type ProcessOptions, type Running, start } from "./process.ts";

export { type Ended, type Running, start } from "./process.ts";

/** `env` is added to an environment that holds nothing of the program's own. */
export type RunOptions = ProcessOptions;

const MAIN = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "src", "main.ts");

/** The folders for a user's files. */
const OF_PLACES = /^(?:HOME|XDG_CACHE_HOME|TMPDIR)$/;

/** Variables that lead Deno to its cache and its registry; all others would make a test depend on its machine. */
const OF_DENO =
  /^(?:HOME|XDG_CACHE_HOME|TMPDIR|DENO_.*|NPM_CONFIG_.*|npm_config_.*|NO_PROXY|HTTPS?_PROXY)$/;

/** The user-wide configuration of whoever runs the tests must not decide who is mailed in them: here there is none. */
const NO_USER_FILE = { XDG_CONFIG_HOME: "/nonexistent" };

/** The compiled program that EMAIL_DISPATCHER names; without it the sources, run as the tasks run them. */
export function programCommand(): { command: string; args: string[]; env: Record<string, string> } {
  const PATH = "/usr/bin:/bin";
  const compiled = Deno.env.get("EMAIL_DISPATCHER");
  if (compiled) {
    // Nothing else: a compiled program has to run without Deno and Node installed.
    const places = Object.entries(Deno.env.toObject()).filter(([name]) => OF_PLACES.test(name));
    return {
      command: compiled,
      args: [],
      env: { ...Object.fromEntries(places), ...NO_USER_FILE, PATH },
    };
  }
  const own = Object.entries(Deno.env.toObject()).filter(([name]) => OF_DENO.test(name));
  return {
    command: Deno.execPath(),
    args: ["run", "--quiet", ...RUN_FLAGS, MAIN],
    env: { ...Object.fromEntries(own), ...NO_USER_FILE, PATH },
  };
}

/** Runs the program to its end. */
export async function runProgram(
  args: readonly string[],
  options: RunOptions = {},
): Promise<Ended> {
  return await startProgram(args, options).ended;
}

/** Starts the program. */
export function startProgram(args: readonly string[], options: RunOptions = {}): Running {
  const program = programCommand();
  return start(program.command, [...program.args, ...args], {
    ...options,
    env: { ...program.env, ...options.env },
  });
}
