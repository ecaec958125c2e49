import type { CampaignFacts } from "../../../ledger/ledger.ts";
import { countOf } from "../../../text/quantity.ts";
import { differences } from "./made_from.ts";

/**
 * What has changed since this ledger was last used; allowed, and reported.
 *
 * @param leftBehind See `SinceLastRun`.
 */
export function changesSince(
  before: CampaignFacts | undefined,
  now: CampaignFacts,
  leftBehind = 0,
): readonly string[] {
  if (before === undefined) return [];
  const changes: string[] = [];
  if (before.campaign !== now.campaign) {
    changes.push(
      `The ledger was created for campaign '${before.campaign}', but this is '${now.campaign}'`,
    );
  }
  if (before.list !== now.list && before.list === now.continues) {
    changes.push("Rows were appended to the list since the last run: they are added");
  } else if (before.list !== now.list) {
    changes.push(
      "The list is not the one of the last run: settled recipients stay settled, new ones are added",
    );
  }
  if (leftBehind > 0) {
    changes.push(
      `No run has reached ${
        countOf(leftBehind, "row")
      } of the last list: they get a mail only if they are in this list, or you send that one again`,
    );
  }
  changes.push(...contentChanges(before, now));
  if (before.relays.join() !== now.relays.join()) {
    changes.push(
      `The relay was ${before.relays.join(", ")} in the last run and is now ${
        now.relays.join(", ")
      }`,
    );
  }
  return changes;
}

function contentChanges(before: CampaignFacts, now: CampaignFacts): readonly string[] {
  const names = differences(before.madeFrom, now.madeFrom ?? {}) ??
    (before.template === now.template ? [] : ["the template"]);
  if (names.length === 0) return [];
  const what = names.length === 1 && names[0] === "the template"
    ? "The template is not the one of the last run"
    : `Not as in the last run: ${names.join(", ")}`;
  return [`${what}: recipients mailed from now on get the new text`];
}
