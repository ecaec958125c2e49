import type { CampaignFacts, Change } from "../../ledger.ts";
import { countsAsTry, type Outcome } from "../../../model/outcome.ts";
import type { SqliteStore } from "../store.ts";
import type { WriterState } from "../writer_state.ts";
import * as sql from "../statements.ts";
import { stateNumber } from "../state_numbers.ts";

/** Most characters of a server's text that are kept. Longer texts are legal (RFC 5321, 4.5.3.1.5) but tell no more. */
const LONGEST_TEXT = 500;

/** Bytes that SQLite needs for a timestamp in a row. */
const TIME_BYTES = 6;

/** Records one change; call it inside a transaction. */
export function apply(store: SqliteStore, writer: WriterState, change: Change): void {
  const { id } = change;
  const { counts, open } = writer;
  const from = open.get(id);
  if (from === undefined) {
    throw new RangeError(`Cannot change recipient ${id} because this process has not claimed it`);
  }
  if (change.kind === "handed-over") {
    handOver(store, change, writer.run ??= beginRun(store, change.at));
    writer.hold(id, "handed-over");
    return counts.move(from, "handed-over");
  }
  settle(store, change, from === "handed-over");
  writer.letGo(id);
  counts.move(from, change.outcome.state);
}

/** Enters this run, whose mails are made from what the campaign's facts say now. */
function beginRun(store: SqliteStore, at: number): number {
  const { template } = store.fact("campaign") as CampaignFacts;
  return Number(store.statement(sql.BEGIN_RUN).run(at, template).lastInsertRowid);
}

function handOver(
  store: SqliteStore,
  { id, at, relay, messageId, size, attachments }: Change & { kind: "handed-over" },
  run: number,
): void {
  const files = attachments === undefined
    ? null
    : JSON.stringify(attachments.map(({ name, sha256 }) => [name, sha256]));
  const taken = relay.length + messageId.length + TIME_BYTES + bytesOf(run) + bytesOf(size) +
    (files?.length ?? 0);
  store.statement(sql.HAND_OVER).run(relay, messageId, at, run, size, files, taken + 1, id);
}

/** Returns how many bytes SQLite needs for a number in a row. */
function bytesOf(number: number): number {
  return number < 2 ? 0 : number < 0x80 ? 1 : number < 0x8000 ? 2 : number < 0x80_0000 ? 3 : 4;
}

function settle(
  store: SqliteStore,
  { id, at, triedAt = at, relay, messageId, outcome }: Change & { kind: "outcome" },
  handedOver: boolean,
): void {
  const { reply } = outcome;
  if (outcome.state === "sent" && handedOver && reply !== undefined) {
    const { code, enhanced = null, text } = reply;
    store.statement(sql.SETTLE_SENT)
      .run(at, code, enhanced, text.slice(0, LONGEST_TEXT), outcome.stage ?? null, id);
    return;
  }
  store.statement(sql.SETTLE).run(
    stateNumber(outcome.state),
    countsAsTry(outcome) ? 1 : 0,
    outcome.state === "deferred" ? outcome.notBefore : null,
    countsFromNow(outcome) ? triedAt : null,
    at,
    reply?.code ?? null,
    reply?.enhanced ?? null,
    reply?.text.slice(0, LONGEST_TEXT) ?? null,
    outcome.stage ?? null,
    relay === "" ? null : relay,
    messageId === "" ? null : messageId,
    outcome.state === "sent" ? null : outcome.reason.slice(0, LONGEST_TEXT),
    id,
  );
}

/**
 * Returns whether the time for retries starts with this try, if no earlier one counted. It does not start with a
 * failed connection, a relay that accepted nobody or a refusal of us: those can be days old once delivery works again.
 */
function countsFromNow(outcome: Outcome): boolean {
  return outcome.state === "deferred" && outcome.counted;
}
