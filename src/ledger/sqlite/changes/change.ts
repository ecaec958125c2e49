import type { Change } from "../../ledger.ts";
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
    const { relay, messageId, at } = change;
    const taken = relay.length + messageId.length + TIME_BYTES;
    store.statement(sql.HAND_OVER).run(relay, messageId, at, taken + 1, id);
    writer.hold(id, "handed-over");
    return counts.move(from, "handed-over");
  }
  settle(store, change, from === "handed-over");
  writer.letGo(id);
  counts.move(from, change.outcome.state);
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
    relay,
    messageId,
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
