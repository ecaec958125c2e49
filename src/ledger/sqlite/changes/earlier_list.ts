import type { CampaignFacts, EarlierList } from "../../ledger.ts";
import type { SqliteStore } from "../store.ts";
import { countLeftBehind } from "../tally/list_counts.ts";
import type { WriterState } from "../writer_state.ts";

/**
 * Returns the facts of a run with what is known of earlier lists that no run has been through. Which of their recipients
 * are in the ledger under another list nobody knows, only how many are missing at least. Nothing is counted unless the
 * list has changed, or one is remembered.
 *
 * @param last The facts of the last run, and the number of its list.
 */
export function withEarlier(
  store: SqliteStore,
  facts: CampaignFacts,
  last: { readonly before: CampaignFacts | undefined; readonly revision: number },
): CampaignFacts {
  const { before, revision } = last;
  const isNow = (list: string) => list !== "" && (list === facts.list || list === facts.continues);
  if (before === undefined || before.key !== facts.key || facts.shard !== undefined) return facts;
  const { list, scan } = before;
  const lists: EarlierList[] = [];
  if (before.earlier !== undefined && !isNow(before.earlier.list)) lists.push(before.earlier);
  if (scan !== undefined && !isNow(list) && isEntered(store, revision)) {
    lists.push({ list, recipients: scan.recipients });
  }
  const [earlier] = lists.sort((a, b) => b.recipients - a.recipients);
  if (earlier === undefined || countLeftBehind(store, { earlier }) === 0) return facts;
  return { ...facts, earlier };
}

/** Nobody misses a list of which no run has entered a row. */
function isEntered(store: SqliteStore, revision: number): boolean {
  return store.statement("SELECT 1 FROM recipient WHERE revision = ? LIMIT 1").get(revision) !==
    undefined;
}

/** Gives up on recipients of earlier lists; call it inside a transaction. */
export function forgetEarlier(store: SqliteStore, writer: WriterState): void {
  if (writer.facts.earlier === undefined) return;
  const { earlier: _, ...facts } = writer.facts;
  writer.facts = facts;
  store.setFact("campaign", facts);
}
