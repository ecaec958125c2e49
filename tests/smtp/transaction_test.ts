import assert from "node:assert/strict";
import { capabilitiesOf, NO_CAPABILITIES } from "../../src/smtp/session/capabilities.ts";
import type { Reply } from "../../src/model/reply.ts";
import {
  type HandOver,
  severalAwaited,
  Transaction,
  unsendableOver,
} from "../../src/smtp/pipelining/transaction.ts";
import { settled } from "./fake_clock.ts";
import { BODY, free, mailTo, outline } from "./fixtures.ts";

const mail = mailTo("a@b.test");
const reply = (code: number): Reply => ({ code, enhanced: undefined, text: "", lines: [""] });
const begun = (handOver: HandOver = free) => new Transaction(mail, 0, handOver, NO_CAPABILITIES);

const notFailed = (reason: unknown) => assert.fail(`Failed: ${reason}`);

/** Hears these codes; undefined: they fit, else the first that does not. */
function hear(transaction: Transaction, ...codes: number[]): number | undefined {
  return codes.find((code) => !transaction.hear(reply(code)));
}

Deno.test("Transaction.handOver() lets a mail go at once where its record needs no waiting, else when it is on record", async () => {
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
    // What became of the mail must not be recorded before its hand-over is.
    assert.equal(told, "nothing");
    recorded[end]("disk full" as never);
    await settled();
    assert.equal(told, end === "resolve" ? "refused body 554" : "disk full");
    assert.deepEqual(called, []);
  });
}

Deno.test("Transaction.settle() tells at once once the hand-over is on record", async () => {
  const transaction = begun(() => Promise.resolve());
  transaction.handOver(() => {}, notFailed);
  await settled();
  transaction.settle({ kind: "accepted", reply: reply(250) });
  assert.equal(transaction.settled, true);
  assert.equal(outline(await transaction.attempt), "accepted 250");
});

Deno.test("Transaction.hear() moves on with each reply and keeps who was accepted", () => {
  const transaction = begun();
  const steps = [250, 250].map((code) => {
    assert.equal(transaction.hear(reply(code)), true);
    return [transaction.step, transaction.mailAccepted, transaction.rcptAccepted];
  });
  assert.deepEqual(steps, [["rcpt", true, false], ["data", true, true]]);
  assert.equal(transaction.refusal, undefined);
});

for (
  const [codes, expected, accepted] of [
    [[550, 503], "refused mail 550", [false, false]],
    [[250, 450], "refused rcpt 450", [true, false]],
    [[550, 250], "refused mail 550", [false, true]],
    [[599, 400], "refused mail 599", [false, false]],
  ] as const
) {
  Deno.test(`Transaction keeps the first refusal of ${codes.join(", ")}: ${expected}`, async () => {
    const transaction = begun();
    assert.equal(hear(transaction, ...codes), undefined);
    assert.deepEqual([transaction.mailAccepted, transaction.rcptAccepted], accepted);
    transaction.settleBroken("closed", "gone", true);
    assert.equal(outline(await transaction.attempt), expected);
  });
}

Deno.test("Transaction.hear() takes no 3yz, at any step", () => {
  for (const before of [[], [250]]) {
    for (const code of [300, 354, 399]) {
      const transaction = begun();
      hear(transaction, ...before);
      const { step } = transaction;
      assert.deepEqual([hear(transaction, code), transaction.step], [code, step]);
    }
  }
  for (const code of [299, 400]) assert.equal(hear(begun(), code), undefined);
});

Deno.test("Transaction.notTaken() is never in doubt", () => {
  assert.equal(outline(begun().notTaken("out-of-step", "")), "broken mail out-of-step");
});

/** The RSET before a mail is refused: that refusal counts where MAIL was not accepted, unless the mail may be taken. */
for (
  const [sentence, heard, handedOver, expected] of [
    ["MAIL is not answered", [554], false, "refused rset 554"],
    [
      "MAIL is not answered and the mail is handed over",
      [554],
      true,
      "broken mail closed handed-over",
    ],
    ["MAIL is refused, too", [554, 503], false, "refused rset 554"],
    ["MAIL is accepted", [554, 250], false, "broken rcpt closed"],
    ["RSET was accepted and MAIL refused", [250, 503], false, "refused mail 503"],
    ["it was a 421", [421], false, "refused rset 421"],
  ] as const
) {
  Deno.test(`Transaction after a refused RSET, where ${sentence}: ${expected}`, async () => {
    const transaction = begun();
    transaction.step = "rset";
    assert.equal(hear(transaction, ...heard), undefined);
    transaction.settleBroken("closed", "gone", handedOver);
    assert.equal(outline(await transaction.attempt), expected);
  });
}

Deno.test("Transaction.again() forgets what was said to its envelope", async () => {
  const transaction = begun();
  transaction.start = 7;
  hear(transaction, 503, 250);
  transaction.again();
  const { step, refusal, mailAccepted, rcptAccepted, start } = transaction;
  assert.deepEqual(
    [step, refusal, mailAccepted, rcptAccepted, start],
    ["mail", undefined, false, false, Infinity],
  );
  assert.equal(hear(transaction, 250, 550), undefined);
  transaction.settleBroken("closed", "gone", false);
  assert.equal(outline(await transaction.attempt), "refused rcpt 550");
});

Deno.test("Transaction.rcptOutOfOrder() is true for 502 and 503 to RCPT after MAIL was accepted", () => {
  const afterMail = (mailCode: number, code: number) => {
    const transaction = begun();
    hear(transaction, mailCode);
    return transaction.rcptOutOfOrder(reply(code));
  };
  assert.deepEqual([502, 503].map((code) => afterMail(250, code)), [true, true]);
  // 500 and 501 can be about the address.
  assert.deepEqual([500, 501, 504, 550].map((code) => afterMail(250, code)), Array(4).fill(false));
  assert.equal(afterMail(550, 503), false);
  assert.equal(begun().rcptOutOfOrder(reply(503)), false);
  const atData = begun();
  hear(atData, 250, 250);
  assert.equal(atData.rcptOutOfOrder(reply(503)), false);
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
    assert.equal(transaction.mailLine, line);
  });
}

Deno.test("unsendableOver() lets a mail of exactly the largest size pass", () => {
  const over = (limit: number) =>
    unsendableOver(capabilitiesOf(["mx", `SIZE ${limit}`]), mail)?.kind;
  assert.deepEqual([over(BODY.length), over(BODY.length - 1)], [undefined, "unsendable"]);
});

Deno.test("severalAwaited() is true while more than one reply is awaited", () => {
  const at = (step: Transaction["step"], start = 0) => Object.assign(begun(), { step, start });
  const unwritten = begun();
  for (
    const [queue, expected] of [
      [[], false],
      [[at("mail")], true],
      [[at("data")], true],
      [[at("body")], false],
      [[at("body"), unwritten], false],
      [[at("body"), at("mail")], true],
    ] as const
  ) {
    assert.equal(severalAwaited(queue), expected, queue.map(({ step }) => step).join());
  }
});
