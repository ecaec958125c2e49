import { parse, TomlError } from "smol-toml";
import { InputError, type SourcePlace } from "../../model/input_error.ts";

/**
 * Parses the text of a configuration file, which may begin with a byte order mark.
 *
 * @param what What to call the file in an error: "campaign file".
 * @throws {InputError} with line and column, for broken TOML
 */
export function parseToml(what: string, path: string, text: string): Record<string, unknown> {
  try {
    return parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const reason = cause.message.split("\n")[0]!.replace(/^Invalid TOML document: /, "");
    throw new InputError(`Cannot read the ${what} as TOML: ${reason}`, {
      place: { file: path, line: cause.line, column: cause.column },
      cause,
    });
  }
}

/** The place of a dotted key in a file: its line, as far as it can be found. */
export function placeOfKey(path: string, text: string, key: string): SourcePlace {
  const line = lineOf(text, key.split("."));
  return line === undefined ? { file: path } : { file: path, line };
}

/** The line where a key is assigned; the parser keeps no positions. Keys of an inline table are at the table's own line. */
function lineOf(text: string, path: readonly string[]): number | undefined {
  let table: string[] = [];
  let outer: number | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    const header = /^\s*\[\[?([^\]]+)\]/.exec(line);
    if (header) {
      table = namesOf(header[1]!);
      if (isSame(table, path)) return index + 1;
      continue;
    }
    const assigned = /^\s*([^=#]+?)\s*=/.exec(line);
    if (!assigned) continue;
    const found = [...table, ...namesOf(assigned[1]!)];
    if (isSame(found, path)) return index + 1;
    if (isSame(found, path.slice(0, found.length))) outer ??= index + 1;
  }
  return outer;
}

function namesOf(dotted: string): string[] {
  return dotted.split(".").map((name) => name.trim().replace(/^(["'])(.*)\1$/, "$2"));
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index]);
}
