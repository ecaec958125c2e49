import type { CampaignFacts, ChoiceFound } from "../../ledger.ts";
import type { SqliteStore } from "../store.ts";
import type { WriterState } from "../writer_state.ts";
import { countListRows } from "../tally/list_counts.ts";

/**
 * Returns the facts of a run with what the ledger holds of the list before it. Rows that are there are not all chosen by the
 * condition of this run, unless those before it had the same one.
 *
 * @param before The facts of the last run with this list.
 */
export function withEntered(
  store: SqliteStore,
  { revision }: WriterState,
  facts: CampaignFacts,
  before: CampaignFacts | undefined,
): CampaignFacts {
  const { choice } = facts;
  if (choice === undefined) return facts;
  const isSame = choice.condition !== "" && choice.condition === before?.choice?.condition;
  const enteredBefore = isSame ? before!.choice!.enteredBefore : countListRows(store, revision);
  return { ...facts, choice: { ...choice, enteredBefore } };
}

/** Adds to what is known of the condition; call it inside a transaction. */
export function noteChoice(
  store: SqliteStore,
  writer: WriterState,
  found: ChoiceFound,
): void {
  const { facts } = writer;
  if (facts.choice === undefined) return;
  writer.facts = { ...facts, choice: { ...facts.choice, ...found } };
  store.setFact("campaign", writer.facts);
}
