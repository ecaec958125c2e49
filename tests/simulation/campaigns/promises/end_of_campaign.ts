import assert from "node:assert/strict";
import type { MailingList } from "../mailing_list.ts";
import type { Observation } from "../observation.ts";
import type { Fate } from "../relays/relay_profile.ts";
import { OPEN } from "./run_facts.ts";

/** All that is known after some runs through healthy relays. */
export interface Ending {
  readonly ledger: Observation;
  readonly list: MailingList;
  /** Who was suppressed in the last run. */
  readonly suppressed: ReadonlySet<string>;
  readonly fates: ReadonlyMap<string, Fate>;
}

/** Promises 1, 8 and 9: nobody is lost, nobody failed for a reason that is not theirs, and no row held up the others. */
export function assertEndOfCampaign(ending: Ending): void {
  for (const key of undecided(ending)) {
    const { state, reason } = ending.ledger.byKey.get(key) ?? {};
    assert.fail(`${key} is ${state ?? "not in the ledger"} at the end: ${reason}`);
  }
}

/** The recipients that do not have the state they must have in the end. */
export function undecided(ending: Ending): readonly string[] {
  return [...ending.list.keys].filter((key) => !isDecided(key, ending));
}

/**
 * Whether a recipient is refused with a code that could also be about us, or deferred forever: a run may end without a verdict
 * on the last of these.
 */
export function isUnclear(fate: Fate | undefined): boolean {
  return (fate?.kind === "refused" && !fate.clear) ||
    (fate?.kind === "later" && fate.times === Infinity);
}

function isDecided(key: string, ending: Ending): boolean {
  const { ledger, suppressed, list, fates } = ending;
  const row = ledger.byKey.get(key);
  if (row === undefined) return false;
  const { state, reason = "" } = row;
  if (state === "skipped") return suppressed.has(key) && reason.startsWith("Suppressed");
  // Another run may have had a template that makes a mail for this one.
  if (state === "invalid") {
    return !list.mailable.has(key) && reason.startsWith("Template cannot be rendered");
  }
  const fate = fates.get(key);
  if (state === "sent" || state === "in-doubt") return true;
  if (fate === undefined || fate.kind === "cut") return false;
  return state === "failed" || (OPEN.has(state) && isUnclear(fate));
}
