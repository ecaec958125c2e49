import assert from "node:assert/strict";
import { capabilitiesOf, NO_CAPABILITIES } from "../../src/smtp/session/capabilities.ts";
import {
  type HandOver,
  severalAwaited,
  Transaction,
} from "../../src/smtp/pipelining/transaction.ts";
import { unsendableOver } from "../../src/smtp/pipelining/unsendable.ts";
import { settled } from "./fake_clock.ts";
import { BODY, free, mailTo, outline } from "./fixtures.ts";
import { reply } from "../ledger/ledgers.ts";

const mail = mailTo("a@b.test");
const begun = (handOver: HandOver = free) => new Transaction(mail, 0, handOver, NO_CAPABILITIES);

const notFailed = (reason: unknown) => assert.fail(`Failed: ${reason}`);

/** Writes its commands as one group, at position 0, and reads the replies to them. */
function hear(transaction: Transaction, ...codes: number[]): void {
  if (!transaction.isBegun) {
    transaction.begin("group", false);
    transaction.asksAt(0);
  }
  for (const code of codes) transaction.answer(reply(code), 1);
}

Deno.test("Transaction.handOver() releases a mail at once if its record is synchronous, otherwise when it is recorded", async () => {
  const gone: string[] = [];
  begun().handOver(() => gone.push("at once"), notFailed);
  assert.deepEqual(gone, ["at once"]);
  const recorded = Promise.withResolvers<void>();
  begun(() => recorded.promise).handOver(() => gone.push("recorded"), notFailed);
  await settled();
  assert.deepEqual(gone, ["at once"]);
  recorded.resolve();
  await settled();
  assert.deepEqual(gone, ["at once", "recorded"]);
});

Deno.test("Transaction.handOver() never lets a mail go that could not be recorded, and says why", async () => {
  const reasons: unknown[] = [];
  for (
    const handOver of [
      () => {
        throw "thrown";
      },
      () => Promise.reject("rejected"),
    ]
  ) {
    begun(handOver).handOver(() => assert.fail("gone"), (reason) => reasons.push(reason));
    await settled();
  }
  assert.deepEqual(reasons, ["thrown", "rejected"]);
});

for (const end of ["resolve", "reject"] as const) {
  Deno.test(`Transaction.handOver() calls nobody when its record ${end}s after the mail was settled`, async () => {
    const recorded = Promise.withResolvers<void>();
    const transaction = begun(() => recorded.promise);
    const called: string[] = [];
    transaction.handOver(() => called.push("go"), () => called.push("fail"));
    transaction.settle({ kind: "refused", stage: "body", reply: reply(554) });
    let told = "nothing";
    void transaction.attempt.then((attempt) => told = outline(attempt), (why) => told = why);
    await settled();
    // The outcome of the mail must not be recorded before its hand-over.
    assert.equal(told, "nothing");
    recorded[end]("disk full" as never);
    await settled();
    assert.equal(told, end === "resolve" ? "refused body 554" : "disk full");
    assert.deepEqual(called, []);
  });
}

Deno.test("Transaction.settle() reports at once if the hand-over is already recorded", async () => {
  const transaction = begun(() => Promise.resolve());
  transaction.handOver(() => {}, notFailed);
  await settled();
  transaction.settle({ kind: "accepted", reply: reply(250) });
  assert.equal(outline(await transaction.attempt), "accepted 250");
});

Deno.test("Transaction.answer() returns what comes next, and advances", () => {
  const transaction = begun();
  transaction.begin("group", true);
  const steps = [250, 250, 250, 354].map((code) => {
    const { kind } = transaction.answer(reply(code), 0);
    return `${kind} ${transaction.awaits}`;
  });
  assert.deepEqual(steps, [
    "next-command mail",
    "next-command rcpt",
    "next-command data",
    "write-body body",
  ]);
});

Deno.test("Transaction.answer() does not accept a reply before the last byte is written as an answer to the whole mail", () => {
  const answered = (code: number, maybeSent: number) => {
    const transaction = begun();
    hear(transaction, 250, 250, 354);
    transaction.endsAt(100);
    return transaction.answer(reply(code), maybeSent).kind;
  };
  assert.deepEqual([250, 550].map((code) => answered(code, 99)), ["violation", "refused-early"]);
  assert.deepEqual([250, 550].map((code) => answered(code, 100)), ["done", "done"]);
});

Deno.test("Transaction.begin() forgets the replies to its envelope", async () => {
  const transaction = begun();
  hear(transaction, 503, 250);
  transaction.begin("group", false);
  assert.deepEqual([transaction.awaits, transaction.isBegun], ["mail", false]);
  hear(transaction, 250, 550);
  transaction.settleBroken("closed", "gone", false);
  assert.equal(outline(await transaction.attempt), "refused rcpt 550");
});

Deno.test("Transaction reports whether it is requested or handed over, and whose turn it is", () => {
  const transaction = begun();
  const facts = (maybeSent: number) => [
    transaction.isAsked(maybeSent),
    transaction.isHandedOver(maybeSent),
    transaction.awaitsReply(maybeSent),
  ];
  assert.deepEqual([transaction.isBegun, transaction.isWhole], [false, false]);
  assert.deepEqual(facts(1e9), [false, false, false]);
  transaction.begin("chunk", false);
  transaction.asksAt(10);
  transaction.endsAt(90);
  assert.deepEqual([transaction.isBegun, transaction.isWhole], [true, true]);
  assert.deepEqual([10, 11, 89, 90].map(facts), [
    [false, false, false],
    [true, false, true],
    [true, false, true],
    [true, true, true],
  ]);
  for (const code of [250, 250]) transaction.answer(reply(code), 89);
  // Now the reply to the mail itself is awaited.
  assert.deepEqual([89, 90].map((maybeSent) => transaction.awaitsReply(maybeSent)), [false, true]);
});

Deno.test("Transaction.command is the command whose reply is awaited, commandGroup all of them", () => {
  const transaction = begun();
  transaction.begin("group", true);
  const { commandGroup } = transaction;
  const commands: string[] = [];
  for (const code of [250, 250, 250, 354]) {
    commands.push(transaction.command);
    transaction.answer(reply(code), 0);
  }
  const expected = ["RSET", "MAIL FROM:<s@a.test>", "RCPT TO:<a@b.test>", "DATA"];
  assert.deepEqual(commands, expected.map((line) => `${line}\r\n`));
  assert.equal(commandGroup, commands.join(""));
  transaction.begin("chunk", false);
  assert.equal(
    transaction.commandGroup,
    `MAIL FROM:<s@a.test>\r\nRCPT TO:<a@b.test>\r\nBDAT ${BODY.length} LAST\r\n`,
  );
});

for (
  const [offers, changes, line] of [
    [[], {}, "MAIL FROM:<s@a.test>\r\n"],
    [["SIZE 0"], {}, `MAIL FROM:<s@a.test> SIZE=${BODY.length}\r\n`],
    [["8BITMIME"], { eightBit: true }, "MAIL FROM:<s@a.test> BODY=8BITMIME\r\n"],
    [["8BITMIME", "SMTPUTF8"], {}, "MAIL FROM:<s@a.test>\r\n"],
  ] as const
) {
  Deno.test(`Transaction says ${line.trim()} to a server with ${offers.join(" and ") || "nothing"}`, () => {
    const capabilities = capabilitiesOf(["mx", ...offers]);
    const transaction = new Transaction(mailTo("a@b.test", BODY, changes), 0, free, capabilities);
    assert.equal(transaction.command, line);
  });
}

Deno.test("unsendableOver() lets a mail of exactly the largest size pass", () => {
  const over = (limit: number) =>
    unsendableOver(capabilitiesOf(["mx", `SIZE ${limit}`]), mail)?.kind;
  assert.deepEqual([over(BODY.length), over(BODY.length - 1)], [undefined, "unsendable"]);
});

Deno.test("severalAwaited() is true while more than one reply is awaited", () => {
  const at = (...codes: number[]) => {
    const transaction = begun();
    hear(transaction, ...codes);
    return transaction;
  };
  const inBody = at(250, 250, 354);
  for (
    const [queue, expected] of [
      [[], false],
      [[at()], true],
      [[at(250, 250)], true],
      [[inBody], false],
      [[inBody, begun()], false],
      [[inBody, at()], true],
    ] as const
  ) {
    assert.equal(severalAwaited(queue), expected, queue.map(({ awaits }) => awaits).join());
  }
});
