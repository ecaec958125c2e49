/** What `runCampaign()` passes to the producer; each test fails if an argument is missing. */
import assert from "node:assert/strict";
import { openLedgerReader } from "../../src/ledger/sqlite/reader.ts";
import { InputError } from "../../src/model/input_error.ts";
import { DROP, RuleServer } from "../pipeline/relays.ts";
import { fullDisk, rowsOf } from "../ledger/ledgers.ts";
import { until } from "../support/until.ts";
import { Campaign } from "./campaign.ts";

/** Address, state and reason of every row of the ledger. */
async function reasonsOf(campaign: Campaign): Promise<readonly string[]> {
  using ledger = openLedgerReader(campaign.ledger);
  return (await rowsOf(ledger)).map(({ address, state, reason = "" }) =>
    `${address} ${state} ${reason}`.trim()
  );
}

/** Standard input that a test writes to. */
function openStdin(): {
  readonly stdin: ReadableStream<Uint8Array>;
  write(t: string): void;
  end(): void;
} {
  let controller: ReadableStreamDefaultController<Uint8Array>;
  const stdin = new ReadableStream<Uint8Array>({ start: (given) => void (controller = given) });
  return {
    stdin,
    write: (text) => controller.enqueue(new TextEncoder().encode(text)),
    end: () => controller.close(),
  };
}

Deno.test("runCampaign() mails nobody whose row lacks what the template needs", async () => {
  await using server = new RuleServer();
  using campaign = new Campaign(0);
  campaign.write("mail.txt", "From: a@x.test\nSubject: x\n\nDear {{ Name }}\n");
  campaign.write("list.csv", "Name,Email\nAnn,a@x.test\n,b@x.test\n");
  await campaign.send([server.port]);
  assert.deepEqual(server.named, ["a@x.test"]);
  assert.deepEqual(await reasonsOf(campaign), [
    "a@x.test sent",
    "b@x.test invalid Column 'Name' is empty, and the template needs it",
  ]);
});

Deno.test("runCampaign() mails nobody who is suppressed, and records what suppresses them", async () => {
  await using server = new RuleServer();
  using campaign = new Campaign(3);
  campaign.write("left.csv", "R2@x.test\n");
  const file = campaign.folder.file("left.csv");
  const { exitCode, tally } = await campaign.send([server.port], { suppress: [file] });
  assert.deepEqual([exitCode, tally.sent, tally.skipped], [0, 2, 1]);
  assert.deepEqual((await reasonsOf(campaign))[1], `r2@x.test skipped Suppressed by ${file}:1`);
});

Deno.test("runCampaign() enters no row twice, because it does not read a finished list again", async () => {
  await using server = new RuleServer();
  using campaign = new Campaign(2, "bad\n");
  assert.equal((await campaign.send([server.port])).exitCode, 1);
  using _full = fullDisk(campaign.ledger, "INSERT");
  assert.equal((await campaign.send([server.port])).exitCode, 1);
});

Deno.test("runCampaign() warns of recipients named by --only that standard input lacks", async () => {
  await using server = new RuleServer();
  using campaign = new Campaign(0);
  const { stdin, write, end } = openStdin();
  write("Email\nr1@x.test\n");
  end();
  const only = ["r1@x.test", "r7@x.test", "r8@x.test"];
  await campaign.send([server.port], { recipients: "-", only }, { stdin });
  assert.deepEqual(server.accepted, ["r1@x.test"]);
  assert.deepEqual(campaign.told.warnings, [
    "Named by --only but not in the list: r7@x.test, r8@x.test",
  ]);
});

Deno.test("runCampaign() suggests a recipient if --only names nobody on standard input", async () => {
  await using server = new RuleServer();
  using campaign = new Campaign(0);
  const { stdin, write, end } = openStdin();
  write("Email\nanna@x.test\n");
  end();
  const options = { recipients: "-", only: ["ana@x.test"] };
  await assert.rejects(campaign.send([server.port], options, { stdin }), (error) => {
    assert(error instanceof InputError);
    assert.match(error.message, /^--only must name recipients of the list on standard input/);
    assert.equal(error.hint, "Did you mean 'anna@x.test'?");
    return true;
  });
});

Deno.test("runCampaign() mails recipients as they arrive on standard input, while it waits for more", async () => {
  await using server = new RuleServer();
  using campaign = new Campaign(0);
  const { stdin, write, end } = openStdin();
  // The reader needs a few bytes beyond a row, so the last one of these is still to come.
  write("Email\nr1@x.test\nr2@x.test\nr3@x.test\nr4@x.test\n");
  const sending = campaign.send([server.port], { recipients: "-" }, { stdin });
  await until("three are mailed", () => server.accepted.length === 3, 10_000);
  end();
  assert.equal((await sending).sentNow, 4);
});

Deno.test("runCampaign() holds back the last three of a file until the others are answered", async () => {
  let namedBefore: readonly string[] = [];
  await using server = new RuleServer({
    body: async ({ recipient }) => {
      if (recipient !== "r2@x.test") return undefined;
      // The other connections reach the last one that is not held back, with a moment to spare for more.
      await until("r12 is named", () => server.named.includes("r12@x.test"), 900).catch(() => {});
      await new Promise((next) => setTimeout(next, 50));
      namedBefore = [...server.named];
      return undefined;
    },
  });
  using campaign = new Campaign(15);
  assert.equal((await campaign.send([server.port])).sentNow, 15);
  const last = ["r12@x.test", "r13@x.test", "r14@x.test", "r15@x.test"];
  assert.deepEqual(last.filter((one) => namedBefore.includes(one)), ["r12@x.test"]);
});

for (
  const [what, dropMissing, exitCode, said] of [
    [
      "with --drop-missing skips those who are waiting and not in the list",
      true,
      0,
      "skipped No longer in",
    ],
    ["leaves those who are waiting and not in the list, and names them", false, 3, "deferred"],
  ] as const
) {
  Deno.test(`runCampaign() ${what}`, async () => {
    await using busy = new RuleServer({
      rcpt: ({ recipient }) => recipient === "r3@x.test" ? "450 4.2.0 later" : undefined,
    });
    await using server = new RuleServer();
    using campaign = new Campaign(3);
    await campaign.send([busy.port], { wait: false, firstRetryMs: 1 });
    campaign.list(2);
    const summary = await campaign.send([server.port], { dropMissing });
    assert.equal(summary.exitCode, exitCode);
    const list = campaign.folder.file("list.csv");
    assert.equal(
      summary.stop?.reason,
      dropMissing ? undefined : `1 recipient is waiting (r3@x.test) and not in '${list}'`,
    );
    const [third] = (await reasonsOf(campaign)).filter((row) => row.startsWith("r3"));
    assert.ok(third!.startsWith(`r3@x.test ${said}`), third);
    if (dropMissing) assert.ok(third!.endsWith(` ${list}`), third);
  });
}

Deno.test("runCampaign() within a limit retries a recipient who was deferred", async () => {
  let busy = true;
  await using server = new RuleServer({
    rcpt: () => busy ? (busy = false, "450 4.2.0 later") : undefined,
  });
  using campaign = new Campaign(3);
  const { exitCode, sentNow } = await campaign.send([server.port], { limit: 1 });
  assert.deepEqual([exitCode, sentNow], [0, 1]);
  assert.deepEqual(server.accepted, ["r1@x.test"]);
});

Deno.test("runCampaign() with --in-doubt resend does not send again to recipients that the same run left in doubt", async () => {
  const count = 300;
  let lost = false;
  await using server = new RuleServer({
    body: () => {
      if (lost) return undefined;
      lost = true;
      // The same bytes, written again, so that the list is read once more from the top.
      campaign.list(count);
      return DROP;
    },
  });
  using campaign = new Campaign(count);
  const only = Array.from({ length: count }, (_, at) => `r${at + 1}@x.test`);
  const options = { copyUpTo: 0, only, inDoubt: "resend" } as const;
  const { tally } = await campaign.send([server.port], options);
  assert.deepEqual([tally.inDoubt, tally.sent], [1, count - 1]);
  assert.ok(!server.accepted.includes("r1@x.test"));
});

Deno.test("runCampaign() says until when it waits, and stops saying so when the wait is over", async () => {
  await using server = new RuleServer({ rcpt: () => "450 4.2.0 later" });
  using campaign = new Campaign(1);
  const before = Date.now();
  const progress: Campaign["reporter"]["progress"] = (shown) => {
    campaign.reporter.progress(shown);
    if (shown.waitingUntil !== undefined) campaign.stop();
  };
  const reporter = { ...campaign.reporter, progress };
  await campaign.send([server.port], { firstRetryMs: 3_600_000 }, { reporter });
  const waits = campaign.told.progress.map(({ waitingUntil }) => waitingUntil);
  const [first] = waits.filter((due) => due !== undefined);
  // A retry comes after at least a sixth of the pause.
  assert.ok(first! > before + 600_000 && first! < Date.now() + 3_600_000);
  assert.equal(waits.at(-1), undefined);
});
