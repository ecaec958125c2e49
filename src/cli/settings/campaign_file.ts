import { TomlDate } from "smol-toml";
import * as v from "valibot";
import { InputError, type SourcePlace } from "../../model/input_error.ts";
import { nearest } from "../../text/nearest.ts";
import type { FileType } from "./setting.ts";
import { SETTING_NAMES, settingOf } from "./settings.ts";
import { parseToml, placeOfKey } from "./toml.ts";

/** The schema of each type; its message says what is accepted and completes "must be …". */
const TYPES: Readonly<Record<FileType, v.GenericSchema>> = {
  text: v.string("a string in quotes"),
  texts: v.union([v.string(), v.array(v.string())], "a string in quotes, or a list of them"),
  count: v.pipe(v.number("a whole number"), v.integer("a whole number")),
  switch: v.boolean("true or false"),
  moment: v.union(
    [v.instance(TomlDate), v.string()],
    "a date with a time, or a string in quotes",
  ),
};

/** The keys of the file itself ("") and of each table in it, with their types, from the table of settings. */
const KEYS = keysByTable();

/** Settings of a single run (`--limit`, `--yes`) are flags and have no key. */
const SCHEMA = v.strictObject({
  ...entriesOf(""),
  ...Object.fromEntries(
    [...KEYS.keys()].filter((table) => table !== "")
      .map((table) => [table, v.optional(v.strictObject(entriesOf(table)))]),
  ),
});

function keysByTable(): Map<string, Map<string, FileType>> {
  const tables = new Map<string, Map<string, FileType>>([["", new Map()]]);
  for (const { key, type = "text" } of SETTING_NAMES.map(settingOf)) {
    if (key === undefined) continue;
    const [name, table = ""] = key.split(".").reverse() as [string, string?];
    if (!tables.has(table)) tables.set(table, new Map());
    tables.get(table)!.set(name, type);
  }
  return tables;
}

function entriesOf(table: string): Record<string, v.GenericSchema> {
  return Object.fromEntries(
    [...KEYS.get(table)!].map(([name, type]) => [name, v.optional(TYPES[type])]),
  );
}

/** A campaign file as read: its values as texts, by dotted key ("retry.for"). */
export interface CampaignFile {
  readonly path: string;
  /**
   * The values of a key, with the environment's for `${NAME}`; undefined if the file does not have it.
   *
   * @throws {InputError} with the line, for an environment variable that is not set
   */
  values(key: string): readonly string[] | undefined;
  /** The values as they are written. */
  written(key: string): readonly string[] | undefined;
  /** The line of a key. */
  place(key: string): SourcePlace;
  /** The value was written as `${NAME}`, so the file does not contain it. */
  fromEnvironment(key: string): boolean;
}

/**
 * Reads the text of a campaign file. `${NAME}` in a value means that environment variable, which is looked up when the
 * value is used.
 *
 * @throws {InputError} with the line, for broken TOML, an unknown key ("did you mean") or a value of the wrong type.
 */
export function readCampaignFile(
  path: string,
  text: string,
  env: (name: string) => string | undefined,
): CampaignFile {
  const document = parseToml("campaign file", path, text);
  const checked = v.safeParse(SCHEMA, document);
  const place = (key: string): SourcePlace => placeOfKey(path, text, key);
  if (!checked.success) throw faultOf(checked.issues[0]!, place);

  const flat = new Map(flatten(checked.output));
  return {
    path,
    values: (key) => flat.get(key)?.map((raw) => fillIn(raw, () => place(key), env)),
    written: (key) => flat.get(key),
    place,
    fromEnvironment: (key) => flat.get(key)?.some((raw) => raw.includes("${")) ?? false,
  };
}

function faultOf(issue: v.BaseIssue<unknown>, place: (key: string) => SourcePlace): InputError {
  const path = (issue.path ?? []).map((item) => String(item.key));
  const key = path.join(".");
  if (issue.type !== "strict_object") {
    const found = typeof issue.input === "string" ? "a string" : issue.received;
    return new InputError(`'${key}' must be ${issue.message}: found ${found}`, {
      place: place(key),
    });
  }
  const known = keysOf(path.length > 1 ? path[0] : undefined);
  const name = path.at(-1) ?? "";
  const meant = nearest(name, known);
  return new InputError(`Unknown key '${key}'`, {
    place: place(key),
    hint: meant === undefined ? `Known keys: ${known.join(", ")}.` : `Did you mean '${meant}'?`,
  });
}

/** The keys that a table of the file, or the file itself, can have. */
function keysOf(table = ""): string[] {
  const keys = [...KEYS.get(table)!.keys()];
  return table === "" ? [...keys, ...[...KEYS.keys()].filter((name) => name !== "")] : keys;
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
      hint: `Set it, or write the value in place of \${${name}}.`,
    });
  });
}
