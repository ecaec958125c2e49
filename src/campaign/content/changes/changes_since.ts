import type { CampaignFacts } from "../../../ledger/ledger.ts";
import { countOf } from "../../../text/quantity.ts";
import { leftBehindText } from "../../../report/plan_text.ts";
import { differences } from "./made_from.ts";
import { type LeftBehind, NOBODY_LEFT_BEHIND } from "./since_last_run.ts";

/**
 * What has changed since this ledger was last used; allowed, and reported.
 *
 * @param leftBehind Who was not reached before.
 * @param isRefused The campaign was done, and nobody has said that a changed template is meant for it.
 */
export function changesSince(
  before: CampaignFacts | undefined,
  now: CampaignFacts,
  leftBehind: LeftBehind = NOBODY_LEFT_BEHIND,
  isRefused = false,
): readonly string[] {
  if (before === undefined) return [];
  const changes: string[] = [];
  if (before.campaign !== now.campaign) {
    changes.push(
      `The ledger was created for campaign '${before.campaign}', but this is '${now.campaign}'`,
    );
  }
  changes.push(...listChanges(before, now), ...leftBehindChanges(leftBehind));
  changes.push(...contentChanges(before, now, isRefused));
  if (before.relays.join() !== now.relays.join()) {
    changes.push(
      `The relay was ${before.relays.join(", ")} in the last run and is now ${
        now.relays.join(", ")
      }`,
    );
  }
  return changes;
}

function listChanges(before: CampaignFacts, now: CampaignFacts): readonly string[] {
  if (before.list === now.list) return [];
  return before.list === now.continues
    ? ["Rows were appended to the list since the last run: they are added"]
    : [
      "The list is not the one of the last run: settled recipients stay settled, new ones are added",
    ];
}

function leftBehindChanges({ rows, earlier }: LeftBehind): readonly string[] {
  return [
    ...(rows === 0 ? [] : [
      `No run has reached ${
        countOf(rows, "row")
      } of the last list: they get a mail only if they are in this list, or you send that one again`,
    ]),
    ...(earlier === 0 ? [] : [
      `${leftBehindText(earlier)}: send that list again, or give up on them with --drop-missing`,
    ]),
  ];
}

function contentChanges(
  before: CampaignFacts,
  now: CampaignFacts,
  isRefused: boolean,
): readonly string[] {
  const names = differences(before.madeFrom, now.madeFrom ?? {}) ??
    (before.template === now.template ? [] : ["the template"]);
  if (names.length === 0) return [];
  const what = names.length === 1 && names[0] === "the template"
    ? "The template is not the one of the last run"
    : `Not as in the last run: ${names.join(", ")}`;
  return [
    isRefused
      ? `${what}, and the campaign was done: to continue it, add --yes-changed; a new mailing needs a new id`
      : `${what}: recipients mailed from now on get the new text`,
  ];
}
