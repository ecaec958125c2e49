import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { MailBuffer } from "../../src/compose/mime/mail_buffer.ts";

const SLAB = 64 * 1024;
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString();

Deno.test("MailBuffer.take() returns what was appended for each mail, and does not change mails taken before", () => {
  const piece = fc.oneof(
    fc.constantFrom(
      "",
      "x",
      "\u007f",
      "\u0080",
      "語",
      "\ud83c\udf89",
      "é".repeat(48),
      "x".repeat(48),
      "x".repeat(49),
    ),
    fc.nat(3 * SLAB).map((length) => "y".repeat(length)),
    fc.nat(SLAB).map((length) => "語".repeat(length)),
  );
  const mail = fc.record({ pieces: fc.array(piece, { maxLength: 5 }), kept: fc.boolean() });
  fc.assert(
    fc.property(fc.array(mail, { maxLength: 8 }), (mails) => {
      const buffer = new MailBuffer();
      const taken: [bytes: Uint8Array, text: string][] = [];
      for (const { pieces, kept } of mails) {
        for (const [at, text] of pieces.entries()) {
          if (at % 2 === 0) buffer.appendText(text);
          else buffer.append(new TextEncoder().encode(text));
        }
        if (kept) taken.push([buffer.take(), pieces.join("")]);
        else buffer.discard();
      }
      for (const [bytes, text] of taken) assert(textOf(bytes) === text, `${text.length} units`);
    }),
    { numRuns: 60 },
  );
});

Deno.test("MailBuffer.discard() drops a mail that was begun, but none that was taken", () => {
  const buffer = new MailBuffer();
  buffer.appendText("one");
  const one = buffer.take();
  buffer.appendText("begun");
  buffer.discard();
  buffer.appendText("two");
  assert.deepEqual([textOf(one), textOf(buffer.take())], ["one", "two"]);
  assert.equal(buffer.take().length, 0);
});

Deno.test("MailBuffer.appendText() makes U+FFFD of a lone surrogate, in short texts and long ones", () => {
  for (const filler of ["", "x".repeat(100)]) {
    const buffer = new MailBuffer();
    buffer.appendText(`${filler}\ud800a`);
    assert.equal(textOf(buffer.take()), `${filler}\ufffda`);
  }
});

Deno.test("MailBuffer fills its memory to the last octet and continues in another", () => {
  for (const first of [SLAB - 2, SLAB - 1, SLAB, SLAB + 1]) {
    const buffer = new MailBuffer();
    buffer.append(new Uint8Array(first).fill(97));
    const one = buffer.take();
    buffer.append(new Uint8Array(1).fill(98));
    buffer.append(new Uint8Array(1).fill(99));
    const two = buffer.take();
    assert.equal(textOf(two), "bc", `${first}`);
    assert(one.length === first && one.every((octet) => octet === 97));
  }
});
