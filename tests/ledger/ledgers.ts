import type { BadRow, Recipient } from "../../src/model/recipient.ts";
import type { Reply } from "../../src/model/reply.ts";
import type {
  CampaignFacts,
  Change,
  Claim,
  LedgerRow,
  ListEntry,
} from "../../src/ledger/ledger.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import { SqliteLedger } from "../../src/ledger/sqlite/sqlite_ledger.ts";
import type { State } from "../../src/model/state.ts";
import { openDatabase } from "../support/database.ts";

/** A temporary folder, removed at the end. */
export class Folder implements Disposable {
  readonly path = Deno.makeTempDirSync({ prefix: "ledger-test-" });

  file(name = "c.ledger"): string {
    return `${this.path}/${name}`;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

export const FACTS: CampaignFacts = {
  campaign: "c",
  columns: ["Email"],
  list: "list 1",
  template: "template 1",
  relays: ["mx.test:25"],
};

export function openAt(
  path: string,
  { facts = {} }: { facts?: Partial<CampaignFacts> } = {},
): SqliteLedger {
  return new SqliteLedger({ path, facts: { ...FACTS, ...facts } });
}

/** The recipient of a line: "a@x.test" on line 2. */
export function recipient(line: number, address = `r${line}@x.test`): Recipient {
  return { kind: "recipient", key: address, line, address, fields: [address] };
}

export function badRow(line: number, reason = "Address is empty"): BadRow {
  return { kind: "bad-row", line, address: "", fields: [""], reason };
}

export function entry(row: Recipient | BadRow, skip?: string): ListEntry {
  return { row, skip };
}

/** Entries for the lines from `first` to `last`. */
export function entries(first: number, last: number): ListEntry[] {
  return Array.from({ length: last - first + 1 }, (_, at) => entry(recipient(first + at)));
}

/** The ids of the claims that are ours to send. */
export function idsOf(claims: readonly Claim[]): number[] {
  return claims.flatMap((claim) => claim.kind === "job" ? [claim.id] : []);
}

const NO_SUCH_USER = reply(550, "5.1.1");

export function reply(code: number, enhanced?: string, text = "text"): Reply {
  return { code, enhanced, text, lines: [text] };
}

export const OUTCOMES = {
  sent: { state: "sent", stage: "body", reply: reply(250, "2.0.0") },
  failed: { state: "failed", stage: "rcpt", reply: NO_SUCH_USER, reason: "RCPT was refused" },
  "in-doubt": { state: "in-doubt", stage: "body", reason: "No reply" },
  invalid: { state: "invalid", reason: "Not a mail" },
  skipped: { state: "skipped", reason: "Suppressed" },
} as const satisfies Partial<Record<State, Outcome>>;

/** Put off by the server until `notBefore`. */
export function deferred(notBefore: number, counted = true): Outcome {
  const reason = "RCPT was put off";
  return { state: "deferred", stage: "rcpt", reply: reply(450), notBefore, counted, reason };
}

export function settled(id: number, outcome: Outcome, at = 1_000): Change {
  return { kind: "outcome", id, at, relay: "mx.test:25", messageId: `<${id}@x>`, outcome };
}

export function handedOver(id: number): Change & { readonly kind: "handed-over" } {
  return {
    kind: "handed-over",
    id,
    at: 500,
    relay: "mx.test:25",
    messageId: `<${id}@x>`,
    size: 700,
  };
}

export async function rowsOf(
  ledger: { rows(states?: readonly State[]): AsyncIterable<LedgerRow> },
  states?: readonly State[],
): Promise<LedgerRow[]> {
  return await Array.fromAsync(ledger.rows(states));
}

/** Address and state of every row: "r2@x.test sent". */
export async function statesOf(ledger: Parameters<typeof rowsOf>[0]): Promise<string[]> {
  return (await rowsOf(ledger)).map(({ address, line, state }) =>
    `${address === "" ? `line ${line}` : address} ${state}`
  );
}

/**
 * Makes the ledger fail with "disk full" if `when` holds, as seen by any connection: what a real disk does, at a place of
 * our choosing. Disposing gives the disk room again.
 */
export function fullDisk(
  path: string,
  on: "INSERT" | "UPDATE",
  when = "1",
  table = "recipient",
): Disposable {
  const run = (statement: string) => {
    using database = openDatabase(path);
    database.exec(statement);
  };
  run(
    `CREATE TRIGGER full BEFORE ${on} ON ${table} WHEN ${when}
     BEGIN SELECT RAISE(ROLLBACK, 'database or disk is full'); END`,
  );
  return { [Symbol.dispose]: () => run("DROP TRIGGER full") };
}

/** Replaces the tables of a ledger that differ in version 3 by those of version 3. */
export function makeVersion3(path: string): void {
  using database = openDatabase(path);
  database.exec(`
    DROP INDEX recipient_left_out;
    DROP TABLE run;
    ALTER TABLE recipient DROP COLUMN run;
    ALTER TABLE recipient DROP COLUMN size;
    ALTER TABLE recipient DROP COLUMN attachments;
    ALTER TABLE recipient DROP COLUMN accepted;
    ALTER TABLE recipient DROP COLUMN replaced_by;
    ALTER TABLE recipient DROP COLUMN copy_of;
    PRAGMA user_version = 3;
  `);
}

/** The same for version 1. */
export function makeVersion1(path: string): void {
  makeVersion3(path);
  using database = openDatabase(path);
  database.exec(`
    DROP TABLE recipient_of_key;
    DROP INDEX recipient_due;
    CREATE INDEX recipient_due ON recipient (not_before) WHERE state IN (0, 3);
    CREATE UNIQUE INDEX recipient_key ON recipient (key) WHERE key IS NOT NULL;
    ALTER TABLE tally DROP COLUMN keyed_up_to;
    ALTER TABLE recipient DROP COLUMN room;
    ALTER TABLE tally DROP COLUMN exact;
    ALTER TABLE tally ADD COLUMN open_from INTEGER NOT NULL DEFAULT 1;
    PRAGMA user_version = 1;
  `);
}
