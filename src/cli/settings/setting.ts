/** How a value is written in a campaign file. */
export type FileType = "text" | "texts" | "count" | "switch" | "moment";

/** One setting: its flag, its environment variable and its key in the campaign file all come from this. */
export interface Setting {
  /** Heading of the help under which the flag is listed. */
  readonly heading: string;
  /** What the flag takes, such as "<file>"; undefined: it is a switch. */
  readonly argument?: string;
  /** The flag's short form: "q". */
  readonly short?: string;
  /** What the flag does, for `--help`; without its default. */
  readonly help: string;
  /** What applies if it is not given, as `--help` shows it: "10", "detected". */
  readonly default?: string;
  /** May be given several times. */
  readonly repeatable?: true;
  /** Key in the campaign file, "retry.for"; undefined: it belongs to one run and has none. */
  readonly key?: string;
  /** How the key's value is written; `text` unless given. */
  readonly type?: FileType;
  /** The variable is not `EMAIL_DISPATCHER_<FLAG>` but this one; false: there is none. */
  readonly variable?: string | false;
  /** There is no flag: another one covers it, or it can only be set in the campaign file. */
  readonly noFlag?: true;
  /** The value is a secret, or can contain one: it appears in no output. */
  readonly secret?: true;
}

/** Settings under one heading of the help. */
export function settings<Name extends string>(
  heading: string,
  table: Readonly<Record<Name, Omit<Setting, "heading">>>,
): Readonly<Record<Name, Setting>> {
  const all = Object.entries<Omit<Setting, "heading">>(table);
  return Object.fromEntries(
    all.map(([name, setting]) => [name, { heading, ...setting }]),
  ) as Record<
    Name,
    Setting
  >;
}
