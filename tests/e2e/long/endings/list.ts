/** The list of a scenario: its text, and what the oracle has to know about each row. */
import type { End, Kind, Scenario } from "./scenario.ts";

/** Repeated, this exceeds the relay's SIZE. */
const TOO_LARGE = "x".repeat(60) + " ";
export const SIZE_LIMIT = 20_000;

/** One row of the list. */
export interface Row {
  /** Its line in the file; the header is line 1. */
  readonly line: number;
  /** The address cell. */
  readonly address: string;
  /** The address in lower case, which tells recipients apart; undefined: the row has no usable one. */
  readonly key: string | undefined;
  /** The fate named in the address; "": none. */
  readonly fate: string;
  readonly suppressed: "by-file" | "by-list" | undefined;
  /** The row as it is written. */
  readonly text: string;
}

export function listOf({ rows }: Scenario): readonly Row[] {
  const recipients = rows.flatMap((kind, at) => kind.kind === "recipient" ? [{ kind, at }] : []);
  return rows.map((kind, at): Row => {
    if (kind.kind !== "duplicate") return rowOf(kind, at);
    const original = recipients[kind.of % recipients.length];
    // There is no recipient to duplicate.
    if (original === undefined) return rowOf({ kind: "bad-address", address: "" }, at);
    const row = rowOf(original.kind, original.at);
    const address = row.address.toUpperCase();
    return { ...row, line: at + 2, address, text: row.text.replace(row.address, address) };
  });
}

function rowOf(kind: Exclude<Kind, { kind: "duplicate" }>, at: number): Row {
  const row = { line: at + 2, key: undefined, fate: "", suppressed: undefined };
  const name = `Person ${at}`;
  switch (kind.kind) {
    case "bad-address":
      return { ...row, address: kind.address, text: `${name},${kind.address},note` };
    case "too-few-fields":
      return { ...row, address: `sent.${at}@x.test`, text: `${name},sent.${at}@x.test` };
    case "empty-value":
      return { ...row, address: `sent.${at}@x.test`, text: `,sent.${at}@x.test,note` };
    case "recipient": {
      const { fate, suppressed } = kind;
      const address = `${fate}.${at}@x.test`;
      const note = fate === "too-large" ? TOO_LARGE.repeat(2 * SIZE_LIMIT / TOO_LARGE.length) : "n";
      return {
        ...row,
        fate,
        suppressed,
        address,
        key: address,
        text: `${name},${address},${note}`,
      };
    }
  }
}

/** The recipients of the list, each with all its rows. */
export function recipientsOf(list: readonly Row[]): ReadonlyMap<string, readonly Row[]> {
  const keyed = list.filter((row) => row.key !== undefined);
  return Map.groupBy(keyed, ({ key }) => key!);
}

/** The keys that `--only` names. */
export function chosen(
  list: readonly Row[],
  { each }: End & { kind: "only" },
): ReadonlySet<string> {
  const keys = [...new Set(list.flatMap(({ key }) => key ?? []))];
  return new Set(keys.filter((_, at) => at % each === 0));
}

/** The files of a scenario's folder. */
export function filesOf(list: readonly Row[], firstRetry: number): Record<string, string> {
  const left = list.filter(({ suppressed }) => suppressed === "by-file");
  return {
    "list.csv": ["Name,Email,Note", ...list.map(({ text }) => text), ""].join("\n"),
    "mail.txt":
      "From: Acme <news@acme.test>\nSubject: Hello, {{ Name }}\n\nDear {{ Name }}: {{ Note }}\n",
    "left.csv": ["Email", ...left.map(({ address }) => address), ""].join("\n"),
    "campaign.toml":
      `id = "c"\nrecipients = "list.csv"\ntemplate = "mail.txt"\n\n[retry]\nfirst = "${firstRetry}s"\n`,
  };
}
