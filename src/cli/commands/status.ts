import { Command } from "@commander-js/extra-typings";
import { jsonLine } from "../../text/escape.ts";
import type { ExitCode } from "../../model/exit_code.ts";
import * as flag from "../settings/flags.ts";
import type { Run } from "../run.ts";
import type { Flags } from "../settings/sources.ts";
import type { ProcessContext } from "../process_context.ts";

/** `status`: what the ledger says now, also while a run is under way. */
export function statusCommand(run: Run): Command {
  const command = new Command("status")
    .description("How many recipients are in which state, also while a run is under way.")
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
    flag.CONFIG_FLAGS,
    flag.CAMPAIGN_FLAGS,
    flag.LEDGER_FLAGS,
    flag.LIST_NAME_FLAGS,
    flag.JSON_FLAGS,
  );
}

/** Time over which the rate of a running campaign is taken. */
const RATE_OVER_MS = 1_000;

async function status(flags: Flags, context: ProcessContext): Promise<ExitCode> {
  const [
    { openSources },
    { resolveLedger },
    { openLedgerReader },
    { statusText, statusJson },
    { exitCodeOf },
    { sleep },
  ] = await Promise.all([
    import("../settings/sources.ts"),
    import("../options/shared_options.ts"),
    import("../../ledger/sqlite/reader.ts"),
    import("../../report/status.ts"),
    import("../../model/exit_code.ts"),
    import("../../time/sleep.ts"),
  ]);
  const { stdout, now } = context;
  const sources = await openSources(flags, context);
  using reader = openLedgerReader(resolveLedger(sources));
  const holder = reader.holder();
  const before = { tally: reader.tally(), at: now() };
  if (holder !== undefined) await sleep(RATE_OVER_MS, context.signal);
  const tally = reader.tally();
  const notReached = reader.notReached();
  // A ledger whose first run ended before it had noted what it was about says nothing of anybody.
  const isBegun = reader.facts.campaign !== "";
  const isLeft = !isBegun || (notReached ?? 0) > 0;
  const code = exitCodeOf(tally, isLeft ? "rows are left" : undefined);
  const seconds = (now() - before.at) / 1_000;
  const status = {
    campaign: reader.facts.campaign,
    relays: reader.facts.relays,
    tally,
    notReached,
    running: holder,
    perSecond: holder === undefined
      ? 0
      : Math.max(0, tally.sent - before.tally.sent) / Math.max(seconds, 0.001),
    exitCode: code,
  };
  await stdout.write(
    sources.isOn("json") ? jsonLine(statusJson(status)) : `${statusText(status)}\n`,
  );
  return code;
}
