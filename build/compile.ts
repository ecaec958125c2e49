// deno-lint-ignore-file no-console -- a script for the terminal
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { bundleProgram, ENTRY } from "./bundle.ts";
import { RUN_FLAGS } from "./run_flags.ts";
import { writePortable } from "./portable.ts";
import { prove } from "./prove.ts";
import { DenoFailure, runDeno } from "./run_deno.ts";

const USAGE = `Usage: deno task compile [--portable] [--output FILE]

Makes one executable file that needs neither Deno nor Node, by default dist/email-dispatcher.

  --portable     the portable form: a script that unpacks Deno and the program into the user's cache. Chosen
                 without this flag too where the base of "deno compile" cannot be downloaded and DENORT_BIN, the
                 path of one, is not set.
  --output FILE  where to write it`;

/** The message of `deno compile` if it has no base executable to embed the program in. */
const NO_BASE = "Setting up base binary";

/**
 * Makes the official form with `deno compile`. The code cache is disabled: Deno keeps it in the folder for temporary
 * files under a predictable name, and it saves nothing (100 ms with it, 99 ms without).
 */
async function writeOfficial(folder: string, output: string): Promise<void> {
  const options = ["--quiet", "--no-check", "--no-config", "--no-lock", "--no-code-cache"];
  // Deno only overwrites executables that it made itself, which a portable form is not.
  const part = `${output}.part`;
  await Deno.remove(part).catch(unlessAbsent);
  await runDeno(["compile", ...options, ...RUN_FLAGS, "--output", part, join(folder, ENTRY)]);
  await Deno.rename(part, output);
}

function unlessAbsent(error: unknown): void {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

/** Makes the official form if that is possible here, otherwise the portable one; returns which. */
async function writeEither(
  bundle: { folder: string; names: string[] },
  output: string,
): Promise<string> {
  try {
    await writeOfficial(bundle.folder, output);
    return "deno compile";
  } catch (error) {
    if (!(error instanceof DenoFailure) || !error.talk.includes(NO_BASE)) throw error;
    if (Deno.env.get("DENORT_BIN")) throw error;
    console.error(
      "deno compile: its base cannot be downloaded here and DENORT_BIN is not set; making the portable form",
    );
    await writePortable(bundle, Deno.execPath(), output);
    return "portable form";
  }
}

async function compile(options: { portable: boolean; output: string }): Promise<void> {
  const { portable, output } = options;
  await Deno.mkdir(dirname(output), { recursive: true });
  const folder = await Deno.makeTempDir({ prefix: "email-dispatcher-bundle-" });
  try {
    const names = await bundleProgram("src/main.ts", folder);
    const bundle = { folder, names };
    const form = portable
      ? await writePortable(bundle, Deno.execPath(), output).then(() => "portable form")
      : await writeEither(bundle, output);
    await prove(output);
    const { size } = await Deno.stat(output);
    console.error(`${output}: ${form}, Deno ${Deno.version.deno}, ${Math.round(size / 1e6)} MB`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const { values } = parseArgs({
  args: Deno.args,
  options: {
    help: { type: "boolean", short: "h", default: false },
    portable: { type: "boolean", default: false },
    output: { type: "string", default: "dist/email-dispatcher" },
  },
});
try {
  if (values.help) console.log(USAGE);
  else await compile(values);
} catch (error) {
  console.error(`compile: ${error instanceof Error ? error.message : error}`);
  Deno.exit(1);
}
