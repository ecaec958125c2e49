import { unreadable } from "./unreadable.ts";

/**
 * Reads a file that contains a secret; adds a warning if everybody on this machine can read it.
 *
 * @throws {InputError} if it cannot be read.
 */
export function readSecretFile(what: string, path: string, warnings: string[]): string {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (cause) {
    throw unreadable(what, path, cause).about("secret");
  }
  const mode = Deno.build.os === "windows" ? null : Deno.statSync(path).mode;
  if (mode !== null && (mode & 0o004) !== 0) {
    warnings.push(`The ${what} ${path} can be read by everybody; chmod 600 ${path}`);
  }
  return text;
}
