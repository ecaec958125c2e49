import { parseMailbox } from "../../list/address.ts";
import type { Mailed } from "../../ledger/bounce_record.ts";
import type { Evidence, Failure, Report } from "../reading/bounce_report.ts";
import type { Diagnosis } from "../reading/status.ts";

/** Finds recipients in the ledger. */
export interface Directory {
  /** A mail may have gone to several people: its tokens do not say which. */
  readonly hasCopies: boolean;
  byMailbox(mailbox: string): Promise<readonly Mailed[]>;
  /** By the tokens of Message-IDs. */
  byTokens(tokens: readonly string[]): Promise<ReadonlyMap<string, Mailed>>;
  /** By the tokens of return paths, derived from those of Message-IDs with the ledger's secret. Tries `likely` first. */
  byPathTokens(
    tokens: readonly string[],
    likely: readonly Mailed[],
  ): Promise<ReadonlyMap<string, Mailed>>;
}

/** A report with an effect. */
export type Effective = Extract<Report, { kind: "bounce" | "complaint" }>;

/** Whom a report is about, and how that is known; or why it is not about anybody in the ledger. */
export type BounceMatch =
  | {
    readonly kind: "matched";
    readonly recipient: Mailed;
    readonly by: "message-id" | "return-path" | "recipient";
    /** See `Bounce`. */
    readonly among?: readonly Mailed[];
    /** undefined for a complaint. */
    readonly diagnosis: Diagnosis | undefined;
  }
  | {
    readonly kind: "unmatched";
    /** As the report names them. */
    readonly address: string | undefined;
    readonly diagnosis: Diagnosis | undefined;
    readonly reason: string;
    /** It lacks the required token: anybody may have written it. */
    readonly isUnproven: boolean;
  };

/** How far behind the clock of the reporting server can be. */
const MAX_CLOCK_LAG_MS = 10 * 60_000;

/**
 * Finds the recipients of several reports at once; the results are in the same order, one or more for each report.
 *
 * @param needsToken Each mail had its own return path (`verp`): a report without a valid token of one matches nobody.
 */
export async function matchAll(
  reports: readonly Effective[],
  directory: Directory,
  needsToken: boolean,
): Promise<readonly (readonly BounceMatch[])[]> {
  const named = await Promise.all(reports.map((report) => rowsByAddress(report, directory)));
  const byToken = new Map<string, Mailed>();
  for (const row of named.flatMap((rows) => [...rows.values()].flat())) {
    if (row.token !== undefined) byToken.set(row.token, row);
  }
  // A named recipient brings its own token; for the other tokens, the whole ledger is read, once.
  const others = reports.flatMap(({ messageTokens }) => messageTokens)
    .filter((token) => !byToken.has(token));
  for (const [token, row] of await directory.byTokens(others)) byToken.set(token, row);
  const paths = reports.flatMap(({ pathTokens }) => pathTokens);
  const byPath = await directory.byPathTokens(paths, [...byToken.values()]);
  return reports.map((report, at) =>
    matchOne(report, {
      ...{ byToken, byPath, byAddress: named[at]!, needsToken },
      hasCopies: directory.hasCopies,
    })
  );
}

interface MatchContext {
  readonly byToken: ReadonlyMap<string, Mailed>;
  readonly byPath: ReadonlyMap<string, Mailed>;
  readonly byAddress: ReadonlyMap<string, readonly Mailed[]>;
  readonly needsToken: boolean;
  readonly hasCopies: boolean;
}

function matchOne(
  report: Effective,
  { byToken, byPath, byAddress, needsToken, hasCopies }: MatchContext,
): readonly BounceMatch[] {
  const failures: readonly Failure[] = report.kind === "bounce"
    ? report.failures
    : report.addresses.map((address) => ({ addresses: [address], diagnosis: NO_DIAGNOSIS }));
  const isBounce = report.kind === "bounce";
  // A return path is proof, a Message-ID is not: anybody who knows campaign and recipient can compute it.
  const path = firstOf(report.pathTokens, byPath);
  if (path === undefined && needsToken) {
    const reason = "it has no valid token of a return path, which 'verp' requires";
    return [{ ...unmatched(failures, isBounce, reason), isUnproven: true }];
  }
  const found = path ?? firstOf(report.messageTokens, byToken);
  if (found !== undefined) {
    const recipient = hasCopies ? theNamedOf(found, byAddress) : found;
    if (recipient === undefined) {
      const reason = "it does not say whether it is about the recipient or about a copy";
      return [unmatched(failures, isBounce, reason)];
    }
    if (!recipient.wasMailed) return [unmatched(failures, isBounce, notMailed(recipient))];
    const by = path === undefined ? "message-id" : "return-path";
    return [{
      kind: "matched",
      recipient,
      by,
      diagnosis: isBounce ? commonDiagnosis(failures) : undefined,
    }];
  }
  if (report.messageTokens.length + report.pathTokens.length > 0) {
    return [unmatched(failures, isBounce, "it is about a mail of another campaign")];
  }
  const matches = failures.map((failure) => byRecipient(failure, report, isBounce, byAddress));
  return matches.length > 0 ? matches : [unmatched([], isBounce, "it names no recipient")];
}

/** Of those who got the same mail, the one whom a report names. */
function theNamedOf(
  { token }: Mailed,
  byAddress: ReadonlyMap<string, readonly Mailed[]>,
): Mailed | undefined {
  const named = new Map([...byAddress.values()].flat().map((row) => [row.id, row]));
  const own = [...named.values()].filter((row) => row.token === token);
  return own.length === 1 ? own[0] : undefined;
}

/** A report without any trace of our mail is believed where it can be true. */
function byRecipient(
  failure: Failure,
  { date }: Evidence,
  isBounce: boolean,
  byAddress: ReadonlyMap<string, readonly Mailed[]>,
): BounceMatch {
  const address = failure.addresses.find((address) => byAddress.has(address));
  if (address === undefined) {
    return unmatched([failure], isBounce, "its recipient is not in the ledger");
  }
  const all = byAddress.get(address)!;
  const mailed = all.filter(({ wasMailed }) => wasMailed);
  if (mailed.length === 0) return unmatched([failure], isBounce, notMailed(all[0]!));
  const possible = mailed.filter((row) => !isOlder(date, row));
  if (possible.length === 0) return unmatched([failure], isBounce, "it is older than the mail");
  const diagnosis = isBounce ? failure.diagnosis : undefined;
  const recipient = possible[0]!;
  const among = possible.length > 1 && { among: all };
  return { kind: "matched", recipient, ...among, by: "recipient", diagnosis };
}

/** Returns whether a report of this date was written before the recipient's mail was accepted. */
function isOlder(date: number | undefined, { state, at }: Mailed): boolean {
  return state !== "failed" && date !== undefined && date + MAX_CLOCK_LAG_MS < (at ?? 0);
}

function unmatched(
  failures: readonly Failure[],
  isBounce: boolean,
  reason: string,
): BounceMatch & { kind: "unmatched" } {
  const [first] = failures;
  return {
    kind: "unmatched",
    address: first?.addresses[0],
    diagnosis: isBounce ? first?.diagnosis : undefined,
    reason,
    isUnproven: false,
  };
}

function notMailed({ state }: Mailed): string {
  return `no server has accepted a mail to its recipient, who is ${state}`;
}

/** The mail went to one address, which may have forwarded it to several: the failure is permanent only if none got it. */
function commonDiagnosis(failures: readonly Failure[]): Diagnosis {
  const soft = failures.find(({ diagnosis }) => diagnosis.verdict === "soft");
  return (soft ?? failures[0]!).diagnosis;
}

async function rowsByAddress(
  report: Effective,
  directory: Directory,
): Promise<ReadonlyMap<string, readonly Mailed[]>> {
  const addresses = report.kind === "bounce"
    ? report.failures.flatMap((failure) => failure.addresses)
    : report.addresses;
  const rows = new Map<string, readonly Mailed[]>();
  for (const address of addresses) {
    const mailbox = parseMailbox(address);
    const found = mailbox.kind === "mailbox" ? await directory.byMailbox(mailbox.key) : [];
    if (found.length > 0) rows.set(address, found);
  }
  return rows;
}

function firstOf(
  tokens: readonly string[],
  rows: ReadonlyMap<string, Mailed>,
): Mailed | undefined {
  return tokens.map((token) => rows.get(token)).find((row) => row !== undefined);
}

const NO_DIAGNOSIS: Diagnosis = {
  verdict: "soft",
  status: undefined,
  code: undefined,
  diagnostic: "",
};
