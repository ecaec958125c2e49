import type { ContentOptions } from "../compose/content_options.ts";
import type { ListOptions } from "../list/list_options.ts";
import type { ExitCode } from "../model/exit_code.ts";
import type { Relay } from "../model/relay.ts";
import { checkContent } from "./content_check.ts";
import type { Server } from "./dns/transport.ts";
import type { DomainFacts } from "./domain/domain.ts";
import { exitCodeOfFindings, type Finding, Findings, type Level } from "./finding.ts";
import type { RowsResult } from "./list/rows.ts";
import { checkNetwork } from "./network_check.ts";
import type { SuppressingOptions } from "../suppression/suppressing.ts";
import type { SuppressionFacts } from "../suppression/suppression_facts.ts";
import { checkSuppression } from "./suppression.ts";
import type { RelayFacts } from "./relay/relay.ts";

/** What is checked, and how far. */
export interface CheckOptions {
  readonly campaign: ListOptions & ContentOptions;
  /** Empty: none is given. */
  readonly relays: readonly Relay[];
  /** Do not connect to anything. */
  readonly offline: boolean;
  /** What recipients are left out by. */
  readonly suppression: SuppressingOptions;
  /** Warnings count as faults. */
  readonly strict: boolean;
  /** The DNS server to ask; undefined: the system's. */
  readonly dns: Server | undefined;
}

/** Everything that can be known before sending. */
export interface CheckReport {
  /** undefined: list or template cannot be used at all. */
  readonly rows: Omit<RowsResult, "samples"> | undefined;
  /** What recipients are left out by; undefined: it cannot be used. */
  readonly suppression: SuppressionFacts | undefined;
  /** The relays that were connected to. */
  readonly relays: readonly RelayFacts[];
  /** undefined: the DNS was not asked. */
  readonly domain: DomainFacts | undefined;
  /** Errors first. */
  readonly findings: readonly Finding[];
  /** How many findings a check has, including those that are not kept. */
  readonly countOf: (check: string) => number;
  readonly levels: Readonly<Record<Level, number>>;
  readonly exitCode: ExitCode;
}

export interface CheckDependencies {
  readonly stdin: ReadableStream<Uint8Array>;
  readonly signal: AbortSignal;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/**
 * Finds out what would go wrong, and sends nothing: renders every row's mail, examines some of them closely, connects to the
 * relays and asks the DNS about the sender.
 *
 * An input that cannot be used is a finding as well. Throws the signal's reason when the signal aborts.
 */
export async function checkCampaign(
  options: CheckOptions,
  dependencies: CheckDependencies,
): Promise<CheckReport> {
  const findings = new Findings();
  const add = (finding: Finding) => findings.add(finding);
  using suppression = await checkSuppression(
    { ...options.suppression, mailingList: options.campaign.mailingList },
    dependencies.signal,
    add,
  );
  const content = await checkContent(options.campaign, {
    ...dependencies,
    suppressing: suppression?.suppressing,
    add,
  });
  const network = options.offline
    ? { relays: [], domain: undefined }
    : await checkNetwork(options, content, { ...dependencies, add });
  const { samples: _, ...rows } = content?.rows ?? { samples: [] };
  return {
    suppression: suppression?.facts,
    rows: content && rows as Omit<RowsResult, "samples">,
    ...network,
    findings: findings.all(),
    countOf: (check) => findings.countOf(check),
    levels: findings.levels,
    exitCode: exitCodeOfFindings(findings.levels, {
      invalid: content?.rows.invalid ?? 0,
      strict: options.strict,
    }),
  };
}
