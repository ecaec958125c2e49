import { randomBytes } from "node:crypto";
import { wallTime } from "../../../time/clock.ts";
import type { CampaignFacts, LedgerOpening } from "../../ledger.ts";
import { withEntered } from "./choice.ts";
import { withEarlier } from "./earlier_list.ts";
import { noteColumns } from "../list_columns.ts";
import type { SqliteStore } from "../store.ts";
import type { WriterState } from "../writer_state.ts";
import * as sql from "../statements.ts";
import { countRows, readTally, releaseClaimed } from "../tally/stored_tally.ts";

/** Name of the fact that holds the secret. */
export const VERP_SECRET = "verp-secret";
/** In octets: a longer key would not strengthen HMAC-SHA256 (RFC 2104, 3). */
const VERP_SECRET_LENGTH = 32;

/** Reads what the last run left, and stores the facts of this run; call it inside a transaction. */
export function takeOver(
  store: SqliteStore,
  writer: WriterState,
  facts: CampaignFacts,
): LedgerOpening {
  const before = store.fact("campaign") as CampaignFacts | undefined;
  const stored = readTally(store);
  writer.counts.load(stored.counts.toJSON());
  const revision = writer.revision = Number(store.fact("revision") ?? 1);
  const newlyInDoubt = recover(store, writer);
  const known = before !== undefined && before.list !== "" &&
    (before.list === facts.list || before.list === facts.continues);
  if (before !== undefined && !known) beginRevision(store, writer);
  if (before !== undefined && before.key !== facts.key) skipOtherwiseKeyed(store, writer, facts);
  writer.upToLine = known ? stored.upToLine : 0;
  noteColumns(store, writer.revision, { before, now: facts });
  writer.facts = withEarlier(
    store,
    withEntered(store, writer, facts, known ? before : undefined),
    { before, revision },
  );
  store.setFact("campaign", writer.facts);
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

/** Recovers what a dead process held: claimed mails were certainly not sent, those handed over may have been. */
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

/** Begins a different list: every row is entered again, and waiting recipients wait until theirs is reached. */
function beginRevision(store: SqliteStore, writer: WriterState): void {
  writer.revision++;
  store.statement(sql.FORGET_INVALID).run(writer.revision);
  recount(store, writer);
}

/** Skips those who wait under keys of another kind; nobody was mailed under one, see `refuseOtherKey()`. */
function skipOtherwiseKeyed(
  store: SqliteStore,
  writer: WriterState,
  { key }: CampaignFacts,
): void {
  const reason = key === undefined
    ? "Recipients are now identified by address alone"
    : `Recipients are now identified by address and column '${key}'`;
  const { changes } = store.statement(sql.SKIP_OTHERWISE_KEYED).run(wallTime(), reason);
  if (changes !== 0) recount(store, writer);
}

/** Recounts the states, after changes to an unknown number of rows. */
export function recount(store: SqliteStore, { counts }: WriterState): void {
  counts.load(countRows(store).toJSON());
}
