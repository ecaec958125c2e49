import { parseMailbox } from "../../list/address.ts";
import type { Mailed } from "../../ledger/sqlite/bounces/bounce_record.ts";
import type { Evidence, Failure, Report } from "../reading/bounce_report.ts";
import type { Diagnosis } from "../reading/status.ts";

/** The ledger, as far as it is asked who somebody is. */
export interface Directory {
  byKey(key: string): Mailed | undefined;
  /** By the tokens of Message-IDs. */
  byTokens(tokens: readonly string[]): ReadonlyMap<string, Mailed>;
  /** By the tokens of return paths, which are made of those of Message-IDs with the ledger's secret. Looks among `likely` first. */
  byPathTokens(tokens: readonly string[], likely: readonly Mailed[]): ReadonlyMap<string, Mailed>;
}

/** A report with an effect. */
export type Effective = Extract<Report, { kind: "bounce" | "complaint" }>;

/** Whom a report is about, and how that is known; or why it is about nobody in the ledger. */
export type BounceMatch =
  | {
    readonly kind: "matched";
    readonly recipient: Mailed;
    readonly by: "message-id" | "return-path" | "recipient";
    /** Missing for a complaint. */
    readonly diagnosis: Diagnosis | undefined;
  }
  | {
    readonly kind: "unmatched";
    /** As the report names them. */
    readonly address: string | undefined;
    readonly diagnosis: Diagnosis | undefined;
    readonly reason: string;
    /** It lacks the token that a report must have: anybody may have written it. */
    readonly isUnproven: boolean;
  };

/** How much the clock of the server that wrote a report may be slow. */
const CLOCKS_DIFFER_MS = 10 * 60_000;

/**
 * Finds the recipients of some reports at once; the answers are in the same order, one or more for each.
 *
 * @param needsToken Mails had return paths of their own (`verp`): a report without a valid token of one is about nobody.
 */
export function matchAll(
  reports: readonly Effective[],
  directory: Directory,
  needsToken: boolean,
): readonly (readonly BounceMatch[])[] {
  const named = reports.map((report) => rowsOf(report, directory));
  const byToken = new Map<string, Mailed>();
  for (const row of named.flatMap((rows) => [...rows.values()])) {
    if (row.token !== undefined) byToken.set(row.token, row);
  }
  // A report that names its recipient brings the token's owner along; for the others the whole ledger is read, once.
  const others = reports.flatMap(({ messageTokens }) => messageTokens)
    .filter((token) => !byToken.has(token));
  for (const [token, row] of directory.byTokens(others)) byToken.set(token, row);
  const paths = reports.flatMap(({ pathTokens }) => pathTokens);
  const byPath = directory.byPathTokens(paths, [...byToken.values()]);
  return reports.map((report, at) =>
    matchOne(report, { byToken, byPath, byAddress: named[at]!, needsToken })
  );
}

interface Known {
  readonly byToken: ReadonlyMap<string, Mailed>;
  readonly byPath: ReadonlyMap<string, Mailed>;
  readonly byAddress: ReadonlyMap<string, Mailed>;
  readonly needsToken: boolean;
}

function matchOne(
  report: Effective,
  { byToken, byPath, byAddress, needsToken }: Known,
): readonly BounceMatch[] {
  const failures: readonly Failure[] = report.kind === "bounce"
    ? report.failures
    : report.addresses.map((address) => ({ addresses: [address], diagnosis: NO_DIAGNOSIS }));
  const told = report.kind === "bounce";
  // A return path is proof, and a Message-ID is not: who knows campaign and recipient can compute it.
  const path = firstOf(report.pathTokens, byPath);
  if (path === undefined && needsToken) {
    const reason = "it holds no valid token of a return path, which 'verp' asks for";
    return [{ ...unmatched(failures, told, reason), isUnproven: true }];
  }
  const recipient = path ?? firstOf(report.messageTokens, byToken);
  if (recipient !== undefined) {
    if (!recipient.wasMailed) return [unmatched(failures, told, notMailed(recipient))];
    const by = path === undefined ? "message-id" : "return-path";
    return [{ kind: "matched", recipient, by, diagnosis: told ? together(failures) : undefined }];
  }
  if (report.messageTokens.length + report.pathTokens.length > 0) {
    return [unmatched(failures, told, "it is about a mail of another campaign")];
  }
  const matches = failures.map((failure) => byRecipient(failure, report, told, byAddress));
  return matches.length > 0 ? matches : [unmatched([], told, "it names no recipient")];
}

/** A report without any trace of our mail: its word is taken where it can be true. */
function byRecipient(
  failure: Failure,
  { date }: Evidence,
  told: boolean,
  byAddress: ReadonlyMap<string, Mailed>,
): BounceMatch {
  const address = failure.addresses.find((address) => byAddress.has(address));
  if (address === undefined) {
    return unmatched([failure], told, "its recipient is not in the ledger");
  }
  const recipient = byAddress.get(address)!;
  if (!recipient.wasMailed) return unmatched([failure], told, notMailed(recipient));
  const isOpen = recipient.state !== "failed";
  if (isOpen && date !== undefined && date + CLOCKS_DIFFER_MS < (recipient.at ?? 0)) {
    return unmatched([failure], told, "it is older than the mail");
  }
  const diagnosis = told ? failure.diagnosis : undefined;
  return { kind: "matched", recipient, by: "recipient", diagnosis };
}

function unmatched(
  failures: readonly Failure[],
  told: boolean,
  reason: string,
): BounceMatch & { kind: "unmatched" } {
  const [first] = failures;
  return {
    kind: "unmatched",
    address: first?.addresses[0],
    diagnosis: told ? first?.diagnosis : undefined,
    reason,
    isUnproven: false,
  };
}

function notMailed({ state }: Mailed): string {
  return `no server has taken over a mail to its recipient, who is ${state}`;
}

/** The mail went to one address, which may have passed it on to several: it is gone for good where none got it. */
function together(failures: readonly Failure[]): Diagnosis {
  const soft = failures.find(({ diagnosis }) => diagnosis.verdict === "soft");
  return (soft ?? failures[0]!).diagnosis;
}

function rowsOf(report: Effective, directory: Directory): ReadonlyMap<string, Mailed> {
  const addresses = report.kind === "bounce"
    ? report.failures.flatMap((failure) => failure.addresses)
    : report.addresses;
  const rows = new Map<string, Mailed>();
  for (const address of addresses) {
    const mailbox = parseMailbox(address);
    const row = mailbox.kind === "mailbox" ? directory.byKey(mailbox.key) : undefined;
    if (row !== undefined) rows.set(address, row);
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
