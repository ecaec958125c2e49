import type { SendOptions } from "../send_options.ts";
import { InputError } from "../../model/input_error.ts";
import type { CampaignFacts } from "../../ledger/ledger.ts";
import { quote, shellWord } from "../../text/quote.ts";
import type { PreviousRun } from "./previous_run.ts";

// Signs that the ledger is not the one that is meant, or not used as before.

/**
 * With another key column, everybody in the ledger would be somebody new, and be mailed again.
 *
 * @throws {InputError} if a mail was sent, or tried, under other keys
 */
export function refuseOtherKey(
  { ledger }: Pick<SendOptions, "ledger">,
  previous: PreviousRun | undefined,
  { key }: CampaignFacts,
): void {
  if (previous === undefined || previous.facts.key === key) return;
  const { sent, failed, inDoubt } = previous.tally;
  if (sent + failed + inDoubt === 0) return;
  const before = previous.facts.key;
  const identified = before === undefined
    ? "by their addresses alone"
    : `by address and column ${quote(before)}`;
  throw new InputError(
    `--key would mail recipients of this campaign again: the ledger '${ledger}' identifies them ${identified}, ${
      key === undefined ? "and --key is not given" : `not by ${quote(key)}`
    }`,
    {
      hint: `${
        before === undefined ? "Omit --key" : `Give --key ${shellWord(before)}`
      } to continue the campaign, or give it a new id with --campaign.`,
    },
  );
}

/**
 * Only an earlier run can have left recipients to try again. If the ledger is another one by mistake, the run would mail the
 * whole list.
 *
 * @throws {InputError} if recipients are to be tried again
 */
export function refuseRetryOfNobody(
  { ledger, retryAskedBy }: Pick<SendOptions, "ledger" | "retryAskedBy">,
): void {
  if (retryAskedBy === undefined) return;
  throw new InputError(
    `${retryAskedBy} needs an earlier run that left recipients to try again: found no ledger '${ledger}'`,
    {
      kind: "ledger",
      hint: `Repeat the other options of that run, or omit ${retryAskedBy} for a first run.`,
    },
  );
}
