import assert from "node:assert/strict";
import PostalMime from "postal-mime";
import { quotedPrintable } from "../../src/compose/mime/quoted_printable.ts";
import { composerOf, FROM, mailOf, SEVEN_BIT } from "./support.ts";
import { latin1 } from "../support/latin1.ts";

// In a separate file, because a longer text encoded before would invalidate these tests: the buffer, once enlarged, stays so.

const SENTENCE = "毎度ありがとうございます。今月の新着商品をお知らせします。";

/** Decodes quoted-printable strictly as specified in RFC 2045, 6.7. */
function decoded(encoded: Uint8Array): string {
  const octets = new TextDecoder("latin1").decode(encoded).replaceAll("=\r\n", "")
    .replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return new TextDecoder("utf-8", { fatal: true })
    .decode(latin1(octets));
}

Deno.test("compose() sends the whole of a long value in quoted-printable, to its last character", async () => {
  const composer = await composerOf(`${FROM}Subject: x\n\n{{ Name }}\n\nEnd\n`);
  for (const repeats of [45, 50, 200, 1_000]) {
    const name = `${SENTENCE.repeat(repeats)}！`;
    const mail = mailOf(composer, [name, "ann@example.com"], { transport: SEVEN_BIT });
    const { text } = await PostalMime.parse(mail.bytes);
    assert.equal(text, `${name}\n\nEnd\n`, `${name.length} characters`);
  }
});

Deno.test("quotedPrintable() keeps all of a text that is longer than any before it, whatever its characters", () => {
  const letters = ["x", "=", "é", "語", "🎉", "\n", "語\n", "= ", "\t\n"];
  for (let length = 30_000, step = 0; step < letters.length; step++, length += 1_111) {
    const letter = letters[step]!;
    const text = letter.repeat(length);
    const encoded = decoded(quotedPrintable(text));
    assert(encoded === text.replaceAll("\n", "\r\n"), `${JSON.stringify(letter)} x ${length}`);
  }
});

Deno.test("quotedPrintable() carries nothing over from an earlier, longer text", () => {
  quotedPrintable("one\ntwo\nthree\n");
  for (const text of ["", "o", "on", "one", "one\n", "one\nt", "one\ntwo"]) {
    assert.equal(decoded(quotedPrintable(text)), text.replaceAll("\n", "\r\n"));
  }
});
