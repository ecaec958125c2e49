import { wallTime } from "../time/clock.ts";
import type { Bounce, BounceRecord } from "../ledger/bounce_record.ts";
import {
  type BounceFinding,
  type BouncesResult,
  count,
  emptyResult,
  findingOf,
  type Item,
} from "./finding.ts";
import { mailboxKeyOf } from "../model/recipient.ts";
import { directoryOf } from "./matching/directory.ts";
import { type BounceMatch, type Effective, matchAll } from "./matching/match.ts";
import { type MessagePlace, readMessages } from "./messages/messages.ts";
import { readReport, type Report } from "./reading/bounce_report.ts";

/** An address that gets no more mail, and why. */
export interface ToSuppress {
  readonly key: string;
  readonly reason: string;
  /** The recipient complained; otherwise, a server reported a failure. */
  readonly isComplaint: boolean;
}

export interface BouncesOptions {
  /** A file, a folder, or "-" for standard input. */
  readonly path: string;
  /** Report what would be done; change nothing. */
  readonly dryRun: boolean;
  /** Each mail has its own return path (`verp`): a report without a valid token of one changes nothing. */
  readonly needsToken: boolean;
}

export interface BouncesDependencies {
  readonly stdin: ReadableStream<Uint8Array>;
  readonly signal: AbortSignal;
  readonly record: BounceRecord;
  /** Adds addresses to the suppression list; returns how many are new. Called before the ledger is changed. */
  readonly suppress: (addresses: readonly ToSuppress[]) => number;
  readonly onFinding: (finding: BounceFinding) => void;
}

/** How many messages are looked up in the ledger, and noted, together. */
const BATCH = 500;

interface Read {
  readonly place: MessagePlace;
  readonly report: Report;
}

/**
 * Reads messages, notes in the ledger what the reports among them say about its recipients, and suppresses those who cannot be
 * reached or who complained. Reading the same messages again changes nothing.
 *
 * @throws {InputError} when there is nothing to read
 * @throws {StorageError} when the ledger or the suppression list cannot be read or written
 */
export async function readBounces(
  { path, dryRun, needsToken }: BouncesOptions,
  dependencies: BouncesDependencies,
): Promise<BouncesResult> {
  const result = emptyResult();
  let batch: Read[] = [];
  const settle = async () => {
    await settleBatch(batch, { dryRun, needsToken }, dependencies, result);
    batch = [];
  };
  for await (const found of readMessages(path, dependencies)) {
    dependencies.signal.throwIfAborted();
    const report: Report = found.kind === "unread"
      ? { kind: "unreadable", reason: found.reason }
      : await readReport(found.bytes);
    if (batch.push({ place: found.place, report }) === BATCH) await settle();
  }
  await settle();
  return result;
}

async function settleBatch(
  batch: readonly Read[],
  { dryRun, needsToken }: Omit<BouncesOptions, "path">,
  { record, suppress, onFinding }: BouncesDependencies,
  result: BouncesResult,
): Promise<void> {
  const items = await itemsOf(batch, record, needsToken);
  const bounces = items.flatMap((item) => "bounce" in item && item.bounce ? [item.bounce] : []);
  const foreseen = await record.foresee(bounces);
  const leaving = new Set(
    bounces.filter(({ kind }, at) => kind !== "soft" && foreseen[at]!.kind !== "known"),
  );
  // The list comes first, as a second entry changes nothing there; a report that is in the ledger is never acted on again.
  const addresses = [...leaving].map(suppressionOf);
  result.suppressed += dryRun ? new Set(addresses.map(({ key }) => key)).size : suppress(addresses);
  const noted = dryRun ? foreseen : await record.note(bounces);
  const effects = new Map(bounces.map((bounce, at) => [bounce, noted[at]!]));
  result.messages += batch.length;
  for (const item of items) {
    const bounce = "bounce" in item ? item.bounce : undefined;
    const effect = bounce && effects.get(bounce);
    count(result, item, effect);
    onFinding(findingOf(item, effect, bounce !== undefined && leaving.has(bounce)));
  }
}

async function itemsOf(
  batch: readonly Read[],
  record: BounceRecord,
  needsToken: boolean,
): Promise<readonly Item[]> {
  const effective = batch.map(({ report }) => report).filter(isEffective);
  const found = await matchAll(effective, directoryOf(record), needsToken);
  const matches = new Map(effective.map((report, at) => [report, found[at]!]));
  return batch.flatMap(({ place, report }): Item[] => {
    if (!isEffective(report)) return [{ place, report }];
    return matches.get(report)!.map((match) => ({
      place,
      report,
      match,
      bounce: match.kind === "matched" ? bounceOf(report, match) : undefined,
    }));
  });
}

function isEffective(report: Report): report is Effective {
  return report.kind === "bounce" || report.kind === "complaint";
}

function bounceOf(report: Effective, match: BounceMatch & { kind: "matched" }): Bounce {
  const { recipient, among, diagnosis } = match;
  return {
    recipient,
    ...(among !== undefined && { among }),
    kind: diagnosis?.verdict ?? "complaint",
    report: report.id,
    at: report.date ?? wallTime(),
    status: diagnosis?.status,
    code: diagnosis?.code,
    diagnostic: report.kind === "complaint"
      ? `Complaint: ${report.feedback}`
      : diagnosis?.diagnostic ?? "",
  };
}

function suppressionOf({ recipient, kind, status, diagnostic }: Bounce): ToSuppress {
  return {
    key: mailboxKeyOf(recipient.key),
    reason: diagnostic || status || "no reason given",
    isComplaint: kind === "complaint",
  };
}
