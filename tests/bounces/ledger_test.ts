import assert from "node:assert/strict";
import { readBounces, type ToSuppress } from "../../src/bounces/bounces.ts";
import type { BouncesResult, Finding } from "../../src/bounces/finding.ts";
import { VerpKey } from "../../src/compose/verp.ts";
import { BounceRecord } from "../../src/record/bounce_record.ts";
import { openLedgerReader } from "../../src/record/ledger_reader.ts";
import type { Outcome } from "../../src/record/outcome.ts";
import {
  deferred,
  entry,
  Folder,
  openAt,
  OUTCOMES,
  recipient,
  rowsOf,
  settled,
} from "../record/ledgers.ts";
import { complaint, report, type ReportInput, tokenOf } from "./reports.ts";

/** A ledger of r2@x.test, r3@x.test and so on, each with an outcome noted at `at`. */
async function ledgerOf(
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
  readonly findings: readonly Finding[];
  readonly suppressed: readonly string[];
}

/** Reads messages against a ledger. */
async function run(
  ledger: string,
  messages: readonly string[],
  { dryRun = false, needsToken = false } = {},
): Promise<Ran> {
  const mbox = messages.map((text) => `From x Tue Nov 24 03:49:13 2026\n${text}\n`).join("");
  const findings: Finding[] = [];
  const suppressed: ToSuppress[] = [];
  using record = new BounceRecord(ledger, !dryRun);
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
function pathOf(ledger: string, line: number): string {
  using record = new BounceRecord(ledger, false);
  return `bounces+${new VerpKey(record.verpSecret!).tokenOf(tokenOf(line))}@acme.example`;
}

/** "r2@x.test sent", and the reason where there is one. */
async function statesIn(path: string): Promise<string[]> {
  using reader = openLedgerReader(path);
  const rows = await rowsOf(reader);
  const tally = reader.tally();
  const count = (state: string) => rows.filter((row) => row.state === state).length;
  assert.deepEqual(
    [tally.sent, tally.failed, tally.inDoubt, tally.total],
    [count("sent"), count("failed"), count("in-doubt"), rows.length],
    "the tally is kept in step",
  );
  return rows.map(({ address, state }) => `${address} ${state}`);
}

const { sent, failed } = OUTCOMES;
const IN_DOUBT = OUTCOMES["in-doubt"];

Deno.test("A hard bounce makes a sent recipient failed, with what the server said, and suppresses it", async () => {
  using folder = new Folder();
  await ledgerOf(folder.file(), [sent, sent]);
  const { result, suppressed } = await run(folder.file(), [report({ to: "r2@x.test" })]);
  assert.deepEqual(suppressed, ["r2@x.test"]);
  assert.deepEqual([result.hard, result.failed, result.suppressed], [1, 1, 1]);
  assert.deepEqual(await statesIn(folder.file()), ["r2@x.test failed", "r3@x.test sent"]);
  using reader = openLedgerReader(folder.file());
  const [row] = await rowsOf(reader);
  assert.deepEqual(
    [row!.stage, row!.code, row!.enhanced, row!.reply, row!.reason],
    ["bounce", 550, "5.1.1", "550 5.1.1 no", "Bounced: 550 5.1.1 no"],
  );
});

Deno.test("A bounce settles a recipient in doubt: a server had the mail", async () => {
  using folder = new Folder();
  await ledgerOf(folder.file(), [IN_DOUBT]);
  await run(folder.file(), [report({})]);
  assert.deepEqual(await statesIn(folder.file()), ["r2@x.test failed"]);
});

Deno.test("A report read twice changes nothing the second time", async () => {
  using folder = new Folder();
  await ledgerOf(folder.file(), [sent, sent]);
  const mails = [report({}), report({ id: "2@mx", to: "r3@x.test", status: "5.2.2" })];
  await run(folder.file(), mails);
  const before = await statesIn(folder.file());
  const { result, suppressed, findings } = await run(folder.file(), [...mails, ...mails]);
  assert.deepEqual(suppressed, []);
  assert.deepEqual([result.failed, result.known, result.suppressed], [0, 4, 0]);
  assert.deepEqual(findings.map(({ softBounces }) => softBounces), [0, 1, 0, 1]);
  assert.deepEqual(await statesIn(folder.file()), before);
});

Deno.test("Soft bounces are counted, and the recipient stays sent", async () => {
  using folder = new Folder();
  await ledgerOf(folder.file(), [sent]);
  const { result, findings, suppressed } = await run(
    folder.file(),
    ["1@mx", "2@mx", "3@mx"].map((id) => report({ id, status: "4.4.7" })),
  );
  assert.deepEqual([result.soft, result.failed], [3, 0]);
  assert.deepEqual(findings.map(({ softBounces }) => softBounces), [1, 2, 3]);
  assert.deepEqual(suppressed, []);
  assert.deepEqual(await statesIn(folder.file()), ["r2@x.test sent"]);
});

Deno.test("A complaint suppresses, and the recipient stays sent", async () => {
  using folder = new Folder();
  await ledgerOf(folder.file(), [sent]);
  const { result, suppressed, findings } = await run(folder.file(), [complaint(2)]);
  assert.deepEqual([result.complaints, suppressed], [1, ["r2@x.test"]]);
  assert.equal(findings[0]!.matchedBy, "message-id");
  assert.deepEqual(await statesIn(folder.file()), ["r2@x.test sent"]);
});

Deno.test("A report is matched by the Message-ID it returns, whoever it names", async () => {
  using folder = new Folder();
  await ledgerOf(folder.file(), [sent, sent]);
  const cases: readonly ReportInput[] = [
    // Forwarded to an address that fails: nobody gets the mail of r3.
    { to: "inner@elsewhere.test", returned: `${tokenOf(3).toUpperCase()}@acme.example` },
    { to: "inner@elsewhere.test", path: pathOf(folder.file(), 3) },
    // The named one is in the ledger, too: the mail was r3's all the same.
    { to: "r2@x.test", returned: `${tokenOf(3)}@acme.example` },
  ];
  const { findings } = await run(
    folder.file(),
    cases.map((input, index) => report({ ...input, id: `${index}@mx` })),
  );
  assert.deepEqual(
    findings.map(({ recipient, matchedBy }) => [recipient, matchedBy]),
    [["r3@x.test", "message-id"], ["r3@x.test", "return-path"], ["r3@x.test", "message-id"]],
  );
  assert.deepEqual(await statesIn(folder.file()), ["r2@x.test sent", "r3@x.test failed"]);
});

Deno.test("A mail passed on to several is gone for good only where nobody got it", async () => {
  using folder = new Folder();
  await ledgerOf(folder.file(), [sent]);
  const returned = `${tokenOf(2)}@acme.example`;
  const twice = (action: string, status: string) =>
    report({ returned, id: `${action}${status}@mx` }).replace(
      "Final-Recipient",
      `Final-Recipient: rfc822; other@x.test\nAction: ${action}\nStatus: ${status}\n\nFinal-Recipient`,
    );
  const { result } = await run(folder.file(), [
    twice("delivered", "2.0.0"),
    twice("failed", "4.4.7"),
  ]);
  assert.deepEqual([result.soft, result.hard], [2, 0]);
  const both = await run(folder.file(), [twice("failed", "5.1.1")]);
  assert.equal(both.result.hard, 1);
});

Deno.test("A report about another campaign's mail does nothing, though its recipient is in the ledger", async () => {
  using folder = new Folder();
  await ledgerOf(folder.file(), [sent]);
  const other = "f".repeat(32);
  const { result, findings, suppressed } = await run(folder.file(), [
    report({ returned: `${other}@acme.example` }),
    report({ id: "2@mx", path: `bounces+${other}@acme.example` }),
  ]);
  assert.deepEqual([result.unmatched, suppressed], [2, []]);
  for (const { effect, reason } of findings) {
    assert.equal(effect, "none");
    assert.match(reason!, /another campaign/);
  }
  assert.deepEqual(await statesIn(folder.file()), ["r2@x.test sent"]);
});

Deno.test("A forged report does nothing to who was never mailed", async () => {
  using folder = new Folder();
  await ledgerOf(folder.file(), [failed, deferred(5_000), OUTCOMES.skipped, undefined]);
  const mails = [2, 3, 4, 5, 6].flatMap((line) => [
    report({ id: `a${line}@mx`, to: `r${line}@x.test` }),
    report({ id: `b${line}@mx`, returned: `${tokenOf(line)}@acme.example` }),
  ]);
  const before = await statesIn(folder.file());
  const { result, suppressed } = await run(folder.file(), mails);
  assert.deepEqual([result.unmatched, result.failed, suppressed], [10, 0, []]);
  assert.deepEqual(await statesIn(folder.file()), before);
});

Deno.test("With verp a report changes something only by a valid token of a return path", async () => {
  using folder = new Folder();
  await ledgerOf(folder.file(), [sent, sent, sent, sent]);
  const guessed = `bounces+${tokenOf(2)}@acme.example`;
  const forged: readonly ReportInput[] = [
    {},
    { returned: `${tokenOf(2)}@acme.example` },
    // What a mail's Message-ID is computed from is no secret, and its return path does not come of that alone.
    { path: guessed },
    { path: guessed, returned: `${tokenOf(2)}@acme.example` },
    { path: pathOf(folder.file(), 2).replace(/.(?=@)/, "g") },
  ];
  const ofNobody = forged.map((input, index) => report({ ...input, id: `${index}@mx` }));
  const before = await statesIn(folder.file());
  const { result, suppressed, findings } = await run(
    folder.file(),
    [...ofNobody, complaint(2)],
    { needsToken: true },
  );
  assert.deepEqual([result.unproven, result.unmatched, result.failed], [6, 0, 0]);
  assert.deepEqual(suppressed, []);
  for (const { effect, reason } of findings) {
    assert.equal(effect, "none");
    assert.match(reason!, /no valid token/);
  }
  assert.deepEqual(await statesIn(folder.file()), before);

  const complained = complaint(4).replace(
    "Feedback-Type: abuse",
    `Feedback-Type: abuse\nOriginal-Mail-From: <${pathOf(folder.file(), 4)}>`,
  );
  const true_ = await run(folder.file(), [
    report({ id: "a@mx", path: pathOf(folder.file(), 2) }),
    report({ id: "b@mx", to: "inner@elsewhere.test", path: pathOf(folder.file(), 3) }),
    complained,
    // Its header says which mail it was, whatever mailbox the report came to.
    report({ id: "c@mx", to: "r5@x.test" })
      .replace("Subject: x", `Return-Path: <${pathOf(folder.file(), 5)}>\nSubject: x`),
  ], { needsToken: true });
  assert.deepEqual(true_.suppressed, ["r2@x.test", "r3@x.test", "r4@x.test", "r5@x.test"]);
  assert.deepEqual(
    true_.findings.map(({ matchedBy }) => matchedBy),
    Array.from({ length: 4 }, () => "return-path"),
  );
});

Deno.test("A return path outweighs the Message-ID and the address that stand in the same report", async () => {
  using folder = new Folder();
  await ledgerOf(folder.file(), [sent, sent, sent]);
  const { suppressed } = await run(folder.file(), [report({
    to: "r2@x.test",
    returned: `${tokenOf(3)}@acme.example`,
    path: pathOf(folder.file(), 4),
  })]);
  assert.deepEqual(suppressed, ["r4@x.test"]);
});

Deno.test("Another ledger's return paths prove nothing", async () => {
  using folder = new Folder();
  using other = new Folder();
  await ledgerOf(folder.file(), [sent]);
  await ledgerOf(other.file(), [sent]);
  const mail = report({ path: pathOf(other.file(), 2) });
  const { suppressed } = await run(folder.file(), [mail], { needsToken: true });
  assert.deepEqual(suppressed, []);
});

Deno.test("A report without trace of our mail counts only where it is younger than the mail", async () => {
  using folder = new Folder();
  await ledgerOf(folder.file(), [sent, sent]);
  const foreign = "20261101.rewritten@relay.example";
  const { findings } = await run(folder.file(), [
    report({ returned: foreign, date: "Sun, 1 Nov 2026 00:00:00 +0000" }),
    report({ id: "2@mx", to: "R3@X.TEST", returned: foreign }),
  ]);
  assert.deepEqual(findings.map(({ effect, reason, matchedBy }) => [effect, reason ?? matchedBy]), [
    ["none", "it is older than the mail"],
    ["failed", "recipient"],
  ]);
});

Deno.test("--dry-run says what would be done and leaves the ledger as it is, byte for byte", async () => {
  using folder = new Folder();
  await ledgerOf(folder.file(), [sent]);
  const bytes = Deno.readFileSync(folder.file());
  const { result, findings, suppressed } = await run(folder.file(), [report({})], { dryRun: true });
  assert.deepEqual([result.failed, result.suppressed, suppressed], [1, 1, []]);
  assert.deepEqual([findings[0]!.effect, findings[0]!.suppressed], ["failed", true]);
  assert.deepEqual(Deno.readFileSync(folder.file()), bytes);
});

Deno.test("A suppression list that cannot be written leaves the report to the next run", async () => {
  using folder = new Folder();
  await ledgerOf(folder.file(), [sent]);
  const record = new BounceRecord(folder.file(), true);
  const failing = readBounces({ path: "-", dryRun: false, needsToken: false }, {
    stdin: ReadableStream.from([new TextEncoder().encode(report({}))]),
    signal: new AbortController().signal,
    record,
    suppress() {
      throw new Error("disk full");
    },
    onFinding() {},
  });
  await assert.rejects(failing, /disk full/);
  record[Symbol.dispose]();
  assert.deepEqual(await statesIn(folder.file()), ["r2@x.test sent"]);
  const { suppressed } = await run(folder.file(), [report({})]);
  assert.deepEqual(suppressed, ["r2@x.test"]);
});

Deno.test("More reports than a batch holds are all acted on", async () => {
  using folder = new Folder();
  await ledgerOf(folder.file(), Array.from({ length: 700 }, () => sent));
  const { result } = await run(
    folder.file(),
    Array.from({ length: 700 }, (_, index) =>
      report({
        id: `${index}@mx`,
        to: "elsewhere@y.test",
        returned: `${tokenOf(index + 2)}@acme.example`,
      })),
  );
  assert.deepEqual([result.messages, result.failed], [700, 700]);
});
