import assert from "node:assert/strict";
import type { MailingList } from "../mailing_list.ts";
import type { Observation } from "../observation.ts";
import type { Fate } from "../relays/relay_nature.ts";
import { OPEN } from "./told.ts";

/** All that is known when the relays have been in order for some runs. */
export interface Ending {
  readonly ledger: Observation;
  readonly list: MailingList;
  /** Everybody who was suppressed in some run. */
  readonly suppressed: ReadonlySet<string>;
  readonly fates: ReadonlyMap<string, Fate>;
}

/** Promises 1, 8 and 9: nobody is lost, nobody failed for what is not theirs, and no row held up the others. */
export function assertEndOfCampaign(ending: Ending): void {
  for (const key of undecided(ending)) {
    const { state, reason } = ending.ledger.byKey.get(key) ?? {};
    assert.fail(`${key} is ${state ?? "not in the ledger"} at the end: ${reason}`);
  }
}

/** Who is not yet what they must be in the end. */
export function undecided(ending: Ending): readonly string[] {
  return [...ending.list.keys].filter((key) => !isDecided(key, ending));
}

/** Somebody is refused by a code that may as well mean us, or put off for ever: a run may end without a verdict about the last of them. */
export function isUnclear(fate: Fate | undefined): boolean {
  return (fate?.kind === "refused" && !fate.clear) ||
    (fate?.kind === "later" && fate.times === Infinity);
}

function isDecided(key: string, ending: Ending): boolean {
  const { ledger, suppressed, list, fates } = ending;
  const row = ledger.byKey.get(key);
  if (row === undefined) return false;
  const { state, reason = "" } = row;
  // Whom a suppression has ruled out stays ruled out as long as the list is the same.
  if (state === "skipped") return suppressed.has(key) && reason.startsWith("Suppressed");
  if (!list.mailable.has(key)) {
    return state === "invalid" && reason.startsWith("Template cannot be rendered");
  }
  const fate = fates.get(key);
  if (state === "sent" || state === "in-doubt") return true;
  if (fate === undefined || fate.kind === "cut") return false;
  return state === "failed" || (OPEN.has(state) && isUnclear(fate));
}
