import { InputError } from "../../../model/input_error.ts";
import type { Plan } from "../../../report/plan.ts";

/** A campaign that was done goes on with a changed template only if somebody says so. */
export function changedContentError(
  { campaign, changedSinceDone }: Pick<Plan, "campaign" | "changedSinceDone">,
): InputError {
  return new InputError(
    `Campaign '${campaign}' was done, and ${changesText(changedSinceDone)} since`,
    {
      kind: "changed-content",
      hint:
        "For a new mailing, set a new id (--campaign NEW-ID, or id in campaign.toml): recipients who got a mail under this one get no other.\n  To send a corrected text to those who got none, add --yes-changed.",
    },
  );
}

/** "the template has changed", "the template and 'footer.html' have changed". */
export function changesText(names: readonly string[]): string {
  const last = names.at(-1)!;
  const shown = names.length === 1 ? last : `${names.slice(0, -1).join(", ")} and ${last}`;
  return `${shown} ${names.length === 1 ? "has" : "have"} changed`;
}
