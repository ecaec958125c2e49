import assert from "node:assert/strict";
import type { StopReason } from "../../src/model/stop.ts";
import { summaryJson } from "../../src/report/json/summary_json.ts";
import { summaryText } from "../../src/report/summary.ts";
import { HOSTILE, HOSTILE_SHOWN, summary, tally } from "../support/report_examples.ts";

Deno.test("summaryText() of a run without trouble is two lines", () => {
  assert.equal(
    summaryText(summary()),
    "Campaign demo: done, 25 sent in 0.4 s (62/s)\n  Total     25 recipients: 25 sent",
  );
});

Deno.test("summaryText() of a run that mailed nobody says that nothing is left only if all is well", () => {
  const text = summaryText(summary({ sentNow: 0, tally: tally({ total: 2, inDoubt: 2 }) }));
  assert.match(text, /^Campaign demo: done, nothing sent\n/);
});

Deno.test("summaryText() of a run that was stopped counts the rows not reached", () => {
  const text = summaryText(summary({ state: "stopped", exitCode: 3, notReached: 1_975 }));
  assert.match(text, /25 sent\n {12}1,975 more rows of the list not reached yet$/m);
});

Deno.test("summaryText() shows which recipients need attention, why, and the next step", () => {
  const text = summaryText(summary({
    tally: tally({ total: 1_032, sent: 1_000, failed: 7, invalid: 20, skipped: 4, inDoubt: 1 }),
    sentNow: 1_000,
    durationMs: 10_000,
    exitCode: 1,
    examples: [
      { state: "failed", line: 7, address: "bob@example.com", reason: "550 5.1.1 No such user" },
      { state: "in-doubt", line: 11, address: "c@example.com", reason: "no reply after the dot" },
      { state: "invalid", line: 9, address: "a@", reason: "Address has no domain: 'a@'" },
      { state: "invalid", line: 1_012, address: "", reason: "Address is empty" },
      { state: "failed", line: 8, address: "al@example.com", reason: "552 5.2.2 Mailbox full" },
    ],
  }));
  assert.equal(
    text,
    `Campaign demo: done, 1,000 sent in 10 s (100/s)
  Total     1,032 recipients: 1,000 sent, 7 failed, 20 invalid, 4 skipped, 1 in doubt
  Failed
    line 7  bob@example.com  550 5.1.1 No such user
    line 8  al@example.com   552 5.2.2 Mailbox full
    and 5 more
  Invalid
    line 9     a@  Address has no domain: 'a@'
    line 1012      Address is empty
    and 18 more
  In doubt
    line 11  c@example.com  no reply after the dot
  Next      email-dispatcher export --ledger demo.ledger --state failed
            email-dispatcher send --retry failed     # and the other options of this run
            email-dispatcher export --ledger demo.ledger --state invalid
            correct these rows, or supply what they lack, and run the same command again
            email-dispatcher export --ledger demo.ledger --state in-doubt
            email-dispatcher settle EMAIL --ledger demo.ledger --as sent     # or failed, queued`,
  );
});

Deno.test("summaryText() shows how to say whose fault a refusal is if only recipients set aside are left", () => {
  const text = summaryText(summary({
    tally: tally({ total: 8, sent: 5, deferred: 2, queued: 1 }),
    state: "stopped",
    exitCode: 3,
    stop: {
      kind: "refused-by-relay",
      reason: "mx:25 refused 3 recipients: 550 no",
      hint: "Check the login",
    },
    undecided: true,
  }));
  assert.equal(
    text.slice(text.indexOf("  Next")),
    `  Next      email-dispatcher export --ledger demo.ledger --state deferred --state queued
            email-dispatcher settle EMAIL --ledger demo.ledger --state deferred --state queued --as failed     # if the refusal is the recipient's own`,
  );
});

Deno.test("summaryText() shows at most five examples of each state", () => {
  const examples = Array.from({ length: 9 }, (_, at) => ({
    state: "failed" as const,
    line: at + 2,
    address: `user${at}@example.com`,
    reason: "550 no",
  }));
  const text = summaryText(summary({ tally: tally({ total: 9, failed: 9 }), examples }));
  assert.equal(text.match(/550 no/g)?.length, 5);
  assert.match(text, /and 4 more\n/);
});

Deno.test("summaryText() of a stopped run gives the reason and how to continue", () => {
  const stopped = summary({
    state: "stopped",
    tally: tally({ total: 25, sent: 10, deferred: 2, queued: 12, claimed: 1 }),
    sentNow: 10,
    durationMs: 1_000,
    exitCode: 3,
    stop: {
      kind: "login",
      reason: "The relay refuses us: 535 5.7.8 no",
      hint: "Check SMTP_PASSWORD",
    },
  });
  assert.equal(
    summaryText(stopped),
    `Campaign demo: stopped early, 10 sent in 1.0 s (10/s)
  Reason    The relay refuses us: 535 5.7.8 no
            Check SMTP_PASSWORD
  Total     25 recipients: 10 sent, 2 deferred, 13 still to send`,
  );
  assert.equal(
    summaryText({
      ...stopped,
      sentNow: 0,
      stop: { kind: "signal", reason: "SIGINT", hint: undefined },
    }),
    `Campaign demo: stopped early, nothing sent
  Reason    SIGINT
  Total     25 recipients: 10 sent, 2 deferred, 13 still to send
  Next      run the same command again to continue`,
  );
});

Deno.test("summaryText() of a dry run promises nothing", () => {
  const text = summaryText(summary({ state: "planned", sentNow: 0, tally: tally() }));
  assert.equal(text, "Campaign demo: dry run, nothing was sent");
});

Deno.test("summaryText() says how to send an edited mail if nothing is left to send", () => {
  const nothing = { sentNow: 0, durationMs: 0 };
  assert.equal(
    summaryText(summary(nothing)),
    `Campaign demo: nothing left to send
  Total     25 recipients: 25 sent
  Next      to send an edited mail, give it a new id: --campaign NEW-ID, or id in campaign.toml`,
  );
  assert.match(
    summaryText(summary({ ...nothing, ledger: "a/mine.db" })),
    /or id in campaign\.toml, and a ledger of its own: --ledger FILE$/,
  );
  assert.doesNotMatch(
    summaryText(summary({ ...nothing, ledger: "a/demo.sandbox.ledger" })),
    /ledger/,
  );
  assert.doesNotMatch(summaryText(summary()), /new id/);
});

Deno.test("summaryText() says that rows of the list are left if only a part was to be sent", () => {
  assert.equal(
    summaryText(summary({ state: "stopped", notReached: 20, tally: tally({ total: 5, sent: 5 }) })),
    `Campaign demo: part of the list done, 25 sent in 0.4 s (62/s)
  Total     5 recipients: 5 sent
            20 more rows of the list not reached yet
  Next      run again for more of the list, or without --limit, --only and --offset for all of it`,
  );
});

Deno.test("summaryText() shows hostile text escaped, wherever it comes from", () => {
  const text = summaryText(summary({
    campaign: HOSTILE,
    state: "stopped",
    tally: tally({ total: 1, failed: 1 }),
    stop: { kind: "list", reason: HOSTILE, hint: HOSTILE },
    examples: [{ state: "failed", line: 2, address: HOSTILE, reason: HOSTILE }],
  }));
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(text.replaceAll("\n", ""), /[\u0000-\u001f\u007f-\u009f\u2028\u202e]/);
  assert.equal(text.split("\n").length, 8);
  assert.equal(text.split(HOSTILE_SHOWN).length - 1, 5);
});

Deno.test("summaryText() truncates an address that would hide the reason", () => {
  const examples = [
    { state: "invalid" as const, line: 2, address: "a".repeat(1_000_000), reason: "too long" },
  ];
  const text = summaryText(summary({ tally: tally({ total: 1, invalid: 1 }), examples }));
  assert.match(text, /line 2 {2}a{64}… {2}too long\n/);
});

Deno.test("summaryJson() has the documented fields, in order, numbers rounded", () => {
  const json = summaryJson(summary({
    tally: {
      total: 45,
      queued: 1,
      claimed: 2,
      deferred: 3,
      sent: 4,
      failed: 5,
      invalid: 6,
      skipped: 7,
      inDoubt: 8,
    },
    sentNow: 1_000,
    durationMs: 12_345.678,
    exitCode: 3,
    state: "stopped",
  }));
  assert.equal(
    JSON.stringify(json),
    '{"campaign":"demo","state":"stopped","total":45,"sent":4,"failed":5,"invalid":6,"skipped":7,' +
      '"suppressed":0,"in_doubt":8,"deferred":3,"queued":3,"duration_s":12.346,"per_second":81,"not_chosen":null,"exit_code":3,' +
      '"relay":"smtp.example.com:587","reason":null,"hint":null,"kind":null,"retryable":null}',
  );
});

Deno.test("summaryJson() says why a run ended early, the next step, and whether starting it again makes sense", () => {
  const table: [stop: StopReason, said: unknown[]][] = [
    [{ kind: "deadline", reason: "It is late", hint: undefined }, ["It is late", null, true]],
    [{ kind: "login", reason: "535 no", hint: "Check it." }, ["535 no", "Check it.", false]],
  ];
  for (const [stop, said] of table) {
    const { reason, hint, kind, retryable } = summaryJson(summary({ exitCode: 3, stop }));
    assert.deepEqual([kind, reason, hint, retryable], [stop.kind, ...said]);
  }
});

Deno.test("summaryJson() of a run that took no time has no infinite speed", () => {
  assert.equal(summaryJson(summary({ durationMs: 0 })).per_second, 0);
});

Deno.test("summaryText() and summaryJson() count the suppressed among the skipped", () => {
  const some = summary({ tally: tally({ total: 30, sent: 20, skipped: 10 }), suppressed: 7 });
  assert.match(
    summaryText(some),
    /^ {2}Total {5}30 recipients: 20 sent, 10 skipped \(7 suppressed\)$/m,
  );
  assert.equal(summaryJson(some).suppressed, 7);
  const unknown = summary({ ...some, suppressed: undefined });
  assert.match(summaryText(unknown), /: 20 sent, 10 skipped$/m);
  assert.equal(summaryJson(unknown).suppressed, null);
});
