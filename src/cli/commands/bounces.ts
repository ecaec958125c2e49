import { Command } from "@commander-js/extra-typings";
import type { ToSuppress } from "../../bounces/bounces.ts";
import type { BounceFinding } from "../../bounces/finding.ts";
import { jsonLine } from "../../text/escape.ts";
import type { ExitCode } from "../../model/exit_code.ts";
import * as flag from "../settings/flags.ts";
import type { Run } from "../run.ts";
import type { Flags, Sources } from "../settings/sources.ts";
import type { ProcessContext } from "../process_context.ts";

/** Most findings that `--json` holds; the counts always cover all. */
const MOST_FINDINGS = 100_000;

const EXIT_CODES = `
Exit codes:
  0  every message was read
  1  some could not be read; the others were processed
  2  wrong usage, no messages found, or the ledger cannot be used: nothing was done
  3  stopped early: run again to continue`;

/** `bounces`: mails that came back after the relay had accepted them. */
export function bouncesCommand(run: Run): Command {
  const command = new Command("bounces")
    .description(
      "Read returned mails and complaints, record them in the ledger, and suppress recipients who cannot be reached.",
    )
    .argument("<messages>", "mbox file, Maildir, folder of .eml files, one .eml file, or -")
    .addOption(flag.flagOf("verp", {
      heading: "Run",
      help: "as for 'send': a report without the token of a mail's return path changes nothing",
    }))
    .addOption(flag.flagOf("dry-run", { help: "show what would be done; change nothing" }))
    .addOption(flag.flagOf("verbose", { help: "print a line for each message" }))
    .addHelpText(
      "after",
      EXIT_CODES + "\n" + flag.examples(
        "bounces /var/mail/bounces",
        "bounces Maildir --ledger hello.ledger --dry-run -v",
        "fetch-mail | email-dispatcher bounces - --json",
      ),
    )
    .action((path, flags) => run((context) => bounces(path, flags as Flags, context)));
  return flag.withFlags(
    command,
    flag.FIND_LEDGER_FLAGS,
    flag.SUPPRESSION_LIST_FLAGS,
    flag.JSON_FLAGS,
    flag.QUIET_FLAGS,
  );
}

async function bounces(path: string, flags: Flags, context: ProcessContext): Promise<ExitCode> {
  const [
    { openSources },
    { resolveLedger, resolveVerp },
    { openBounceRecord },
    { readBounces },
    { findingText, resultLines },
    { escapeLine },
  ] = await Promise.all([
    import("../settings/sources.ts"),
    import("../options/shared_options.ts"),
    import("../../ledger/open.ts"),
    import("../../bounces/bounces.ts"),
    import("../../bounces/finding.ts"),
    import("../../text/escape.ts"),
  ]);
  const { terminal, stdout, stdin, signal } = context;
  const sources = await openSources(flags, context, "user-file");
  const dryRun = sources.isOn("dry-run");
  const needsToken = resolveVerp(sources) !== undefined;
  const say = (text: string) => sources.isOn("quiet") || terminal.write(`${escapeLine(text)}\n`);
  const findings: BounceFinding[] = [];
  await using record = await openBounceRecord(resolveLedger(sources), !dryRun);
  const { campaign } = record;
  const result = await readBounces({ path, dryRun, needsToken }, {
    stdin,
    signal,
    record,
    suppress: await suppressInto(sources, campaign, context),
    onFinding(finding) {
      if (sources.isVerbose || finding.kind === "unreadable") say(findingText(finding));
      if (findings.length < MOST_FINDINGS) findings.push(finding);
    },
  });
  for (const line of resultLines(result, dryRun)) say(line);
  const code = result.unreadable > 0 ? 1 : 0;
  const json = () => bouncesJson({ campaign, dryRun, result, findings, code });
  if (sources.isOn("json")) await stdout.write(json());
  return code;
}

/** Adds addresses to a suppression list, which is created only when there is somebody to add. */
async function suppressInto(sources: Sources, campaign: string, { now }: ProcessContext) {
  const [{ resolveSuppressionList }, { openSuppressionList }] = await Promise.all([
    import("../options/suppression.ts"),
    import("../../suppression/suppression_list.ts"),
  ]);
  const { path } = resolveSuppressionList(sources);
  return (addresses: readonly ToSuppress[]): number => {
    if (addresses.length === 0) return 0;
    using list = openSuppressionList(path);
    const facts = { at: now(), campaign, source: "bounce" } as const;
    return list.add(addresses.map(({ key, reason }) => ({ key, reason, ...facts })));
  };
}

/** Names as in the other commands' JSON: words separated by `_`. */
function bouncesJson({ campaign, dryRun, result, findings, code }: {
  campaign: string;
  dryRun: boolean;
  result: object;
  findings: readonly BounceFinding[];
  code: ExitCode;
}): string {
  const json = { campaign, dryRun, ...result, findings, exitCode: code };
  return jsonLine(json, (_, value) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [snakeCase(key), one]));
  });
}

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
