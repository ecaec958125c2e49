import assert from "node:assert/strict";
import type { Plan } from "../../src/report/plan.ts";
import { planText } from "../../src/report/plan_text.ts";
import { HOSTILE, HOSTILE_SHOWN, plan } from "../support/report_examples.ts";

Deno.test("planText() says plainly that the sandbox lets nothing out", () => {
  assert.equal(
    planText(plan()),
    `Campaign demo
  List      emails.csv: 25 rows (UTF-8, comma)
  To send   25 recipients
  From      Acme <news@example.com>
  Subject   Hello, {{ Name }}
  First     ada@example.com: Hello, Ada
  Relay     sandbox: nothing leaves this machine; mails go to outbox/
  Speed     10 connections
  Ledger    demo.ledger`,
  );
});

Deno.test("planText() names bad rows by file and line, what changed and what is in doubt", () => {
  const text = planText(plan({
    scan: {
      rows: 1_000,
      recipients: 995,
      invalid: 3,
      duplicates: 2,
      examples: [{ line: 7, reason: "Address has no domain: 'a@'" }, { line: 9, reason: "Empty" }],
      encoding: "windows-1252",
      delimiter: ";",
    },
    settled: 300,
    toSend: 695,
    inDoubt: 1,
    relays: ["smtp.example.com:587", "[2001:db8::1]:25"],
    links: ["STARTTLS, login", "no TLS, no login"],
    outbox: undefined,
    connections: 1,
    rate: { count: 500, perMs: 60_000 },
    leastMs: 83_400,
    changes: ["template changed", "relay changed"],
  }));
  assert.equal(
    text,
    `Campaign demo
  List      emails.csv: 1,000 rows (WINDOWS-1252, semicolon), 2 duplicates
  Invalid   3 rows get no mail:
            emails.csv:7: Address has no domain: 'a@'
            emails.csv:9: Empty
            and 1 more
  To send   695 recipients; 300 already settled
  In doubt  1 recipient from an earlier run, see "settle" and --in-doubt
  From      Acme <news@example.com>
  Subject   Hello, {{ Name }}
  First     ada@example.com: Hello, Ada
  Relay     smtp.example.com:587: STARTTLS, login
            [2001:db8::1]:25: no TLS, no login
  Speed     1 connection, at most 500/min, so at least 1 min 23 s
  Ledger    demo.ledger
  Changed   template changed
            relay changed`,
  );
});

Deno.test("planText() says what cannot be known about standard input", () => {
  const text = planText(plan({ list: "-", scan: undefined, toSend: undefined, settled: 4 }));
  assert.match(text, /List {6}standard input: checked row by row while sending\n/);
  assert.match(text, /To send {3}every recipient that arrives; 4 already settled\n/);
});

Deno.test("planText() does not guess how many in a changed list get a mail", () => {
  const text = planText(plan({ toSend: undefined, settled: 4 }));
  assert.match(
    text,
    /To send {3}everybody who is not settled yet, row by row; 4 already settled\n/,
  );
});

Deno.test("planText() says that there is nobody to send to", () => {
  assert.match(
    planText(plan({ toSend: 0, settled: 25 })),
    /To send {3}nothing; 25 already settled\n/,
  );
});

Deno.test("planText() shows delimiters and folders as people name them", () => {
  const scan = plan().scan;
  assert.ok(scan);
  assert.match(planText(plan({ scan: { ...scan, delimiter: "\t" } })), /\(UTF-8, tab\)/);
  assert.match(
    planText(plan({ scan: { ...scan, delimiter: undefined } })),
    /\(UTF-8, JSON Lines\)/,
  );
  assert.match(planText(plan({ scan: { ...scan, delimiter: "\x1f" } })), /\(UTF-8, "\\x1f"\)/);
  assert.match(planText(plan({ outbox: "/var/mail/out/" })), /go to \/var\/mail\/out\/\n/);
});

Deno.test("planText() shows hostile text escaped, wherever it comes from", () => {
  const text = planText(plan({
    campaign: HOSTILE,
    list: HOSTILE,
    scan: {
      rows: 1,
      recipients: 0,
      invalid: 1,
      duplicates: 0,
      examples: [{ line: 2, reason: HOSTILE }],
      encoding: HOSTILE,
      delimiter: HOSTILE,
    },
    ledger: HOSTILE,
    relays: [HOSTILE],
    example: { address: HOSTILE, subject: HOSTILE, first: true },
    outbox: undefined,
    from: HOSTILE,
    subject: HOSTILE,
    changes: [HOSTILE],
  }));
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(text.replaceAll("\n", ""), /[\u0000-\u001f\u007f-\u009f\u2028\u202e]/);
  assert.equal(text.split("\n").length, 12);
  assert.equal(text.split(HOSTILE_SHOWN).length - 1, 12);
});

Deno.test("planText() gives both times with their offset and the zone", () => {
  const startAt = new Date(2026, 10, 27, 9, 0).getTime();
  const until = new Date(2026, 10, 27, 18, 30).getTime();
  const moment = (time: string) => `Fri 2026-11-27 ${time} [+-]\\d\\d:\\d\\d`;
  const told = (plan: string) => /^ {2}Time {6}(.*)$/m.exec(plan)?.[1] ?? "";
  const zone = "\\([\\w/+-]+\\)$";
  assert.match(
    told(planText(plan({ startAt, until }))),
    new RegExp(`^from ${moment("09:00")} until ${moment("18:30")} ${zone}`),
  );
  assert.match(told(planText(plan({ until }))), new RegExp(`^until ${moment("18:30")} ${zone}`));
  assert.equal(told(planText(plan())), "");
});

Deno.test("planText() calls a recipient the first only if they are", () => {
  const example = { address: "ada@example.com", subject: "Hello, Ada" };
  assert.match(planText(plan({ example: { ...example, first: true } })), /^ {2}First {5}ada@/m);
  assert.match(planText(plan({ example: { ...example, first: false } })), /^ {2}Example {3}ada@/m);
});

Deno.test("planText() names addresses that are shown in the mails and get none", () => {
  const to = (showsRecipient: boolean) =>
    planText(plan({ shown: [{ header: "To", text: "list@x.test", showsRecipient }] }));
  assert.match(
    to(false),
    /From .*\n {2}To {8}'list@x\.test': recipients see this, not their own address; nobody named there gets a copy unless they are in the list too\n {2}Subject/,
  );
  assert.match(
    to(true),
    /\n {2}To {8}'list@x\.test': shown in every mail; besides the recipient, nobody named there gets a copy unless they are in the list too\n/,
  );
  const text = planText(plan({
    shown: [
      { header: "Cc", text: `Boss <boss@x.test>${HOSTILE}`, showsRecipient: false },
      { header: "Bcc", text: "archive@x.test", showsRecipient: false },
    ],
  }));
  assert.ok(
    text.includes(
      `\n  Cc        'Boss <boss@x.test>${HOSTILE_SHOWN}': shown in every mail; nobody named there gets a copy unless they are in the list too\n` +
        "  Bcc       'archive@x.test': left out of the mails; nobody named there gets a copy unless they are in the list too\n",
    ),
    text,
  );
});

Deno.test("planText() says in which time zone the template's now is shown", () => {
  assert.match(
    planText(plan({ timezone: "Europe/Berlin" })),
    /\n {2}Timezone {2}Europe\/Berlin, for 'now' in the template\n/,
  );
});

Deno.test("planText() names what recipients are left out by, and how many are", () => {
  const suppression = {
    list: "left.db",
    listed: 1_204,
    files: ["a.csv", "b.csv"],
    filed: 1,
    isOffered: true,
  };
  const line = (changes: Partial<Plan>) =>
    planText(plan(changes)).split("\n").find((line) => line.startsWith("  Suppressed"));
  const suppressed = { count: 3, isSoFar: false };
  assert.equal(
    line({ suppression, suppressed }),
    "  Suppressed left.db: 1,204 addresses; a.csv, b.csv: 1 address; 3 recipients left out",
  );
  assert.equal(
    line({ suppression: { ...suppression, files: [] }, suppressed: { count: 1, isSoFar: true } }),
    "  Suppressed left.db: 1,204 addresses; 1 recipient left out so far",
  );
  assert.equal(
    line({ suppression: { ...suppression, listed: undefined, filed: 7 }, suppressed: undefined }),
    "  Suppressed a.csv, b.csv: 7 addresses",
  );
  assert.equal(
    line({
      suppression: { ...suppression, listed: 0, files: [] },
      suppressed: { count: 0, isSoFar: false },
    }),
    "  Suppressed left.db: 0 addresses; no recipient left out",
  );
  const none = { ...suppression, listed: undefined, files: [] };
  assert.equal(line({ suppression: none }), "  Suppressed none: there is no 'left.db'");
  assert.equal(line({ suppression: { ...none, isOffered: false } }), undefined);
  // The other labels make room for the longer one.
  assert.match(planText(plan({ suppression, suppressed })), /^ {2}Relay {6}\S/m);
  assert.match(planText(plan({})), /^ {2}Relay {5}\S/m);
});
