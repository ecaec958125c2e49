import assert from "node:assert/strict";
import { foldedSignature, signableOf, unsignedField } from "../../src/compose/dkim/dkim_header.ts";
import { relaxedHeader } from "../../src/compose/dkim/relaxed.ts";

/** Headers that a reader sees, or that determine who receives a reply or a complaint (RFC 6376, 5.4.1; RFC 8058, 4). */
const SEEN = [
  ...["From", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "MIME-Version"],
  ...["Content-Type", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "List-Help"],
  ...["List-Subscribe", "List-Post", "List-Owner", "List-Archive"],
];
/** Headers that a server on the way may add if they are missing. */
const ADDED = [
  ...["Sender", "Content-Transfer-Encoding", "Content-Language", "In-Reply-To", "References"],
  ...["Auto-Submitted", "Feedback-ID"],
];

const headerOf = (names: readonly string[]) =>
  relaxedHeader(names.map((name, at) => `${name}: value ${at}\r\n`).join(""));

/** How often each name is in `h=`. */
function countsOf(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

Deno.test("signableOf() names every field that matters once more than it is there", () => {
  const all = countsOf(signableOf(headerOf([...SEEN, ...ADDED])).names);
  for (const name of [...SEEN, ...ADDED]) assert.equal(all.get(name.toLowerCase()), 2, name);
  assert.equal(all.size, SEEN.length + ADDED.length, "and no other");

  const none = countsOf(signableOf(headerOf(["X-Tag", "Received", "Return-Path"])).names);
  for (const name of SEEN) assert.equal(none.get(name.toLowerCase()), 1, name);
  assert.equal(none.size, SEEN.length, "what is not there may be added");

  const twice = countsOf(signableOf(headerOf(["List-Id", "Sender", "List-Id", "Sender"])).names);
  assert.deepEqual([twice.get("list-id"), twice.get("sender")], [3, 3]);
});

Deno.test("signableOf() signs the fields that it names, the last of several first (RFC 6376, 5.4.2)", () => {
  const fields = relaxedHeader(
    "From: a@b\r\nSender: one\r\nX-Tag: no\r\nsubject:  Hi\r\n  there \r\nSENDER: two\r\n",
  );
  assert.equal(
    signableOf(fields).signed,
    "from:a@b\r\nsubject:Hi there\r\nsender:two\r\nsender:one\r\n",
  );
});

Deno.test("unsignedField() contains all tags of RFC 6376, 3.5, in lines of at most 78 octets", () => {
  for (let length = 1; length <= 60; length++) {
    const names = [...SEEN, ...SEEN, "n".repeat(length), "end"].map((name) => name.toLowerCase());
    const field = unsignedField({
      algorithm: "rsa-sha256",
      domain: "acme.example",
      selector: "s1",
      time: 1_700_000_000,
      bodyHash: "aGFzaA==",
      names,
    });
    for (const line of field.split("\r\n")) assert(line.length <= 78, line);
    assert.equal(
      field.replaceAll("\r\n ", ""),
      "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;d=acme.example; s=s1;" +
        `t=1700000000; bh=aGFzaA==;h=${names.join(":")};b=`,
    );
  }
});

Deno.test("foldedSignature() folds a signature of any length into lines of 78 octets, and loses nothing", () => {
  for (const length of [1, 73, 74, 75, 76, 88, 150, 151, 152, 153, 344, 684]) {
    const signature = Array.from({ length }, (_, at) => String.fromCharCode(65 + at % 26)).join("");
    const folded = foldedSignature(signature);
    assert(folded.endsWith("\r\n"));
    assert.equal(folded.replace(/\r\n ?/g, ""), signature);
    const lines = ` b=${folded}`.split("\r\n").slice(0, -1);
    assert(lines.every((line) => line.length <= 78 && /^ \S/.test(line)), folded);
  }
});
