/** The plan of a run, field by field. */
import assert from "node:assert/strict";
import type { Content } from "../../src/campaign/content/content.ts";
import type { PreviousRun } from "../../src/campaign/previous/previous_run.ts";
import { changesSince } from "../../src/campaign/content/changes/changes_since.ts";
import { planOf } from "../../src/campaign/plan.ts";
import type { SendOptions } from "../../src/campaign/send_options.ts";
import type { State } from "../../src/model/state.ts";
import { Secret } from "../../src/model/relay.ts";
import { FACTS } from "../ledger/ledgers.ts";
import { relayAt } from "../smtp/fixtures.ts";
import { NEEDED, resolve } from "../support/settings.ts";
import { tally as tallyOf } from "../support/report_examples.ts";

/** 100 rows: 90 recipients, 6 invalid, 4 duplicates; all entered; of those who can be mailed, nobody is settled. */
const SCAN = { rows: 100, recipients: 90, invalid: 6, duplicates: 4, examples: [] };
const ENTERED = tallyOf({ total: 100, queued: 90, invalid: 6, skipped: 4 });
const ADA = { key: "ada@x.test", address: "ada@x.test" };

async function planned(
  choice: Partial<SendOptions> = {},
  { tally, again = {} }: {
    tally?: Partial<PreviousRun["tally"]>;
    again?: Partial<Record<State, number>>;
  } = {},
  changes: Record<string, unknown> = {},
) {
  const { options } = await resolve(NEEDED);
  const shownTo: unknown[] = [];
  const content = {
    scan: { ...SCAN, first: ADA },
    composer: {
      from: "Acme <a@x.test>",
      subject: "Hi, {{ Name }}",
      uses: () => [],
      subjectOf: () => "Hi, Ada",
      othersShown: (recipient: unknown) => (shownTo.push(recipient), [{ header: "Cc" }]),
    },
    suppression: { why: () => undefined, listed: 1_204, filed: 0 },
    suppressed: undefined,
    readmitted: 0,
    changedSinceDone: [],
    missing: { count: 2, examples: ["m@x.test"] },
    facts: FACTS,
    ...changes,
  } as unknown as Content;
  const known = tally && {
    facts: FACTS,
    tally: { ...ENTERED, ...tally },
    suppressed: 1,
    again: new Map(Object.entries(again) as [State, number][]),
    waitsElsewhere: false,
    notReached: () => Promise.resolve(0),
    leftBehind: () => Promise.resolve(0),
  };
  return { ...planOf({ ...options, ...choice }, content, known), options, shownTo };
}

Deno.test("planOf() says what is sent, from whom, and how", async () => {
  const options = {
    campaign: "spring",
    recipients: "list.csv",
    ledger: "spring.ledger",
    connections: 7,
    rate: { count: 600, perMs: 60_000 },
    startAt: 1_000,
    until: 2_000,
    dropMissing: true,
    outbox: "outbox",
    suppressionList: { path: "left.db", named: true },
    relays: [relayAt(25, { name: "mx:25" })],
  };
  const { plan, before, shownTo } = await planned(options);
  assert.equal(before.suppressed, 0);
  assert.deepEqual(before.tally, Object.fromEntries(Object.keys(ENTERED).map((name) => [name, 0])));
  assert.deepEqual(shownTo, [ADA]);
  assert.deepEqual(plan, {
    campaign: "spring",
    list: "list.csv",
    where: undefined,
    scan: { ...SCAN, first: ADA },
    suppression: {
      list: "left.db",
      listed: 1_204,
      files: [],
      filed: 0,
      isOffered: false,
    },
    suppressed: undefined,
    settled: 0,
    toSend: 90,
    inDoubt: 0,
    readmitted: 0,
    changedSinceDone: [],
    again: 0,
    missing: { count: 2, examples: ["m@x.test"] },
    dropMissing: true,
    ledger: "spring.ledger",
    relays: ["mx:25"],
    links: ["no TLS, no login"],
    outbox: undefined,
    from: "Acme <a@x.test>",
    subject: "Hi, {{ Name }}",
    shown: [{ header: "Cc" }],
    example: { address: "ada@x.test", subject: "Hi, Ada", first: true },
    connections: 7,
    rate: options.rate,
    timezone: undefined,
    startAt: 1_000,
    until: 2_000,
    // 90 mails at ten a second.
    leastMs: 9_000,
    changes: [],
  });
});

Deno.test("planOf() says how each relay is reached, not who logs in, and where the sandbox writes to", async () => {
  const auth = { user: "u", password: new Secret("x"), mechanism: undefined };
  const relays = [
    relayAt(1, { security: "tls", auth }),
    relayAt(2, { security: "starttls" }),
    relayAt(3, { security: "opportunistic" }),
    relayAt(4, { sandbox: true }),
  ];
  const { plan } = await planned({ relays, outbox: "box" });
  assert.deepEqual(plan.links, [
    "TLS, login",
    "STARTTLS, no login",
    "STARTTLS if offered, no login",
    "no TLS, no login",
  ]);
  assert.equal(plan.outbox, "box");
});

Deno.test("planOf() gives the time that a rate takes only if it knows how many get a mail", async () => {
  const rate = { count: 1, perMs: 1_000 };
  assert.equal((await planned({ rate, limit: 5 })).plan.leastMs, 5_000);
  assert.equal((await planned({ rate, offset: 5 })).plan.leastMs, undefined);
  assert.equal((await planned({})).plan.leastMs, undefined);
});

for (
  const [what, choice, before, expected] of [
    ["all settled rows count", {}, { sent: 1, failed: 2, inDoubt: 3, queued: 84 }, {
      settled: 16,
      again: 0,
      inDoubt: 3,
    }],
    ["failed rows that are retried do not count as settled", {}, {
      failed: 20,
      queued: 70,
      again: { failed: 15 },
    }, {
      settled: 15,
      again: 15,
      inDoubt: 0,
      toSend: 85,
    }],
    ["rows in any state that is retried do not count as settled", {}, {
      failed: 10,
      inDoubt: 10,
      queued: 70,
      again: { failed: 1, invalid: 2, skipped: 3, "in-doubt": 4 },
    }, { settled: 20, again: 10, inDoubt: 6, toSend: 75 }],
    ["all in doubt are sent to again, each counted once", { inDoubt: "resend" }, {
      inDoubt: 10,
      queued: 80,
      again: { "in-doubt": 4, failed: 1 },
    }, { settled: 9, again: 11, inDoubt: 0 }],
    ["those in doubt who are not chosen are held", { inDoubt: "resend", only: ["ada@x.test"] }, {
      inDoubt: 10,
      queued: 80,
    }, { inDoubt: 10, again: 10 }],
    ["those in doubt before an offset are held", { inDoubt: "resend", offset: 1 }, {
      inDoubt: 10,
      queued: 80,
    }, { inDoubt: 10, again: 10 }],
    ["rows that are not entered yet are to be sent", {}, {
      total: 5,
      sent: 5,
      queued: 0,
      invalid: 0,
      skipped: 0,
    }, { toSend: 85 }],
    ["a ledger with as many rows as the list belongs to it", {}, { sent: 90, queued: 0 }, {
      toSend: 0,
    }],
    ["a ledger with one row more belongs to another", {}, { total: 101, sent: 90, queued: 0 }, {
      toSend: undefined,
    }],
  ] as const satisfies readonly (readonly [
    string,
    Partial<SendOptions>,
    Partial<PreviousRun["tally"]> & { again?: Partial<Record<State, number>> },
    Record<string, unknown>,
  ])[]
) {
  Deno.test(`planOf() counts those who are settled, in doubt and retried: ${what}`, async () => {
    const { again = {}, ...tally }: Partial<PreviousRun["tally"]> & {
      again?: Partial<Record<State, number>>;
    } = before;
    const { plan, before: known } = await planned(choice, { tally, again });
    const counts: Record<string, unknown> = { ...plan };
    const found = Object.keys(expected).map((name) => [name, counts[name]]);
    assert.deepEqual(Object.fromEntries(found), expected);
    assert.deepEqual([known.tally.sent, known.suppressed], [tally.sent ?? 0, 1]);
  });
}

Deno.test("planOf() knows neither how many mails standard input needs, nor who is mailed first", async () => {
  const { plan, shownTo } = await planned({ limit: 3 }, {}, { scan: undefined });
  assert.deepEqual([plan.toSend, plan.example, shownTo], [undefined, undefined, [undefined]]);
});

for (
  const [what, choice, tally] of [
    ["a part of the list is sent", { shard: { index: 1, count: 2 } }, undefined],
    ["the ledger is not new", {}, { total: 1, sent: 1, queued: 0, invalid: 0, skipped: 0 }],
  ] as const
) {
  Deno.test(`planOf() calls nobody the first if ${what}`, async () => {
    const { plan } = await planned(choice, tally === undefined ? {} : { tally });
    assert.deepEqual([plan.example?.address, plan.example?.first], ["ada@x.test", false]);
  });
}

Deno.test("changesSince() says that rows were appended, and not that the list is another", () => {
  const now = { ...FACTS, list: "list 2", continues: FACTS.list };
  assert.deepEqual(changesSince(FACTS, now), [
    "Rows were appended to the list since the last run: they are added",
  ]);
  assert.match(
    changesSince(FACTS, { ...now, continues: "list 0" })[0]!,
    /^The list is not the one/,
  );
  // Nothing was appended to an unchanged list.
  assert.deepEqual(changesSince(FACTS, { ...now, list: FACTS.list }), []);
});

Deno.test("planOf() does not count those whom the suppression leaves out among those who get a mail", async () => {
  const first = await planned({}, {}, { suppressed: 12 });
  assert.deepEqual([first.plan.toSend, first.plan.suppressed], [78, { count: 12, isSoFar: false }]);
  assert.equal((await planned({ limit: 80 }, {}, { suppressed: 12 })).plan.toSend, 78);
  assert.equal((await planned({}, {}, { suppressed: 90 })).plan.toSend, 0);
  // An unchanged list is not scanned: the ledger knows whom the last run left out.
  const again = await planned({}, { tally: { sent: 9, skipped: 11 } });
  assert.deepEqual(again.plan.suppressed, { count: 1, isSoFar: true });
});
