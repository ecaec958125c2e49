import { Command } from "@commander-js/extra-typings";
import type { Finding } from "../check/check.ts";
import type { ExitCode } from "../report/summary.ts";
import * as flag from "./flags.ts";
import type { Run } from "./program.ts";
import type { Flags } from "./sources.ts";
import type { Surroundings } from "./surroundings.ts";

/** Findings that `--json` holds at the most; the counts are always of all. */
const MOST_FINDINGS = 100_000;

const EXIT_CODES = `
Exit codes:
  0  every row makes a mail, or is a duplicate
  1  some rows are invalid; the others can be sent
  2  wrong usage, configuration, list or template: nothing can be sent`;

/** `check`: everything that can be known before sending. */
export function checkCommand(run: Run): Command {
  const command = new Command("check")
    .description("Make the mail of every row and send none: what is wrong with list and template.")
    .addHelpText(
      "after",
      EXIT_CODES + "\n" + flag.examples(
        "check",
        "check --recipients emails.csv --template email.md --from 'Acme <news@example.com>'",
        "check --json | jq '.findings[].line'",
      ),
    )
    .action((flags) => run((surroundings) => check(flags, surroundings)));
  return flag.withFlags(
    command,
    flag.CONFIG_FLAGS,
    flag.CAMPAIGN_FLAGS,
    flag.LIST_FLAGS,
    flag.CONTENT_FLAGS,
    flag.MAILING_LIST_FLAGS,
    flag.DKIM_FLAGS,
    flag.JSON_FLAGS,
    flag.QUIET_FLAGS,
  );
}

async function check(flags: Flags, surroundings: Surroundings): Promise<ExitCode> {
  const [{ openSources }, { resolveCampaign }] = await Promise.all([
    import("./sources.ts"),
    import("./shared_options.ts"),
  ]);
  const { terminal, stdout } = surroundings;
  const sources = await openSources(flags, surroundings);
  const warnings: string[] = [];
  const options = resolveCampaign(sources, warnings);
  const [{ checkCampaign, resultLines }, { escapeLine }] = await Promise.all([
    import("../check/check.ts"),
    import("../report/escape.ts"),
  ]);
  const say = (text: string) => flags.quiet ? undefined : terminal.write(`${escapeLine(text)}\n`);
  for (const warning of warnings) say(`warning: ${warning}`);
  const findings: Finding[] = [];
  const result = await checkCampaign(options, {
    stdin: surroundings.stdin,
    signal: surroundings.signal,
    onFinding: (finding) => {
      say(`${finding.file}:${finding.line}: ${finding.reason}`);
      if (findings.length < MOST_FINDINGS) findings.push(finding);
    },
  });
  for (const line of resultLines(options, result)) say(line);
  const code = result.invalid > 0 ? 1 : 0;
  if (sources.isOn("json")) {
    const { campaign, recipients: list, template } = options;
    const json = { campaign, list, template, ...result, findings, exit_code: code };
    await stdout.write(`${JSON.stringify(json)}\n`);
  }
  return code;
}
