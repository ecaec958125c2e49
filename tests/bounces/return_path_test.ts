import assert from "node:assert/strict";
import { Folder, OUTCOMES } from "../ledger/ledgers.ts";
import { ledgerOf, pathOf, run, statesIn } from "./bounced_ledgers.ts";
import { complaint, report, type ReportInput, tokenOf } from "./reports.ts";

const { sent } = OUTCOMES;

Deno.test("With verp, a report has an effect only with a valid return path token", async () => {
  using folder = new Folder();
  await ledgerOf(folder.file(), [sent, sent, sent, sent]);
  const guessed = `bounces+${tokenOf(2)}@acme.example`;
  const forged: readonly ReportInput[] = [
    {},
    { returned: `${tokenOf(2)}@acme.example` },
    // A Message-ID is computed from what is no secret; a return path needs more than that.
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
  const proven = await run(folder.file(), [
    report({ id: "a@mx", path: pathOf(folder.file(), 2) }),
    report({ id: "b@mx", to: "inner@elsewhere.test", path: pathOf(folder.file(), 3) }),
    complained,
    // The returned header identifies the mail, whatever mailbox received the report.
    report({ id: "c@mx", to: "r5@x.test" })
      .replace("Subject: x", `Return-Path: <${pathOf(folder.file(), 5)}>\nSubject: x`),
  ], { needsToken: true });
  assert.deepEqual(proven.suppressed, ["r2@x.test", "r3@x.test", "r4@x.test", "r5@x.test"]);
  assert.deepEqual(
    proven.findings.map(({ matchedBy }) => matchedBy),
    Array.from({ length: 4 }, () => "return-path"),
  );
});

Deno.test("A return path outweighs the Message-ID and the address in the same report", async () => {
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
