import { randomBytes } from "node:crypto";
import type { CampaignFacts, LedgerOpening } from "../../ledger.ts";
import { noteColumns } from "../list_columns.ts";
import type { SqliteStore } from "../store.ts";
import type { WriterState } from "../writer_state.ts";
import * as sql from "../statements.ts";
import { countRows, readTally, releaseClaimed } from "../tally/stored_tally.ts";

/** Name of the fact. */
export const VERP_SECRET = "verp-secret";
/** Octets: as many as HMAC-SHA256 gains by (RFC 2104, 3). */
const VERP_SECRET_LENGTH = 32;

/** Reads what the last run left, and makes this run's facts the ledger's; inside a transaction. */
export function takeOver(
  store: SqliteStore,
  writer: WriterState,
  facts: CampaignFacts,
): LedgerOpening {
  const before = store.fact("campaign") as CampaignFacts | undefined;
  const stored = readTally(store);
  writer.counts.load(stored.counts.toJSON());
  writer.revision = Number(store.fact("revision") ?? 1);
  const newlyInDoubt = recover(store, writer);
  const known = before !== undefined && before.list !== "" &&
    (before.list === facts.list || before.list === facts.continues);
  if (before !== undefined && !known) beginRevision(store, writer);
  writer.upToLine = known ? stored.upToLine : 0;
  noteColumns(store, writer.revision, { before, now: facts });
  store.setFact("campaign", facts);
  store.setFact("revision", writer.revision);
  const verpSecret = secretOf(store);
  return { before, newlyInDoubt, resumeAfterLine: writer.upToLine, verpSecret };
}

function secretOf(store: SqliteStore): string {
  const kept = store.fact(VERP_SECRET);
  if (typeof kept === "string") return kept;
  const secret = randomBytes(VERP_SECRET_LENGTH).toString("hex");
  store.setFact(VERP_SECRET, secret);
  return secret;
}

/** What a process that ended abruptly had: claimed was certainly not sent, handed over may have been. */
function recover(store: SqliteStore, { counts }: WriterState): number {
  if (counts.of("claimed") > 0) {
    releaseClaimed(store, counts);
    store.statement(sql.RECOVER_CLAIMED).run();
  }
  if (counts.of("handed-over") === 0) return 0;
  const handedOver = Number(store.statement(sql.RECOVER_HANDED_OVER).run().changes);
  counts.move("handed-over", "in-doubt", handedOver);
  return handedOver;
}

/** A different list: every row of it is met again, and waiting recipients wait until theirs is. */
function beginRevision(store: SqliteStore, writer: WriterState): void {
  writer.revision++;
  store.statement(sql.FORGET_INVALID).run(writer.revision);
  recount(store, writer);
}

/** Counts the states again: after changes to an unknown number of rows in each state. */
export function recount(store: SqliteStore, { counts }: WriterState): void {
  counts.load(countRows(store).toJSON());
}
