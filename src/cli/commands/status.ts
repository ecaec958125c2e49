import { Command } from "@commander-js/extra-typings";
import { jsonLine } from "../../text/escape.ts";
import type { LedgerReader } from "../../ledger/reader.ts";
import type { Status } from "../../report/status.ts";
import type { ExitCode } from "../../model/exit_code.ts";
import type { Tally } from "../../model/tally.ts";
import * as flag from "../settings/flags.ts";
import { inCampaign } from "../campaign_failure.ts";
import type { Run } from "../run.ts";
import type { Flags } from "../settings/sources.ts";
import type { ProcessContext } from "../process_context.ts";

/** `status`: what the ledger says now, even during a run. */
export function statusCommand(run: Run): Command {
  const command = new Command("status")
    .description("Show how many recipients are in each state, even during a run.")
    .addHelpText(
      "after",
      flag.examples(
        "status",
        "status --ledger hello.ledger --json",
        "watch -n 5 email-dispatcher status",
      ),
    )
    .action((flags) => run((context) => status(flags, context)));
  return flag.withFlags(
    command,
    flag.FIND_LEDGER_FLAGS,
    flag.JSON_FLAGS,
  );
}

/** How long the rate of a running campaign is measured. */
const RATE_OVER_MS = 1_000;

async function status(flags: Flags, context: ProcessContext): Promise<ExitCode> {
  const [
    { openSources },
    { resolveLedger },
    { campaignIdOf },
    { openLedgerReader },
    { statusText, statusJson },
  ] = await Promise.all([
    import("../settings/sources.ts"),
    import("../options/shared_options.ts"),
    import("../options/campaign_id.ts"),
    import("../../ledger/open.ts"),
    import("../../report/status.ts"),
  ]);
  const sources = await openSources(flags, context);
  const ledger = resolveLedger(sources);
  await using reader = await inCampaign(campaignIdOf(sources), () => openLedgerReader(ledger));
  const status = await statusOf(reader, campaignIdOf(sources), context);
  const json = sources.isOn("json");
  await context.stdout.write(json ? jsonLine(statusJson(status)) : `${statusText(status)}\n`);
  return status.exitCode;
}

async function statusOf(
  reader: LedgerReader,
  named: string | undefined,
  context: ProcessContext,
): Promise<Status> {
  const [{ exitCodeOf }, { sleep }] = await Promise.all([
    import("../../model/exit_code.ts"),
    import("../../time/sleep.ts"),
  ]);
  const holder = await reader.holder();
  const before = { tally: await reader.tally(), at: context.now() };
  if (holder !== undefined) await sleep(RATE_OVER_MS, context.signal);
  const tally = await reader.tally();
  const seconds = (context.now() - before.at) / 1_000;
  const { notReached, notChosen } = await reader.rowsLeft();
  const leftBehind = await reader.countLeftBehind();
  const { campaign, relays, choice } = reader.facts;
  // A ledger whose first run ended before it recorded its campaign knows nothing of the rows.
  const isLeft = campaign === "" || (notReached ?? 0) + leftBehind > 0;
  return {
    campaign: campaign === "" ? named ?? "" : campaign,
    relays,
    tally,
    suppressed: await suppressedIn(reader, tally),
    notReached,
    leftBehind,
    notChosen,
    waitingNotChosen: choice?.waiting ?? 0,
    running: holder,
    perSecond: holder === undefined ? 0 : rateOf(tally.sent - before.tally.sent, seconds),
    exitCode: exitCodeOf(tally, isLeft ? "rows are left" : undefined, choice?.waiting),
  };
}

/** The tally of a running process lags behind its rows. */
async function suppressedIn(reader: LedgerReader, { skipped }: Tally): Promise<number> {
  return Math.min(skipped, await reader.countSuppressed());
}

function rateOf(sent: number, seconds: number): number {
  return Math.max(0, sent) / Math.max(seconds, 0.001);
}
