import { Command } from "@commander-js/extra-typings";
import type { Reloaded } from "../../campaign/relays/rates.ts";
import { jsonLine } from "../../text/escape.ts";
import { InputError } from "../../model/input_error.ts";
import type { ExitCode } from "../../model/exit_code.ts";
import type { SendOptions } from "../../campaign/send_options.ts";
import type { Reporter } from "../../report/reporter.ts";
import type { Resolved } from "../options/resolved.ts";
import * as flag from "../settings/flags.ts";
import { inCampaign } from "../campaign_failure.ts";
import type { Run } from "../run.ts";
import { Reloader } from "../reloader.ts";
import type { Flags } from "../settings/sources.ts";
import { OutputError, type ProcessContext } from "../process_context.ts";

const ENVIRONMENT = `
Environment:
  SMTP_URL                 as --smtp
  SMTP_PASSWORD            password of the user in the SMTP URL
  SMTP_PASSWORD_FILE       file that contains it
  DKIM_KEY                 the DKIM private key itself, or two of them, in PEM
  EMAIL_DISPATCHER_<FLAG>  any other flag: EMAIL_DISPATCHER_CONNECTIONS=20
  A flag overrides the environment, which overrides the campaign file.

Exit codes:
  0  every recipient is settled: sent, or skipped on purpose
  1  settled, but some failed, are invalid, or are held in doubt
  2  wrong usage, configuration, list or template: nothing was sent
  3  stopped early: run again to continue`;

/** `send`: deliver the campaign. */
export function sendCommand(run: Run): Command {
  const command = new Command("send")
    .description("Deliver the campaign. Run it again to continue where it stopped.")
    .addHelpText(
      "after",
      ENVIRONMENT + "\n" + flag.examples(
        "send",
        "send --recipients emails.csv --template email.md --smtp sandbox:",
        "send --smtp smtp://user@smtp.example.com:587 --rate 14/s --yes",
        "send --dry-run --json",
      ),
    )
    .action((flags) => run((context) => send(flags, context)));
  return flag.withFlags(
    command,
    flag.CONFIG_FLAGS,
    flag.CAMPAIGN_FLAGS,
    flag.LEDGER_FLAGS,
    flag.LIST_FLAGS,
    flag.WHERE_FLAGS,
    flag.CHOICE_FLAGS,
    flag.SENDING_FLAGS,
    flag.SUPPRESSION_LIST_FLAGS,
    flag.CONTENT_FLAGS,
    flag.THREADS_FLAGS,
    flag.RELAY_FLAGS,
    flag.OUTBOX_FLAGS,
    flag.RETRY_FLAGS,
    flag.RUN_FLAGS,
    flag.JSON_FLAGS,
    flag.REPORT_FLAGS,
  );
}

async function send(flags: Flags, context: ProcessContext): Promise<ExitCode> {
  const [{ openSources }, { resolveSend }] = await Promise.all([
    import("../settings/sources.ts"),
    import("../options/send_options.ts"),
  ]);
  using reloader = new Reloader(context);
  const now = context.now();
  // Times count from the start: after a reload, neither "--until 18:00" nor {date} may become tomorrow's.
  const { env, envNames } = context;
  const started = { env, envNames, now: () => now };
  const resolve = async () => resolveSend(await openSources(flags, started, "user-file"), now);
  const resolved = await resolve();
  const { campaign } = resolved.options;
  return await inCampaign(campaign, () => deliver(resolved, { resolve, reloader }, context));
}

/** How the options can be resolved again during a run. */
interface Reloads {
  readonly resolve: () => Promise<Resolved<SendOptions>>;
  readonly reloader: Reloader;
}

async function deliver(
  { options, warnings }: Resolved<SendOptions>,
  { resolve, reloader }: Reloads,
  context: ProcessContext,
): Promise<ExitCode> {
  const { stdin, terminal, signal } = context;
  const [{ runCampaign }, { summaryJson }, { openReporter }, { mayContinue }] = await Promise.all([
    import("../../campaign/run.ts"),
    import("../../report/json/summary_json.ts"),
    import("../../report/terminal_reporter.ts"),
    import("../prompt.ts"),
  ]);
  const reporter = await openReporter(options.reporter, terminal);
  try {
    for (const warning of warnings) reporter.warn(warning);
    reloader.begin({
      read: () => readAgain(resolve, reporter),
      onKept: () => reporter.info("Campaign file reloaded; its rates apply once sending starts"),
    });
    const { yes, yesChanged } = options;
    const asking = { yes, yesChanged, listOnStdin: options.recipients === "-" };
    const summary = await runCampaign(options, {
      reporter,
      signal,
      stdin,
      onSecondSignal: (listener) => context.onSecondSignal(listener),
      onReload: (apply) => reloader.onReload(apply),
      confirm: (plan) => mayContinue(plan, asking, terminal, signal),
    });
    reporter.summary(summary);
    if (!options.json) return summary.exitCode;
    return await writeResult(jsonLine(summaryJson(summary)), summary.exitCode, context);
  } finally {
    await reporter.close();
  }
}

/** Reads the campaign file again during a run; a file with an error changes nothing. */
async function readAgain(
  resolve: () => Promise<Resolved<SendOptions>>,
  reporter: Reporter,
): Promise<Reloaded | undefined> {
  try {
    return (await resolve()).options;
  } catch (error) {
    const reason = error instanceof InputError ? error.describe() : String(error);
    reporter.warn(`Continuing as before: ${reason}`);
    return undefined;
  }
}

/** Writes the result. If that fails, the exit code is 3: the mails are sent and recorded, but the caller does not get the result. */
async function writeResult(
  json: string,
  exitCode: ExitCode,
  { stdout, terminal }: ProcessContext,
): Promise<ExitCode> {
  try {
    await stdout.write(json);
    return exitCode;
  } catch (error) {
    if (!(error instanceof OutputError)) throw error;
    terminal.write(
      `error: ${error.message}\n  The result is in the ledger: run 'status --json'.\n`,
    );
    return 3;
  }
}
