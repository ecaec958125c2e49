import { Command } from "@commander-js/extra-typings";
import type { CheckOptions, CheckReport } from "../../check/check.ts";
import type { Sizes } from "../../check/list/rows.ts";
import type { RelayFacts } from "../../check/relay/relay.ts";
import type { Finding } from "../../check/finding.ts";
import type { ExitCode } from "../../model/exit_code.ts";
import * as flag from "../settings/flags.ts";
import type { Run } from "../run.ts";
import type { Flags, Sources } from "../settings/sources.ts";
import type { ProcessContext } from "../process_context.ts";

const EXIT_CODES = `
Exit codes:
  0  the campaign can be sent
  1  it can be sent, except for invalid rows; with --strict, also if there are warnings
  2  wrong usage, or it cannot be sent: list, template, relay or signature cannot be used`;

/** Width of a report that goes to a file or another program. */
const PIPED_COLUMNS = 80;

/** `check`: everything that can be known before sending. */
export function checkCommand(run: Run): Command {
  const command = new Command("check")
    .description(
      "Check every row, the mails, the relay, SPF, DKIM and DMARC, without sending anything.",
    )
    .addHelpText(
      "after",
      EXIT_CODES + "\n" + flag.examples(
        "check --recipients emails.csv --template email.md --from 'Acme <news@example.com>'",
        "check --smtp smtp://user@smtp.example.com:587 --strict",
        "check --offline --json | jq '.findings[].what'",
      ),
    )
    .action((flags) => run((context) => check(flags, context)));
  return flag.withFlags(
    command,
    flag.CONFIG_FLAGS,
    flag.CAMPAIGN_FLAGS,
    flag.LIST_FLAGS,
    flag.WHERE_FLAGS,
    flag.CONTENT_FLAGS,
    flag.SUPPRESSION_FLAGS,
    flag.CHECK_FLAGS,
    flag.JSON_FLAGS,
    flag.QUIET_FLAGS,
  );
}

async function check(flags: Flags, context: ProcessContext): Promise<ExitCode> {
  const { openSources } = await import("../settings/sources.ts");
  const { terminal, stdout } = context;
  const sources = await openSources(flags, context, "user-file");
  const { options, warnings } = await resolveCheck(sources);
  const [{ checkCampaign }, text, { escapeLine, jsonLine, maskPasswords }] = await Promise.all([
    import("../../check/check.ts"),
    import("../../check/text.ts"),
    import("../../text/escape.ts"),
  ]);
  const say = (line: string) => terminal.write(`${maskPasswords(line)}\n`);
  if (!sources.isOn("quiet")) {
    for (const warning of warnings) say(`warning: ${escapeLine(warning)}`);
  }
  const { stdin, signal } = context;
  const report = await checkCampaign(options, { stdin, signal, now: context.now() });
  const json = sources.isOn("json");
  const columns = json || stdout.isTerminal ? terminal.columns() : PIPED_COLUMNS;
  const lines = sources.isOn("quiet")
    ? text.findingLines({ ...report, findings: onlyErrors(report) }, columns)
    : [
      ...text.factLines(options, report),
      ...text.findingLines(report, columns),
      "",
      text.totalLine(report),
    ];
  // The report is data. With --json, it goes to stderr for people to read.
  if (json) {
    lines.forEach(say);
    await stdout.write(jsonLine(jsonOf(options, report)));
  } else if (lines.length > 0) await stdout.write(`${lines.map(maskPasswords).join("\n")}\n`);
  return report.exitCode;
}

function onlyErrors({ findings }: CheckReport): readonly Finding[] {
  return findings.filter(({ level }) => level === "error");
}

/** The options of `check`. With `--offline`, the relay's password is neither needed nor read. */
async function resolveCheck(
  sources: Sources,
): Promise<{ readonly options: CheckOptions; readonly warnings: readonly string[] }> {
  const [
    { resolveCampaign },
    { resolveSuppression },
    { hasRelay, resolveRelays },
  ] = await Promise.all([
    import("../options/shared_options.ts"),
    import("../options/suppression.ts"),
    import("../options/relays.ts"),
  ]);
  const warnings: string[] = [];
  const campaign = resolveCampaign(sources, warnings);
  const offline = sources.isOn("offline");
  const found = offline || !hasRelay(sources)
    ? { relays: [], warnings: [] }
    : resolveRelays(sources);
  return {
    options: {
      campaign,
      suppression: resolveSuppression(sources),
      relays: found.relays,
      offline,
      strict: sources.isOn("strict"),
      dns: await resolveDns(sources),
    },
    warnings: [...warnings, ...found.warnings],
  };
}

/** The DNS server to ask; its port defaults to 53. */
async function resolveDns(sources: Sources): Promise<CheckOptions["dns"]> {
  const given = sources.one("dns");
  if (given === undefined) return undefined;
  const [{ isIP }, { parseListen, unusable }] = await Promise.all([
    import("node:net"),
    import("../settings/values.ts"),
  ]);
  const bare = given.text.replace(/^\[(.*)\]$/, "$1");
  const dns = isIP(bare) ? { hostname: bare, port: 53 } : parseListen(given);
  if (isIP(dns.hostname)) return dns;
  throw unusable(given, "the IP address of a DNS server, such as 192.0.2.53 or 127.0.0.1:5353");
}

/** The report with the names of `--json`. */
function jsonOf({ campaign: options }: CheckOptions, report: CheckReport): unknown {
  const { rows, relays, domain, findings, levels, exitCode } = report;
  return {
    campaign: options.campaign,
    list: options.recipients,
    template: options.template,
    encoding: rows?.encoding ?? null,
    delimiter: rows?.delimiter ?? null,
    columns: rows?.columns ?? null,
    subject: rows?.subject ?? null,
    from: rows?.from ?? null,
    rows: rows?.rows ?? null,
    not_chosen: rows?.notChosen ?? null,
    recipients: rows?.recipients ?? null,
    suppressed: rows?.suppressed ?? null,
    invalid: rows?.invalid ?? null,
    duplicates: rows?.duplicates ?? null,
    bytes: rows?.sizes === undefined ? null : sizesJson(rows.sizes),
    relays: relays.map(relayJson),
    domain: domain === undefined ? null : {
      name: domain.domain,
      spf: domain.spf,
      dkim: domain.dkim,
      dmarc: domain.dmarc ?? null,
    },
    errors: levels.error,
    warnings: levels.warning,
    notes: levels.note,
    findings: findings.map(findingJson),
    exit_code: exitCode,
  };
}

function sizesJson({ mean, smallest, largest }: Sizes): unknown {
  return { mean, smallest, largest: largest.bytes, largest_line: largest.line };
}

function relayJson(relay: RelayFacts): unknown {
  return {
    name: relay.name,
    reached: relay.reached,
    tls: relay.secure,
    login: relay.mechanism ?? null,
    certificate_days: relay.certificateDays ?? null,
    extensions: relay.extensions,
    max_size: relay.maxSize ?? null,
    mail_max: relay.mailMax ?? null,
  };
}

function findingJson({ level, check, what, why, fix, where }: Finding): unknown {
  return { level, check, what, why, fix, ...where };
}
