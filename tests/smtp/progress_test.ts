import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Advance,
  advance,
  brokenOff,
  freshProgress,
  type Grouping,
  interrupt,
  type TransactionProgress,
} from "../../src/smtp/pipelining/progress.ts";
import { outline } from "./fixtures.ts";
import { reply } from "../ledger/ledgers.ts";

/** Reads the replies one after another; `reset` if RSET comes first. */
function hear(grouping: Grouping, reset: boolean, codes: readonly number[]): TransactionProgress {
  return codes.reduce(
    (progress, code) => Object.freeze(advance(progress, grouping, reply(code)).progress),
    Object.freeze(freshProgress(reset)),
  );
}

/** The next step in one word: the reply awaited, "!" if the mail is already refused, otherwise the value of `Next`. */
function inAWord({ progress, next }: Advance): string {
  switch (next.kind) {
    case "next-command":
      return progress.awaits + (progress.refusal === undefined ? "" : "!");
    case "done":
      return next.attempt.kind + (next.leftOpen ? ", open" : "");
    case "violation":
      return next.kind + (next.attempt === undefined ? "" : ", known");
    default:
      return next.kind;
  }
}

/**
 * What comes next, by the replies before it ("reset": RSET was written first) and the code of the reply.
 *
 * "open": the transaction is left open on the server. "known": the outcome of this mail is known although the replies do not fit.
 */
const TABLE = `
one-by-one | 250           | 354         | 421           | 450           | 500              | 502              | 503              | 550
reset      | mail          | violation   | refused       | reset-refused | reset-refused    | reset-refused    | reset-refused    | reset-refused
           | rcpt          | violation   | refused       | refused       | refused          | refused          | refused          | refused
250        | data          | violation   | refused, open | refused, open | refused, open    | refused, open    | refused, open    | refused, open
250 250    | violation     | write-body  | refused, open | refused, open | refused, open    | refused, open    | refused, open    | refused, open
250 250 354| accepted      | violation   | refused       | refused       | refused          | refused          | refused          | refused

group      | 250           | 354         | 421           | 450           | 500              | 502              | 503              | 550
reset      | mail          | violation   | rset!         | reset-refused | violation        | reset-refused    | violation        | reset-refused
           | rcpt          | violation   | rcpt!         | rcpt!         | rcpt!            | rcpt!            | rcpt!            | rcpt!
250        | data          | violation   | data!         | data!         | data!            | violation        | violation        | data!
550        | data!         | violation   | data!         | data!         | data!            | data!            | data!            | data!
250 250    | violation     | write-body  | refused, open | refused, open | violation        | violation        | violation        | refused, open
250 550    | violation     | write-dot   | refused, open | refused, open | refused, open    | refused, open    | refused, open    | refused, open
503 503    | violation     | violation   | refused       | refused       | refused          | refused          | refused          | refused
550 250    | violation     | violation   | refused       | refused       | refused          | refused          | refused          | refused
250 250 354| accepted      | violation   | refused       | refused       | refused          | refused          | refused          | refused
250 550 354| refused       | violation   | refused       | refused       | refused          | refused          | refused          | refused

behind-dot | 250           | 354         | 421           | 450           | 500              | 502              | 503              | 550
           | rcpt          | violation   | rcpt!         | rcpt!         | rcpt!            | rcpt!            | rcpt!            | rcpt!
503 503    | violation     | violation   | write-again   | write-again   | write-again      | write-again      | write-again      | write-again
500 250    | violation     | violation   | write-again   | write-again   | write-again      | write-again      | write-again      | write-again
550 503    | violation     | violation   | refused       | refused       | refused          | refused          | refused          | refused
421 503    | violation     | violation   | refused       | refused       | refused          | refused          | refused          | refused
250 250    | violation     | write-body  | refused, open | refused, open | violation        | violation        | violation        | refused, open
250 500    | violation     | write-dot   | refused, open | refused, open | refused, open    | refused, open    | refused, open    | refused, open
250 250 354| accepted      | violation   | refused       | refused       | refused          | refused          | refused          | refused

chunk      | 250           | 354         | 421           | 450           | 500              | 502              | 503              | 550
reset      | mail          | violation   | rset!         | reset-refused | violation        | reset-refused    | violation        | reset-refused
           | rcpt          | violation   | rcpt!         | rcpt!         | rcpt!            | rcpt!            | rcpt!            | rcpt!
250        | body          | violation   | body!         | body!         | body!            | violation        | violation        | body!
550        | body!         | violation   | body!         | body!         | body!            | body!            | body!            | body!
250 250    | accepted      | violation   | refused, open | refused, open | violation, known | violation, known | violation, known | refused, open
250 550    | refused, open | violation   | refused, open | refused, open | refused, open    | refused, open    | refused, open    | refused, open
550 250    | violation     | violation   | refused, open | refused, open | refused, open    | refused, open    | refused, open    | refused, open
503 503    | refused, open | violation   | refused, open | refused, open | refused, open    | refused, open    | refused, open    | refused, open
`;

for (const table of TABLE.trim().split("\n\n")) {
  const [[grouping, ...codes], ...rows] = table.split("\n").map((row) =>
    row.split("|").map((cell) => cell.trim())
  ) as [string[], ...string[][]];
  for (const [heard, ...expected] of rows) {
    Deno.test(`advance() tells what comes next: ${grouping}, ${heard === "" ? "nothing" : heard} heard`, () => {
      const before = heard!.split(" ").filter((word) => /^\d/.test(word)).map(Number);
      const progress = hear(grouping as Grouping, heard === "reset", before);
      const found = codes.map((code) =>
        inAWord(advance(progress, grouping as Grouping, reply(Number(code))))
      );
      assert.deepEqual(found, expected);
    });
  }
}

/** The outcome of a mail after which no more replies arrive, in each grouping. */
for (
  const [sentence, grouping, reset, codes, handedOver, expected] of [
    ["nothing was heard", "group", false, [], false, "broken mail closed"],
    ["it is handed over", "group", false, [250, 250, 354], true, "broken body closed handed-over"],
    ["RCPT was refused", "group", false, [250, 450], false, "refused rcpt 450"],
    ["MAIL and RCPT were refused", "group", false, [550, 503], false, "refused mail 550"],
    [
      "RCPT was refused and the chunk is handed over",
      "chunk",
      false,
      [250, 550],
      true,
      "refused rcpt 550",
    ],
    [
      "a chunk was accepted after MAIL had been refused",
      "chunk",
      false,
      [550, 250, 250],
      true,
      "broken body closed handed-over",
    ],
    [
      "it was refused because of its position after a dot",
      "behind-dot",
      false,
      [503, 503, 503],
      false,
      "broken mail closed",
    ],
    ["RSET was refused", "one-by-one", true, [554], false, "refused rset 554"],
    [
      "RSET was refused and the chunk is handed over",
      "chunk",
      true,
      [554],
      true,
      "broken mail closed handed-over",
    ],
    ["RSET and MAIL were refused", "chunk", true, [554, 503], true, "refused rset 554"],
    ["RSET was refused and MAIL accepted", "chunk", true, [554, 250], false, "broken rcpt closed"],
    ["RSET was accepted and MAIL refused", "group", true, [250, 503], false, "refused mail 503"],
    ["RSET was answered 421", "group", true, [421], false, "refused rset 421"],
    [
      "RSET was answered 421 and 250 after it",
      "group",
      true,
      [421, 250, 250],
      false,
      "refused rset 421",
    ],
  ] as const
) {
  Deno.test(`brokenOff() where ${sentence}: ${expected}`, () => {
    const progress = hear(grouping, reset, codes);
    assert.equal(outline(brokenOff(progress, "closed", "gone", handedOver)), expected);
  });
}

Deno.test("interrupt() counts a refusal before the end of the mail, and nothing else", () => {
  const progress = hear("group", false, [250, 250, 354]);
  const cases = [[250, "violation"], [354, "violation"], [421, "refused-early"], [
    550,
    "refused-early",
  ]] as const;
  for (const [code, expected] of cases) {
    const read = interrupt(progress, reply(code));
    assert.equal(read.next.kind, expected);
    assert.equal(
      outline(brokenOff(read.progress, "closed", "gone", false)),
      code < 400 ? "broken body closed" : `refused body ${code}`,
    );
  }
});

Deno.test("advance() reads a code by its first digit", () => {
  const read = [200, 299, 300, 399, 400, 499, 500, 599].map((code) =>
    inAWord(advance(freshProgress(false), "group", reply(code)))
  );
  assert.deepEqual(read, [
    ...["rcpt", "rcpt", "violation", "violation", "rcpt!", "rcpt!", "rcpt!", "rcpt!"],
  ]);
});

Deno.test("advance() names a reply that does not fit", () => {
  const details = ([
    ["group", true, [354]],
    ["group", true, [503]],
    ["group", false, [354]],
    ["group", false, [250, 503]],
    ["group", false, [250, 250, 250]],
    ["group", false, [250, 250, 503]],
    ["group", false, [550, 550, 354]],
    ["group", false, [250, 250, 354, 354]],
    ["chunk", false, [250, 250, 354]],
    ["chunk", false, [250, 250, 503]],
    ["chunk", false, [550, 250, 250]],
  ] as const).map(([grouping, reset, codes]) => {
    const before = hear(grouping, reset, codes.slice(0, -1));
    const { next } = advance(before, grouping, reply(codes.at(-1)!));
    return next.kind === "violation" ? next.detail : next.kind;
  });
  assert.deepEqual(details, [
    "RSET was answered 354",
    "RSET was answered 503",
    "MAIL was answered 354",
    "RCPT was answered 503",
    "DATA was answered 250",
    "DATA was answered 503 after RCPT had been accepted",
    "DATA was accepted after MAIL had been refused",
    "The body was answered 354",
    "BDAT was answered 354",
    "BDAT was answered 503 after RCPT had been accepted",
    "BDAT was accepted after MAIL had been refused",
  ]);
});

Deno.test("advance() accepts a mail only if MAIL, RCPT and the mail were accepted, and refuses it with the first refusal", () => {
  const grouping = fc.constantFrom<Grouping>("one-by-one", "group", "behind-dot", "chunk");
  const code = fc.oneof(
    fc.constantFrom(250, 354, 421, 503, 550),
    fc.integer({ min: 200, max: 599 }),
  );
  fc.assert(
    fc.property(grouping, fc.boolean(), fc.array(code, { maxLength: 6 }), (way, reset, codes) => {
      let progress = freshProgress(reset);
      const heard: number[] = [];
      for (const code of codes) {
        heard.push(code);
        const { next, progress: after } = advance(progress, way, reply(code));
        progress = after;
        if (next.kind === "next-command" || ["write-body", "write-dot"].includes(next.kind)) {
          continue;
        }
        if (next.kind !== "done") return;
        const refusals = heard.filter((code) => code >= 400);
        if (next.attempt.kind === "accepted") assert.deepEqual(refusals, []);
        else assert.equal(next.attempt.kind === "refused" && next.attempt.reply.code, refusals[0]);
        return;
      }
    }),
  );
});
