import { parse, TomlDate, TomlError } from "smol-toml";
import * as v from "valibot";
import { InputError, type SourcePlace } from "../../model/input_error.ts";
import { nearest } from "../../text/nearest.ts";

// Each schema's message says what is accepted; it completes "must be ...".
const TEXT = v.string("a text in quotes");
const COUNT = v.pipe(v.number("a whole number"), v.integer("a whole number"));
const FLAG = v.boolean("true or false");
const MOMENT = v.union([v.instance(TomlDate), v.string()], "a date with time, or a text in quotes");
const TEXTS = v.union([v.string(), v.array(v.string())], "a text in quotes, or a list of them");

/** The keys of a campaign file. What belongs to one run alone (`--limit`, `--yes`) is a flag and has no key. */
const SCHEMA = v.strictObject({
  id: v.optional(TEXT),
  recipients: v.optional(TEXT),
  encoding: v.optional(TEXT),
  delimiter: v.optional(TEXT),
  email_column: v.optional(TEXT),
  date_format: v.optional(TEXT),
  suppress: v.optional(TEXTS),
  template: v.optional(TEXT),
  text: v.optional(TEXT),
  attachments: v.optional(TEXT),
  timezone: v.optional(TEXT),
  from: v.optional(TEXT),
  reply_to: v.optional(TEXT),
  verp: v.optional(TEXT),
  list_id: v.optional(TEXT),
  feedback_id: v.optional(TEXT),
  smtp: v.optional(TEXTS),
  connections: v.optional(COUNT),
  max_per_connection: v.optional(COUNT),
  window: v.optional(COUNT),
  threads: v.optional(COUNT),
  rate: v.optional(TEXT),
  ledger: v.optional(TEXT),
  outbox: v.optional(TEXT),
  start_at: v.optional(MOMENT),
  until: v.optional(MOMENT),
  strict: v.optional(FLAG),
  snapshot: v.optional(FLAG),
  log: v.optional(TEXT),
  log_format: v.optional(TEXT),
  progress: v.optional(TEXT),
  dkim: v.optional(v.strictObject({
    domain: v.optional(TEXT),
    selector: v.optional(TEXTS),
    key: v.optional(TEXTS),
  })),
  retry: v.optional(v.strictObject({
    retries: v.optional(COUNT),
    for: v.optional(TEXT),
    first: v.optional(TEXT),
    patience: v.optional(TEXT),
    in_doubt: v.optional(TEXT),
    wait: v.optional(FLAG),
  })),
  unsubscribe: v.optional(v.strictObject({
    url: v.optional(TEXT),
    mailto: v.optional(TEXT),
    secret_file: v.optional(TEXT),
    list: v.optional(TEXT),
    sender: v.optional(TEXT),
    trust_proxy: v.optional(COUNT),
  })),
});

/** A campaign file as read: its values as texts, by dotted key ("retry.for"). */
export interface CampaignFile {
  readonly path: string;
  /**
   * The values of a key, with the environment's for `${NAME}`; undefined where the file does not have it.
   *
   * @throws {InputError} with the line, for an environment variable that is not set
   */
  values(key: string): readonly string[] | undefined;
  /** The values as they are written. */
  written(key: string): readonly string[] | undefined;
  /** The line on which a key stands. */
  place(key: string): SourcePlace;
  /** The value was written as `${NAME}`, so that what it holds is not in the file. */
  fromEnvironment(key: string): boolean;
}

/**
 * Reads the text of a campaign file. `${NAME}` in a value stands for that environment variable, which is looked up when the value
 * is used.
 *
 * @throws {InputError} with the line, for broken TOML, an unknown key ("did you mean") or a value of the wrong type.
 */
export function readCampaignFile(
  path: string,
  text: string,
  env: (name: string) => string | undefined,
): CampaignFile {
  const document = parseToml(path, text);
  const checked = v.safeParse(SCHEMA, document);
  const place = (key: string): SourcePlace => {
    const line = lineOf(text, key.split("."));
    return line === undefined ? { file: path } : { file: path, line };
  };
  if (!checked.success) throw faultOf(checked.issues[0], place);

  const flat = new Map(flatten(checked.output));
  return {
    path,
    values: (key) => flat.get(key)?.map((raw) => fillIn(raw, () => place(key), env)),
    written: (key) => flat.get(key),
    place,
    fromEnvironment: (key) => flat.get(key)?.some((raw) => raw.includes("${")) ?? false,
  };
}

function parseToml(path: string, text: string): unknown {
  try {
    return parse(text.replace(/^\uFEFF/, ""));
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const reason = cause.message.split("\n")[0]!.replace(/^Invalid TOML document: /, "");
    throw new InputError(`Cannot read the campaign file as TOML: ${reason}`, {
      place: { file: path, line: cause.line, column: cause.column },
      cause,
    });
  }
}

type Issue = v.InferIssue<typeof SCHEMA>;

function faultOf(issue: Issue, place: (key: string) => SourcePlace): InputError {
  const path = (issue.path ?? []).map((item) => String(item.key));
  const key = path.join(".");
  if (issue.type !== "strict_object") {
    const found = typeof issue.input === "string" ? "a text" : issue.received;
    return new InputError(`'${key}' must be ${issue.message}: found ${found}`, {
      place: place(key),
    });
  }
  const known = keysOf(path.length > 1 ? path[0] : undefined);
  const name = path.at(-1) ?? "";
  const meant = nearest(name, known);
  return new InputError(`Unknown key '${key}'`, {
    place: place(key),
    hint: meant === undefined ? `known keys: ${known.join(", ")}` : `did you mean '${meant}'?`,
  });
}

/** The keys that a table of the file may have, or the file itself. */
function keysOf(table: string | undefined): string[] {
  const tables: Readonly<Record<string, { readonly wrapped: object }>> = SCHEMA.entries;
  const schema = table === undefined ? SCHEMA : tables[table]!.wrapped;
  return "entries" in schema ? Object.keys(schema.entries as object) : [];
}

/** Dotted keys with their values as texts. */
function* flatten(table: object, prefix = ""): Generator<[key: string, texts: string[]]> {
  for (const [key, value] of Object.entries(table) as [string, unknown][]) {
    if (value instanceof Date) yield [prefix + key, [value.toISOString()]];
    else if (Array.isArray(value)) yield [prefix + key, value.map(String)];
    else if (typeof value === "object" && value !== null) yield* flatten(value, `${prefix}${key}.`);
    else yield [prefix + key, [String(value)]];
  }
}

function fillIn(
  raw: string,
  place: () => SourcePlace,
  env: (name: string) => string | undefined,
): string {
  return raw.replaceAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (_, name: string) => {
    const value = env(name);
    if (value !== undefined) return value;
    throw new InputError(`The environment variable ${name} is not set`, {
      place: place(),
      hint: `set it, or write the value in place of \${${name}}`,
    });
  });
}

/** Where a key is assigned; the parser keeps no positions. An inline table's keys are found at the table's own line. */
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
