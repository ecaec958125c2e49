import assert from "node:assert/strict";
import type { Listed } from "../relays/ground_truth.ts";
import type { RunFacts } from "./run_facts.ts";

/** Promise 3: a recipient that is named to a relay is in the list, can be mailed, and is neither suppressed nor settled before. */
export function assertOnlyEligibleNamed(
  { truth, lists, suppressed, run, options, before, plan }: RunFacts,
): void {
  const listed = new Set(
    lists.flatMap(({ keys, mailable }) => [...plan.lenient ? keys : mailable]),
  );
  const named = [...truth.named].filter(([, { runs }]) => runs.has(run)).map(([key]) => key);
  for (const key of named) {
    assert.ok(listed.has(key), `${key} was named to a relay and is not in the list`);
    assert.ok(!suppressed.includes(key), `${key} is suppressed and was named to a relay`);
    const state = before.byKey.get(key)?.state;
    const settled = state === "sent" || state === "failed" ||
      (state === "in-doubt" && options.inDoubt === "hold");
    assert.ok(!settled, `${key} was ${state} before the run and was named to a relay in it`);
  }
  const { limit = Infinity } = options;
  assert.ok(named.length <= limit, `${named.length} were named to relays with --limit ${limit}`);
}

/** Promise 4: every try sends the same mail of a row, under one Message-ID that no other recipient gets. */
export function assertSameMail({ truth }: RunFacts): void {
  const owners = new Map<string, string>();
  for (const [key, { messageIds, texts, rows }] of truth.named) {
    assert.ok(messageIds.size <= 1, `${key} got several Message-IDs: ${[...messageIds].join(" ")}`);
    for (const id of messageIds) {
      assert.equal(owners.get(id) ?? key, key, `${id} is the Message-ID of two recipients`);
      owners.set(id, key);
    }
    const made = new Map<Listed, string>();
    for (const text of texts) {
      const row = [...rows.values()].find((one) => isMailOf(one, text) && !made.has(one));
      assert.ok(
        row !== undefined,
        `${key} got a mail that none of their rows makes, or two different ones of a row: ${text}`,
      );
      made.set(row, text);
    }
  }
}

/** The local part stays as it was written; the domain is in lower case. */
function isMailOf({ name, cell }: Listed, text: string): boolean {
  const at = cell.lastIndexOf("@");
  const address = cell.slice(0, at) + cell.slice(at).toLowerCase();
  return text.includes(`\r\nTo: ${address}\r\nSubject: Hello, ${name}\r\n`) &&
    text.endsWith(`\r\n\r\nDear ${name},\r\n.\r\n..\r\nHere is the news.\r\n`);
}
