import assert from "node:assert/strict";
import { type Directory, type Effective, matchAll } from "../../src/bounces/matching/match.ts";
import type { Failure } from "../../src/bounces/reading/bounce_report.ts";
import type { Diagnosis } from "../../src/bounces/reading/status.ts";
import type { Mailed } from "../../src/ledger/bounce_record.ts";
import { mailboxKeyOf } from "../../src/model/recipient.ts";

const HARD: Diagnosis = { verdict: "hard", status: "5.1.1", code: 550, diagnostic: "no such user" };
const SOFT: Diagnosis = { verdict: "soft", status: "5.2.2", code: 552, diagnostic: "full" };
const AT = Date.UTC(2026, 10, 24);
const MINUTE = 60_000;

function rowOf(name: string, changes: Partial<Mailed> = {}): Mailed {
  return {
    id: name.charCodeAt(0),
    key: `${name}@x.test`,
    state: "sent",
    at: AT,
    wasMailed: true,
    token: `id-${name}`,
    ...changes,
  };
}

const ROWS = [
  rowOf("ann"),
  rowOf("bob"),
  rowOf("queued", { state: "queued", wasMailed: false, token: undefined }),
  rowOf("failed", { state: "failed" }),
  rowOf("timeless", { at: undefined }),
];

/** A ledger, and what it was asked. A return path's token is `path-` and the name. */
function ledger(): Directory & { readonly asked: unknown[] } {
  const asked: unknown[] = [];
  const found = (tokens: readonly string[], prefix: string) =>
    new Map(tokens.flatMap((token) => {
      const row = ROWS.find(({ key }) => `${prefix}${key.split("@")[0]}` === token);
      return row === undefined ? [] : [[token, row] as const];
    }));
  return {
    asked,
    hasCopies: false,
    byMailbox: (mailbox) =>
      Promise.resolve(ROWS.filter(({ key }) => mailboxKeyOf(key) === mailbox)),
    byTokens: (tokens) => {
      asked.push(tokens);
      return Promise.resolve(found(tokens, "id-"));
    },
    byPathTokens: (tokens, likely) => {
      asked.push([tokens, likely.map(({ key }) => key)]);
      return Promise.resolve(found(tokens, "path-"));
    },
  };
}

function bounce(failures: readonly Failure[], changes: Partial<Effective> = {}): Effective {
  const evidence = { id: "r", date: AT, messageTokens: [], pathTokens: [] };
  return { kind: "bounce", failures, ...evidence, ...changes } as Effective;
}

function complaint(addresses: readonly string[], changes: Partial<Effective> = {}): Effective {
  const evidence = { id: "r", date: AT, messageTokens: [], pathTokens: [], feedback: "abuse" };
  return { kind: "complaint", addresses, ...evidence, ...changes } as Effective;
}

const failure = (address: string, diagnosis = HARD): Failure => ({
  addresses: [address],
  diagnosis,
});

/** One line for each match: the recipient, what matched and the verdict; or the address, and why it does not match. */
async function linesOf(report: Effective, needsToken = false): Promise<string[]> {
  const [matches] = await matchAll([report], ledger(), needsToken);
  return matches!.map((match) => {
    const verdict = match.diagnosis?.verdict ?? "untold";
    return match.kind === "matched"
      ? `${match.recipient.key} by ${match.by}, ${verdict}`
      : `${match.address}, ${verdict}: ${match.reason}${match.isUnproven ? " (unproven)" : ""}`;
  });
}

const UNKNOWN = "its recipient is not in the ledger";
const NO_TOKEN = "it has no valid token of a return path, which 'verp' requires";
const ANN = [failure("ann@x.test")];

const CASES: readonly (readonly [what: string, Effective, readonly string[]])[] = [
  [
    "a return path takes precedence over a Message-ID and an address",
    bounce(ANN, { pathTokens: ["path-bob"], messageTokens: ["id-failed"] }),
    ["bob@x.test by return-path, hard"],
  ],
  [
    "a Message-ID takes precedence over an address",
    bounce(ANN, { messageTokens: ["id-bob"] }),
    ["bob@x.test by message-id, hard"],
  ],
  [
    "the first known token counts",
    bounce(ANN, { messageTokens: ["id-nobody", "id-bob", "id-failed"] }),
    ["bob@x.test by message-id, hard"],
  ],
  ["without tokens, the address counts", bounce(ANN), ["ann@x.test by recipient, hard"]],
  [
    "the first known address counts, whatever its letter case",
    bounce([{ addresses: ["forwarded@y.test", "ANN@X.test", "bob@x.test"], diagnosis: HARD }]),
    ["ann@x.test by recipient, hard"],
  ],
  [
    "each failure has its own recipient",
    bounce([...ANN, failure("gone@y.test", SOFT), failure("bob@x.test", SOFT)]),
    [
      "ann@x.test by recipient, hard",
      `gone@y.test, soft: ${UNKNOWN}`,
      "bob@x.test by recipient, soft",
    ],
  ],
  [
    "a forwarded mail is a hard bounce only if nobody can get it",
    bounce([failure("one@y.test"), failure("two@y.test", SOFT)], { messageTokens: ["id-ann"] }),
    ["ann@x.test by message-id, soft"],
  ],
  [
    "an unknown token belongs to another campaign, even if the address is known",
    bounce(ANN, { messageTokens: ["id-nobody"] }),
    ["ann@x.test, hard: it is about a mail of another campaign"],
  ],
  [
    "an unknown token of a return path belongs to another campaign",
    bounce(ANN, { pathTokens: ["path-nobody"] }),
    ["ann@x.test, hard: it is about a mail of another campaign"],
  ],
  [
    "a recipient who was never mailed cannot bounce",
    bounce([failure("queued@x.test")]),
    [
      "queued@x.test, hard: no server has accepted a mail to its recipient, who is queued",
    ],
  ],
  [
    "a recipient who was never mailed cannot bounce, even by a token",
    bounce(ANN, { pathTokens: ["path-queued"] }),
    ["ann@x.test, hard: no server has accepted a mail to its recipient, who is queued"],
  ],
  ["a complaint has no diagnosis", complaint(["ann@x.test"]), ["ann@x.test by recipient, untold"]],
  [
    "a complaint is matched by its token",
    complaint([], { messageTokens: ["id-bob"] }),
    ["bob@x.test by message-id, untold"],
  ],
  [
    "a complaint that names nobody matches nobody",
    complaint([]),
    ["undefined, untold: it names no recipient"],
  ],
];

for (const [what, report, expected] of CASES) {
  Deno.test(`matchAll(): ${what}`, async () => assert.deepEqual(await linesOf(report), expected));
}

Deno.test("matchAll() rejects reports without a valid return path if each mail had its own, and calls them unproven", async () => {
  const forged = [
    bounce(ANN),
    bounce(ANN, { messageTokens: ["id-ann"] }),
    bounce(ANN, { messageTokens: ["id-ann"], pathTokens: ["path-nobody"] }),
  ];
  for (const report of forged) {
    assert.deepEqual(await linesOf(report, true), [`ann@x.test, hard: ${NO_TOKEN} (unproven)`]);
  }
  assert.deepEqual(await linesOf(complaint(["ann@x.test"]), true), [
    `ann@x.test, untold: ${NO_TOKEN} (unproven)`,
  ]);
  assert.deepEqual(await linesOf(bounce(ANN, { pathTokens: ["path-ann"] }), true), [
    "ann@x.test by return-path, hard",
  ]);
});

Deno.test("matchAll() matches no report by address if it is more than ten minutes older than the mail", async () => {
  const by = async (address: string, date: number | undefined) =>
    (await linesOf(bounce([failure(address)], { date }))).map((line) => line.split(/ by |: /)[1]);
  assert.deepEqual(await by("ann@x.test", AT - 10 * MINUTE), ["recipient, hard"]);
  assert.deepEqual(await by("ann@x.test", AT - 10 * MINUTE - 1), ["it is older than the mail"]);
  assert.deepEqual(await by("ann@x.test", undefined), ["recipient, hard"]);
  // A failed recipient's time can be that of an earlier bounce; without a time there is nothing to compare.
  assert.deepEqual(await by("failed@x.test", AT - 60 * MINUTE), ["recipient, hard"]);
  assert.deepEqual(await by("timeless@x.test", AT - 60 * MINUTE), ["recipient, hard"]);
  const tokened = bounce(ANN, { date: AT - 60 * MINUTE, messageTokens: ["id-ann"] });
  assert.deepEqual(await linesOf(tokened), ["ann@x.test by message-id, hard"]);
});

Deno.test("matchAll() asks the ledger once, only about tokens that no named recipient has, and says who is likely", async () => {
  const directory = ledger();
  const matches = await matchAll(
    [
      bounce(ANN, { messageTokens: ["id-ann"], pathTokens: ["path-ann"] }),
      bounce([failure("x@y.test")], { messageTokens: ["id-bob"], pathTokens: ["path-bob"] }),
    ],
    directory,
    true,
  );
  assert.deepEqual(directory.asked, [
    ["id-bob"],
    [["path-ann", "path-bob"], ["ann@x.test", "bob@x.test"]],
  ]);
  assert.deepEqual(
    matches.map(([match]) => match!.kind === "matched" && match!.recipient.key),
    ["ann@x.test", "bob@x.test"],
  );
});
