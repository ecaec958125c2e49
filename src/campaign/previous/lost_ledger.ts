import { basename, dirname } from "node:path";
import type { SendOptions } from "../send_options.ts";
import type { Reporter } from "../../report/reporter.ts";

/**
 * Warns that this may not be the first run, although there is no ledger: a CI job often begins in an empty workspace. Any
 * other campaign's ledger beside it shows that ledgers are kept there.
 */
export function warnOfLostLedger(
  { ci, ledger, relays, dryRun }: Pick<SendOptions, "ci" | "ledger" | "relays" | "dryRun">,
  reporter: Pick<Reporter, "warn">,
): void {
  if (!ci || dryRun || relays.some(({ sandbox }) => sandbox) || hasOtherLedger(ledger)) return;
  reporter.warn(
    `The ledger '${ledger}' is new, and CI is set: everybody on the list will be mailed. If an earlier job has mailed them, its ledger was lost: keep '${ledger}' between jobs (see docs/ci.md)`,
  );
}

function hasOtherLedger(ledger: string): boolean {
  try {
    return [...Deno.readDirSync(dirname(ledger))].some(({ name }) =>
      name !== basename(ledger) && /(?<!\.sandbox)\.ledger$/.test(name)
    );
  } catch {
    return false; // no such folder yet
  }
}
