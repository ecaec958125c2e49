import assert from "node:assert/strict";
import { changesSince } from "../../src/campaign/content/changes/changes_since.ts";
import { planOf } from "../../src/campaign/plan.ts";
import type { Content } from "../../src/campaign/content/content.ts";
import type { SendOptions } from "../../src/campaign/send_options.ts";
import { exitCodeOf } from "../../src/model/exit_code.ts";
import type { Tally } from "../../src/model/tally.ts";
import { FACTS } from "../ledger/ledgers.ts";
import { NEEDED, resolve } from "../support/settings.ts";
import { tally as tallyOf } from "../support/report_examples.ts";

for (
  const [sentence, tally, stopped, expected] of [
    ["all sent", { sent: 5 }, undefined, 0],
    ["nobody to mail", {}, undefined, 0],
    ["sent, and skipped on purpose", { sent: 5, skipped: 2 }, undefined, 0],
    ["one failed", { sent: 5, failed: 1 }, undefined, 1],
    ["one invalid", { sent: 5, invalid: 1 }, undefined, 1],
    ["one in doubt", { sent: 5, inDoubt: 1 }, undefined, 1],
    ["retries are due", { sent: 5, deferred: 1 }, undefined, 3],
    ["some were never tried", { sent: 5, queued: 1 }, undefined, 3],
    ["some are claimed by a consumer", { sent: 5, claimed: 1 }, undefined, 3],
    ["retries are due and some failed", { failed: 5, deferred: 1 }, undefined, 3],
    ["stopped, though all are settled so far", { sent: 5 }, "signal", 3],
    ["stopped with failures", { failed: 5 }, "signal", 3],
  ] as const
) {
  Deno.test(`exitCodeOf() returns ${expected}: ${sentence}`, () => {
    assert.equal(exitCodeOf(tallyOf(tally), stopped), expected);
  });
}

for (
  const [what, change, said] of [
    ["nothing", {}, []],
    ["another list", { list: "list 2" }, [/^The list is not the one/]],
    ["another template", { template: "template 2" }, [/^The template is not the one/]],
    [
      "another relay",
      { relays: ["b.test:25", "c.test:25"] },
      [/^The relay was mx\.test:25 in the last run and is now b\.test:25, c\.test:25$/],
    ],
    ["another campaign", { campaign: "d" }, [/created for campaign 'c', but this is 'd'/]],
    ["all of it", { campaign: "d", list: "l", template: "t", relays: [] }, [/./, /./, /./, /./]],
  ] as const
) {
  Deno.test(`changesSince() says what changed: ${what}`, () => {
    const changes = changesSince(FACTS, { ...FACTS, ...change });
    assert.equal(changes.length, said.length);
    said.forEach((pattern, at) => assert.match(changes[at]!, pattern));
  });
}

Deno.test("changesSince() says nothing about a new ledger", () => {
  assert.deepEqual(changesSince(undefined, FACTS), []);
});

const COMPOSER = { from: "a@x.test", subject: "Hi", othersShown: () => [], uses: () => [] };

/** 100 rows: 90 recipients, 6 invalid, 4 duplicates. */
const SCAN = { rows: 100, recipients: 90, invalid: 6, duplicates: 4 };
/** The whole list has been entered; of those who can be mailed, nobody is settled. */
const ENTERED = tallyOf({ total: 100, queued: 90, invalid: 6, skipped: 4 });

for (
  const [sentence, choice, known, expected] of [
    ["everybody, with a new ledger", {}, undefined, 90],
    ["at most the limit", { limit: 7 }, undefined, 7],
    ["at most those named", { only: ["a@x.test", "b@x.test"] }, undefined, 2],
    ["unknown for a shard", { shard: { index: 1, count: 2 } }, undefined, undefined],
    ["unknown after an offset", { offset: 3 }, undefined, undefined],
    [
      "nobody who is settled",
      {},
      { ...ENTERED, queued: 30, sent: 50, failed: 10 },
      30,
    ],
    ["nobody who is in doubt", {}, { ...ENTERED, queued: 80, inDoubt: 10 }, 80],
    [
      "those in doubt too, with --in-doubt resend",
      { inDoubt: "resend" },
      { ...ENTERED, queued: 80, inDoubt: 10 },
      90,
    ],
    ["nobody who is suppressed", {}, { ...ENTERED, queued: 80, skipped: 14 }, 80],
    ["no row that makes no mail", {}, { ...ENTERED, queued: 88, invalid: 8 }, 88],
    ["rows not entered yet", {}, tallyOf({ total: 10, sent: 10 }), 80],
    ["nobody, if all are settled", {}, { ...ENTERED, queued: 0, sent: 90 }, 0],
    [
      "unknown, if the ledger has recipients who are no longer in the list",
      {},
      tallyOf({ total: 200, sent: 120, queued: 80 }),
      undefined,
    ],
  ] as readonly (readonly [string, Partial<SendOptions>, Tally | undefined, number | undefined])[]
) {
  Deno.test(`planOf() counts those to send to: ${sentence}`, async () => {
    const { options } = await resolve(NEEDED);
    const content = {
      scan: { ...SCAN, examples: [], encoding: "utf-8", delimiter: "," },
      composer: { ...COMPOSER },
      readmitted: 0,
      missing: { count: 0, examples: [] },
      suppression: {},
      facts: FACTS,
      changedSinceDone: [],
    } as unknown as Content;
    const { plan } = planOf(
      { ...options, ...choice },
      content,
      known &&
        {
          facts: FACTS,
          tally: known,
          suppressed: 0,
          again: new Map(),
          waitsElsewhere: false,
          notReached: () => Promise.resolve(0),
          leftBehind: () => Promise.resolve(0),
        },
    );
    assert.equal(plan.toSend, expected);
  });
}

Deno.test("planOf() does not guess how many mails a changed list needs", async () => {
  const { options } = await resolve(NEEDED);
  const content = {
    scan: { ...SCAN, examples: [], encoding: "utf-8", delimiter: "," },
    composer: { ...COMPOSER },
    missing: { count: 0, examples: [] },
    suppression: {},
    facts: { ...FACTS, list: "list 2" },
    changedSinceDone: [],
  } as unknown as Content;
  const { plan } = planOf(options, content, {
    facts: FACTS,
    tally: ENTERED,
    suppressed: 0,
    again: new Map(),
    waitsElsewhere: false,
    notReached: () => Promise.resolve(0),
    leftBehind: () => Promise.resolve(0),
  });
  assert.equal(plan.toSend, undefined);
  assert.equal(plan.changes.length, 1);
});

for (
  const [sentence, choice, known, expected, left] of [
    ["the first row of a new ledger is the first mail", {}, undefined, ["ada@x.test", true]],
    [
      "a recipient who may have been mailed is an example",
      {},
      { ...ENTERED, sent: 50, queued: 40 },
      [
        "ada@x.test",
        false,
      ],
    ],
    ["a recipient named by --only is the first", { only: ["bob@x.test"] }, undefined, [
      "bob@x.test",
      true,
    ]],
    ["after an offset, the first is unknown", { offset: 3 }, undefined, ["ada@x.test", false]],
    ["nobody is shown if there is nobody to send to", {}, { ...ENTERED, queued: 0, sent: 90 }, []],
    ["a suppressed recipient is not the first", {}, undefined, ["ada@x.test", false], "ada@x.test"],
  ] as readonly (readonly [string, Partial<SendOptions>, Tally | undefined, unknown[], string?])[]
) {
  Deno.test(`planOf() shows a recipient and a Subject: ${sentence}`, async () => {
    const { options } = await resolve(NEEDED);
    const { plan } = planOf(
      { ...options, ...choice },
      {
        scan: { ...SCAN, first: { key: "ada@x.test", address: "ada@x.test" }, examples: [] },
        readmitted: 0,
        firstNamed: choice.only && { key: choice.only[0], address: choice.only[0] },
        suppression: { why: (key: string) => left === key ? "left" : undefined },
        composer: { ...COMPOSER, subjectOf: () => "Hi" },
        missing: { count: 0, examples: [] },
        facts: FACTS,
        changedSinceDone: [],
      } as unknown as Content,
      known &&
        {
          facts: FACTS,
          tally: known,
          suppressed: 0,
          again: new Map(),
          waitsElsewhere: false,
          notReached: () => Promise.resolve(0),
          leftBehind: () => Promise.resolve(0),
        },
    );
    const { example } = plan;
    assert.deepEqual(example ? [example.address, example.first] : [], expected);
  });
}

Deno.test("planOf() counts as in doubt those who are held, not those who are retried", async () => {
  const { options } = await resolve(NEEDED);
  const content = {
    scan: { ...SCAN, examples: [] },
    composer: { ...COMPOSER },
    missing: { count: 0, examples: [] },
    suppression: {},
    facts: FACTS,
    changedSinceDone: [],
  } as unknown as Content;
  const known = {
    facts: FACTS,
    tally: { ...ENTERED, queued: 80, inDoubt: 10 },
    suppressed: 0,
    again: new Map([["in-doubt", 3]] as const),
    waitsElsewhere: false,
    notReached: () => Promise.resolve(0),
    leftBehind: () => Promise.resolve(0),
  };
  assert.equal(planOf(options, content, known).plan.inDoubt, 7);
  assert.equal(planOf({ ...options, inDoubt: "resend" }, content, known).plan.inDoubt, 0);
});

Deno.test("planOf() names the time zone if the template shows the time of sending", async () => {
  const { options } = await resolve(NEEDED);
  const zone = (timezone: string | undefined, kinds: readonly string[]) => {
    const content = {
      composer: { ...COMPOSER, uses: () => kinds.map((kind) => ({ kind })) },
      missing: { count: 0, examples: [] },
      suppression: {},
      facts: FACTS,
      changedSinceDone: [],
    } as unknown as Content;
    return planOf({ ...options, timezone }, content, undefined).plan.timezone;
  };
  assert.equal(zone(undefined, ["truth", "now"]), "UTC");
  assert.equal(zone("Europe/Berlin", ["now"]), "Europe/Berlin");
  assert.equal(zone("Europe/Berlin", ["truth"]), undefined);
});
