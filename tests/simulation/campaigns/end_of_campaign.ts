import assert from "node:assert/strict";
import { OPEN } from "./invariants.ts";
import type { MailingList } from "./mailing_list.ts";
import type { Observation } from "./observation.ts";
import type { Fate } from "./relays/relay_nature.ts";

/** All that is known when the relays have been in order for some runs. */
export interface Ending {
  readonly ledger: Observation;
  readonly list: MailingList;
  /** Everybody who was suppressed in some run. */
  readonly suppressed: ReadonlySet<string>;
  readonly fates: ReadonlyMap<string, Fate>;
}

/** Some are refused by codes that may as well mean us, or put off for ever: a run may end without a verdict about the last of them. */
export function isUnclear(fates: ReadonlyMap<string, Fate>): boolean {
  return [...fates.values()].some((fate) =>
    (fate.kind === "refused" && !fate.clear) || (fate.kind === "later" && fate.times === Infinity)
  );
}

/** Whose mail would be taken, and who has not got it. */
export function notServed(ending: Ending): readonly string[] {
  return [...ending.list.keys].filter((key) => isHealthy(key, ending) && !isServed(key, ending));
}

/** DESIGN 6.1 and 6.8: nobody is lost, and nobody failed for what is not his. */
export function assertEndOfCampaign(ending: Ending): void {
  const { ledger, list, fates } = ending;
  for (const key of notServed(ending)) {
    const { state, reason } = ledger.byKey.get(key) ?? {};
    assert.fail(`${key} is ${state ?? "not in the ledger"} at the end: ${reason}`);
  }
  for (const key of list.keys) {
    const row = ledger.byKey.get(key);
    assert.ok(row !== undefined, `${key} is not in the ledger`);
    assert.ok(isUnclear(fates) || !OPEN.has(row.state), `${key} is ${row.state} at the end`);
  }
}

function isHealthy(key: string, { fates }: Ending): boolean {
  const fate = fates.get(key);
  return fate === undefined || fate.kind === "cut";
}

/** Whom a suppression has ruled out stays ruled out as long as the list is the same. */
function isServed(key: string, { ledger, suppressed }: Ending): boolean {
  const state = ledger.byKey.get(key)?.state;
  return state === "sent" || state === "in-doubt" || (state === "skipped" && suppressed.has(key));
}
