import assert from "node:assert/strict";
import {
  type BouncesResult,
  count,
  emptyResult,
  findingOf,
  findingText,
  type Item,
  resultLines,
} from "../../src/bounces/finding.ts";
import type { BounceMatch, Effective } from "../../src/bounces/matching/match.ts";
import type { Report } from "../../src/bounces/reading/bounce_report.ts";
import type { Mailed } from "../../src/ledger/bounce_record.ts";

const PLACE = { file: "in.mbox", number: 3 };
const ANN: Mailed = {
  id: 1,
  key: "ann@x.test",
  state: "sent",
  at: 0,
  wasMailed: true,
  token: undefined,
};
const HARD = { verdict: "hard", status: "5.1.1", code: 550, diagnostic: "no such user" } as const;
const EVIDENCE = { id: "r", date: 0, messageTokens: [], pathTokens: [] };
const REPORT: Effective = { kind: "bounce", ...EVIDENCE, failures: [] };
const COMPLAINT: Effective = { kind: "complaint", ...EVIDENCE, addresses: [], feedback: "abuse" };

const MATCHED: BounceMatch = { kind: "matched", recipient: ANN, by: "message-id", diagnosis: HARD };
const UNMATCHED: BounceMatch = {
  kind: "unmatched",
  address: "gone@y.test",
  diagnosis: { ...HARD, status: undefined, code: undefined },
  reason: "not here",
  isUnproven: false,
};

function itemOf(match: BounceMatch, report = REPORT, kind?: "hard" | "soft" | "complaint"): Item {
  const bounce = kind === undefined
    ? undefined
    : { ...HARD, recipient: ANN, kind, report: "r", at: 0 };
  return { place: PLACE, report, match, bounce };
}

const plain = (report: Exclude<Report, Effective>): Item => ({ place: PLACE, report });

Deno.test("findingOf() returns all that is known about a report, and no field without a value (--json)", () => {
  const effect = { kind: "failed", soft: 2 } as const;
  assert.deepEqual(findingOf(itemOf(MATCHED, REPORT, "hard"), effect, true), {
    ...PLACE,
    kind: "bounce",
    recipient: "ann@x.test",
    verdict: "hard",
    diagnostic: "no such user",
    status: "5.1.1",
    code: 550,
    matchedBy: "message-id",
    effect: "failed",
    softBounces: 2,
    suppressed: true,
  });
  assert.deepEqual(findingOf(itemOf(UNMATCHED), undefined, true), {
    ...PLACE,
    kind: "bounce",
    recipient: "gone@y.test",
    verdict: "hard",
    diagnostic: "no such user",
    reason: "not here",
    effect: "none",
    suppressed: false,
  });
  const nobody = { ...UNMATCHED, address: undefined, diagnosis: undefined };
  assert.deepEqual(findingOf(itemOf(nobody, COMPLAINT), undefined, false), {
    ...PLACE,
    kind: "complaint",
    reason: "not here",
    effect: "none",
    suppressed: false,
  });
  const none = { ...PLACE, effect: "none", suppressed: false };
  assert.deepEqual(findingOf(plain({ kind: "delay" }), undefined, false), {
    ...none,
    kind: "delay",
  });
  assert.deepEqual(
    findingOf(plain({ kind: "unreadable", reason: "too deep" }), undefined, false),
    { ...none, kind: "unreadable", reason: "too deep" },
  );
});

Deno.test("count() counts each item under its own name, and what it changed", () => {
  const unproven = { ...UNMATCHED, isUnproven: true };
  const cases: readonly (readonly [Item, keyof BouncesResult])[] = [
    [itemOf(MATCHED, REPORT, "hard"), "hard"],
    [itemOf(MATCHED, REPORT, "soft"), "soft"],
    [itemOf(MATCHED, COMPLAINT, "complaint"), "complaints"],
    [itemOf(UNMATCHED), "unmatched"],
    [itemOf(unproven), "unproven"],
    [plain({ kind: "delay" }), "delays"],
    [plain({ kind: "receipt" }), "receipts"],
    [plain({ kind: "auto-reply" }), "autoReplies"],
    [plain({ kind: "challenge" }), "challenges"],
    [plain({ kind: "other" }), "others"],
    [plain({ kind: "unreadable", reason: "x" }), "unreadable"],
  ];
  for (const [item, name] of cases) {
    const result = emptyResult();
    count(result, item, undefined);
    assert.deepEqual(result, { ...emptyResult(), [name]: 1 });
  }
  for (
    const [effect, changes] of [["failed", { failed: 1 }], ["known", { known: 1 }], [
      "noted",
      {},
    ]] as const
  ) {
    const result = emptyResult();
    count(result, itemOf(MATCHED, REPORT, "hard"), { kind: effect, soft: 0 });
    assert.deepEqual(result, { ...emptyResult(), hard: 1, ...changes });
  }
});

Deno.test("findingText() says in one line what became of a message", () => {
  const none = { ...PLACE, effect: "none", suppressed: false } as const;
  const soft = { ...none, kind: "bounce", verdict: "soft", recipient: "a@x.test" } as const;
  const cases: readonly (readonly [Parameters<typeof findingText>[0], string])[] = [
    [{ ...none, kind: "delay" }, "in.mbox, message 3: delay"],
    [
      { ...none, kind: "unreadable", reason: "too deep" },
      "in.mbox, message 3: unreadable: too deep",
    ],
    [
      {
        ...soft,
        verdict: "hard",
        status: "5.1.1",
        effect: "failed",
        suppressed: true,
      },
      "in.mbox, message 3: hard bounce of a@x.test (5.1.1): marked failed, suppressed",
    ],
    [
      { ...soft, effect: "noted", softBounces: 1 },
      "in.mbox, message 3: soft bounce of a@x.test: noted",
    ],
    [
      { ...soft, effect: "noted", softBounces: 2 },
      "in.mbox, message 3: soft bounce of a@x.test: noted, 2 soft bounces so far",
    ],
    [{ ...soft, effect: "known" }, "in.mbox, message 3: soft bounce of a@x.test: read before"],
  ];
  for (const [finding, text] of cases) assert.equal(findingText(finding), text);
});

Deno.test("resultLines() counts all kinds of messages, and omits those that did not occur", () => {
  assert.deepEqual(resultLines(emptyResult(), false), [
    "0 messages",
    "0 marked failed, 0 suppressed",
  ]);
  const all: BouncesResult = {
    ...{ messages: 40, hard: 1, soft: 2, complaints: 3, unmatched: 4, unproven: 5 },
    ...{ delays: 1, receipts: 2, autoReplies: 3, challenges: 4, others: 5, unreadable: 6 },
    ...{ failed: 7, known: 8, suppressed: 9 },
  };
  const [first, second] = resultLines(all, true);
  assert.match(first!, /^40 messages: 1 hard, 2 soft, 3 complaints, 4 .+, 5 .+, 15 .+, 6 .+$/);
  assert.match(second!, /^Would be: 7 marked failed, 9 suppressed, 8 read before$/);
  const one = resultLines({ ...emptyResult(), messages: 1, complaints: 1 }, false);
  assert.deepEqual(one, ["1 message: 1 complaint", "0 marked failed, 0 suppressed"]);
});
