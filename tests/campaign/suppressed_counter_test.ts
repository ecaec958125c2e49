import assert from "node:assert/strict";
import { SuppressedCounter } from "../../src/campaign/content/suppressed_counter.ts";
import { KeySet } from "../../src/keys/key_set.ts";
import type { Recipient } from "../../src/model/recipient.ts";
import type { OpenSuppression } from "../../src/suppression/suppressing.ts";

/** Suppresses every recipient whose number is a multiple of ten, and counts how often it is asked for one. */
function suppressing(listed: number | undefined, filed = 0) {
  const asked: string[] = [];
  const suppression = {
    listed,
    filed,
    why: (key: string) => (asked.push(key), /^p\d*0@/.test(key) ? "left" : undefined),
    countIn: () => 777,
  } as Partial<OpenSuppression> as OpenSuppression;
  return { suppression, asked };
}

/** The count for a list of so many rows, each of which occurs twice. */
function counted(count: SuppressedCounter, rows: number, isByMailbox = true): number | undefined {
  const keys = new KeySet();
  for (let row = 0; row < 2 * rows; row++) {
    const key = `p${row % rows}@x.test`;
    keys.add(key);
    count.onRecipient({ key } as Recipient);
  }
  return count.count(keys, isByMailbox);
}

Deno.test("SuppressedCounter looks up each recipient of a short list once", () => {
  const { suppression, asked } = suppressing(5);
  assert.equal(counted(new SuppressedCounter(suppression), 1_000, false), 100);
  assert.equal(asked.length, 1_000);
});

Deno.test("SuppressedCounter looks for the suppressed in a long list, and does not guess if several recipients share a mailbox", () => {
  const { suppression, asked } = suppressing(5);
  assert.equal(counted(new SuppressedCounter(suppression), 20_001), 777);
  assert.equal(counted(new SuppressedCounter(suppression), 20_001, false), undefined);
  assert.deepEqual(asked, []);
});

Deno.test("SuppressedCounter asks nobody if nobody can be left out", () => {
  for (const listed of [undefined, 0]) {
    const { suppression, asked } = suppressing(listed);
    const count = new SuppressedCounter(suppression);
    assert.equal(count.isNeeded, false);
    assert.equal(counted(count, 10), 0);
    assert.deepEqual(asked, []);
  }
  assert.equal(new SuppressedCounter(suppressing(undefined, 1).suppression).isNeeded, true);
});
