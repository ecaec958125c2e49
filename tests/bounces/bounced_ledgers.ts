import assert from "node:assert/strict";
import { readBounces, type ToSuppress } from "../../src/bounces/bounces.ts";
import type { BounceFinding, BouncesResult } from "../../src/bounces/finding.ts";
import { VerpKey } from "../../src/compose/unsubscribe/verp.ts";
import { SqliteBounceRecord } from "../../src/ledger/sqlite/bounces/bounce_record.ts";
import { openLedgerReader } from "../../src/ledger/sqlite/reader.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import { entry, openAt, recipient, rowsOf, settled } from "../ledger/ledgers.ts";
import { tokenOf } from "./reports.ts";

/** A ledger of r2@x.test, r3@x.test and so on, each with an outcome recorded at `at`. */
export async function ledgerOf(
  path: string,
  outcomes: readonly (Outcome | undefined)[],
  at = Date.parse("2026-11-24T03:00:00Z"),
): Promise<void> {
  await using ledger = openAt(path);
  const claims = await ledger.claim(outcomes.map((_, index) => entry(recipient(index + 2))), 99);
  await ledger.write(claims.flatMap((claim, index) => {
    const outcome = outcomes[index];
    if (claim.kind !== "job" || outcome === undefined) return [];
    const change = settled(claim.id, outcome, at);
    return [{ ...change, messageId: `<${tokenOf(index + 2)}@acme.example>` } as typeof change];
  }));
}

interface Ran {
  readonly result: BouncesResult;
  readonly findings: readonly BounceFinding[];
  readonly suppressed: readonly string[];
}

/** Reads messages against a ledger. */
export async function run(
  ledger: string,
  messages: readonly string[],
  { dryRun = false, needsToken = false } = {},
): Promise<Ran> {
  const mbox = messages.map((text) => `From x Tue Nov 24 03:49:13 2026\n${text}\n`).join("");
  const findings: BounceFinding[] = [];
  const suppressed: ToSuppress[] = [];
  using record = new SqliteBounceRecord(ledger, !dryRun);
  const result = await readBounces({ path: "-", dryRun, needsToken }, {
    stdin: ReadableStream.from([new TextEncoder().encode(mbox)]),
    signal: new AbortController().signal,
    record,
    suppress(addresses) {
      suppressed.push(...addresses);
      return addresses.length;
    },
    onFinding: (finding) => findings.push(finding),
  });
  return { result, findings, suppressed: suppressed.map(({ key }) => key) };
}

/** The return path of the mail to the recipient on a line. */
export function pathOf(ledger: string, line: number): string {
  using record = new SqliteBounceRecord(ledger, false);
  return `bounces+${new VerpKey(record.verpSecret!).tokenOf(tokenOf(line))}@acme.example`;
}

/** Each recipient with their state, such as "r2@x.test sent". */
export async function statesIn(path: string): Promise<string[]> {
  using reader = openLedgerReader(path);
  const rows = await rowsOf(reader);
  const tally = await reader.tally();
  const count = (state: string) => rows.filter((row) => row.state === state).length;
  assert.deepEqual(
    [tally.sent, tally.failed, tally.inDoubt, tally.total],
    [count("sent"), count("failed"), count("in-doubt"), rows.length],
    "the tally is kept in step",
  );
  return rows.map(({ address, state }) => `${address} ${state}`);
}
