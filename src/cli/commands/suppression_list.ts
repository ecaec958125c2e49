import { stringify } from "csv-stringify/sync";
import { readSuppression } from "../../suppression/suppression_files.ts";
import type { Suppressed } from "../../suppression/suppression.ts";
import {
  openSuppressionList,
  readSuppressionList,
  type SuppressionList,
} from "../../suppression/suppression_list.ts";
import { escapeInvisibleInJson, escapeLine } from "../../text/escape.ts";
import { countOf, countText } from "../../text/quantity.ts";
import { InputError } from "../../model/input_error.ts";
import type { ExitCode } from "../../model/exit_code.ts";
import { resolveSuppressionList } from "../options/suppression.ts";
import { keyOf } from "../options/recipient_key.ts";
import { type Flags, openSources } from "../settings/sources.ts";
import type { ProcessContext } from "../process_context.ts";

// The bodies of `unsubscribe add`, `remove`, `list` and `import`.

/** Rows written at a time: a transaction blocks all other writers for some milliseconds. */
const CHUNK = 1_000;
const COLUMNS = ["email", "at", "campaign", "source", "reason"];

/** Adds addresses; exit 0 even if they are already on the list. */
export async function add(
  emails: readonly string[],
  flags: Flags,
  context: ProcessContext,
): Promise<ExitCode> {
  const keys = emails.map((text) => keyOf({ text, name: "unsubscribe add", folder: "." }));
  using list = openSuppressionList(await pathOfList(flags, context));
  for (const key of keys) {
    const isNew = list.add([entered(key, "hand", flags, context)]) === 1;
    say(context, `${key}: ${isNew ? "added" : "already on the list"}`);
  }
  return 0;
}

/** Removes addresses; exit 1 if one is not on the list. */
export async function remove(
  emails: readonly string[],
  flags: Flags,
  context: ProcessContext,
): Promise<ExitCode> {
  const keys = emails.map((text) => keyOf({ text, name: "unsubscribe remove", folder: "." }));
  const path = await pathOfList(flags, context);
  existing(path)[Symbol.dispose]();
  using list = openSuppressionList(path);
  const removed = new Set(list.remove(keys));
  for (const key of keys) {
    say(context, `${key}: ${removed.has(key) ? "removed from the list" : "not on the list"}`);
  }
  return keys.every((key) => removed.has(key)) ? 0 : 1;
}

/** Prints CSV that `import` and `--suppress` can read, or a JSON array with one object per line. */
export async function list(flags: Flags, context: ProcessContext): Promise<ExitCode> {
  const { stdout } = context;
  const sources = await openSources(flags, context, "user-file");
  using list = existing(resolveSuppressionList(sources).path);
  const isJson = sources.isOn("json");
  const text = isJson ? jsonOf(list.entries()) : csvOf(list.entries());
  for (const part of text) {
    await stdout.write(part);
    if (stdout.closed) break;
  }
  return 0;
}

/** Adds the addresses in a file; exit 1 if a line has none. */
export async function importFile(
  file: string,
  flags: Flags,
  context: ProcessContext,
): Promise<ExitCode> {
  const { signal } = context;
  const path = await pathOfList(flags, context);
  const read = await readSuppression([file], signal);
  const { size, ignored } = read;
  for (const { file, line, reason } of ignored.examples) {
    say(context, `${file}:${line}: ${reason}`);
  }
  using list = openSuppressionList(path);
  let fresh = 0;
  for (const chunk of chunks(read.keys())) {
    signal.throwIfAborted();
    fresh += list.add(chunk.map((key) => entered(key, "import", flags, context)));
  }
  const known = size === fresh ? "" : `, ${countText(size - fresh)} already on the list`;
  const unread = ignored.count === 0
    ? ""
    : `; ${countOf(ignored.count, "line")} without a usable address`;
  say(context, `${countOf(fresh, "address", "addresses")} added${known}${unread}`);
  return ignored.count === 0 ? 0 : 1;
}

async function pathOfList(flags: Flags, context: ProcessContext): Promise<string> {
  return resolveSuppressionList(await openSources(flags, context, "user-file")).path;
}

function existing(path: string): SuppressionList {
  const list = readSuppressionList(path);
  if (list !== undefined) return list;
  throw new InputError(`There is no suppression list '${path}'`, {
    hint: "Name one with --suppression-list; 'unsubscribe serve', 'add' and 'import' create it.",
  });
}

function entered(
  key: string,
  source: Suppressed["source"],
  { reason }: Flags,
  { now }: ProcessContext,
): Suppressed {
  const said = reason === undefined ? undefined : String(reason);
  return { key, at: now(), campaign: undefined, source, reason: said };
}

/** Quotes a cell with any kind of line end; csv-stringify does so only for the line end of the records. */
const CSV = { record_delimiter: "windows", quote_record_delimiter: true } as const;

function* csvOf(entries: Iterable<Suppressed>): Generator<string> {
  yield stringify([COLUMNS], CSV);
  for (const chunk of chunks(entries)) {
    const rows = chunk.map(({ key, at, campaign, source, reason }) => [
      key,
      new Date(at).toISOString(),
      harmless(campaign),
      source,
      harmless(reason),
    ]);
    yield stringify(rows, CSV);
  }
}

/** Keeps spreadsheets from running formulas. Addresses stay as they are: an apostrophe would turn one into somebody else's. */
function harmless(text: string | undefined): string | undefined {
  return text !== undefined && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

function* jsonOf(entries: Iterable<Suppressed>): Generator<string> {
  let before = "[\n";
  for (const chunk of chunks(entries)) {
    const rows = chunk.map(({ key, at, campaign, source, reason }) =>
      escapeInvisibleInJson(JSON.stringify({
        email: key,
        at: new Date(at).toISOString(),
        campaign: campaign ?? null,
        source,
        reason: reason ?? null,
      }))
    );
    yield before + rows.join(",\n");
    before = ",\n";
  }
  yield before === "[\n" ? "[]\n" : "\n]\n";
}

function* chunks<T>(items: Iterable<T>): Generator<T[]> {
  let chunk: T[] = [];
  for (const item of items) {
    if (chunk.push(item) < CHUNK) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}

function say({ terminal }: ProcessContext, text: string): void {
  terminal.write(`${escapeLine(text)}\n`);
}
