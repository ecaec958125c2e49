import { Command, Option } from "@commander-js/extra-typings";
import type { StopRequest } from "../../ledger/held_ledger.ts";
import type { ExitCode } from "../../model/exit_code.ts";
import { inCampaign } from "../campaign_failure.ts";
import type { ProcessContext } from "../process_context.ts";
import type { Run } from "../run.ts";
import * as flag from "../settings/flags.ts";
import type { Flags } from "../settings/sources.ts";

const EXIT_CODES = `
Exit codes:
  0  the run has ended, or nobody was sending
  2  wrong usage, no such ledger, or the run cannot be asked
  3  the run has been asked to stop, and has not ended yet`;

/** How often to look whether the run has ended. */
const LOOK_EVERY_MS = 200;

/** `stop`: ends the run that is sending from a ledger, as Ctrl-C does. */
export function stopCommand(run: Run): Command {
  const command = new Command("stop")
    .description(
      "End the run that is sending: no new mail is started, replies are awaited, nobody is in doubt. Run send again to continue.",
    )
    .addOption(
      new Option("--timeout <time>", "how long to wait until it has ended").default("2m"),
    )
    .addHelpText(
      "after",
      EXIT_CODES + "\n" + flag.examples(
        "stop",
        "stop --campaign spring --timeout 10s",
        "stop --ledger hello.ledger && email-dispatcher status",
      ),
    )
    .action((flags) => run((context) => stop(flags.timeout, flags as Flags, context)));
  return flag.withFlags(command, flag.FIND_LEDGER_FLAGS);
}

async function stop(timeout: string, flags: Flags, context: ProcessContext): Promise<ExitCode> {
  const [
    { openSources },
    { resolveLedger },
    { campaignIdOf },
    { requestStop },
    { parseDuration },
    { escapeLine },
  ] = await Promise.all([
    import("../settings/sources.ts"),
    import("../options/shared_options.ts"),
    import("../options/campaign_id.ts"),
    import("../../ledger/open.ts"),
    import("../settings/values.ts"),
    import("../../text/escape.ts"),
  ]);
  const patienceMs = parseDuration({ text: timeout, name: "--timeout", folder: "." });
  const sources = await openSources(flags, context);
  const ledger = resolveLedger(sources);
  const say = (text: string) => context.terminal.write(`${escapeLine(text)}\n`);
  return await inCampaign(campaignIdOf(sources), async () => {
    const request = await requestStop(ledger);
    if (request !== undefined) {
      return await untilEnded(request, { patienceMs, timeout }, say, context);
    }
    say(`Nobody is sending from '${ledger}'`);
    return 0;
  });
}

/** Waits until the run has ended, and says what became of it. */
async function untilEnded(
  request: StopRequest,
  { patienceMs, timeout }: { readonly patienceMs: number; readonly timeout: string },
  say: (text: string) => void,
  { signal }: ProcessContext,
): Promise<ExitCode> {
  const [{ sleep }, { monotonic }] = await Promise.all([
    import("../../time/sleep.ts"),
    import("../../time/clock.ts"),
  ]);
  const { pid, host } = request.holder;
  const who = `Process ${pid} on ${host}`;
  say(`${who} has been asked to stop; waiting for it to end`);
  const end = monotonic() + patienceMs;
  while (!await request.hasEnded()) {
    const left = end - monotonic();
    if (left <= 0 || signal.aborted) {
      if (!signal.aborted && await request.withdraw()) {
        say(`${who} did not respond within ${timeout}; the request is withdrawn`);
      } else {
        say(`${who} is still finishing; 'email-dispatcher status' shows when it has ended`);
      }
      return 3;
    }
    await sleep(Math.min(LOOK_EVERY_MS, left), signal);
  }
  await request.withdraw();
  say(`${who} has ended; run send again to continue`);
  return 0;
}
