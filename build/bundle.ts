import { join } from "node:path";
import { runDeno } from "./run_deno.ts";

/** The file of a bundle that starts the program. */
export const ENTRY = "main.js";

const TIMERS = [
  "clearImmediate",
  "clearInterval",
  "clearTimeout",
  "setImmediate",
  "setInterval",
  "setTimeout",
];

/**
 * Bundles the program and its packages into plain modules in `folder`, which need nothing besides Deno.
 *
 * Split in chunks, so that `--help` does not load the SMTP server: 113 ms instead of 161 for the start of one whole
 * file, where an empty program takes 90. Not minified: that gains 4 ms, and crash reports lose their names.
 *
 * @returns The names of the files, in order; `ENTRY` is one of them.
 */
export async function bundleProgram(entry: string, folder: string): Promise<string[]> {
  const options = ["--quiet", "--platform", "deno", "--code-splitting", "--outdir", folder];
  await runDeno(["bundle", ...options, entry]);
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  if (!names.includes(ENTRY)) throw new Error(`Bundling left no ${ENTRY} in ${names.join(", ")}`);
  for (const name of names) {
    const path = join(folder, name);
    const code = await Deno.readTextFile(path);
    await Deno.writeTextFile(path, withNodeTimers(code));
  }
  return names;
}

/**
 * Gives a chunk Node's timers where it uses them as objects.
 *
 * In a package, Deno hands out Node's globals; in a bundle the package's code is ours and gets Deno's, where
 * `setTimeout` returns a number before Deno 2.6 and `.unref()` is missing.
 */
export function withNodeTimers(code: string): string {
  if (!/\.(?:unref|ref|hasRef|refresh)\(/.test(code)) return code;
  const used = TIMERS.filter((timer) =>
    new RegExp(`\\b${timer}\\b`).test(code) &&
    // Imported under this very name already.
    !new RegExp(`import\\s*\\{[^}]*(?<!\\w)${timer}\\s*[,}]`).test(code)
  );
  return used.length === 0 ? code : `import { ${used.join(", ")} } from "node:timers";\n${code}`;
}
