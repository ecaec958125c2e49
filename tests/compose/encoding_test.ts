import assert from "node:assert/strict";
import fc from "fast-check";
import { base64Lines, cleanText, hasShortLines } from "../../src/compose/mime/encode.ts";
import { encodedWords } from "../../src/compose/headers/encoded_word.ts";
import { headerText } from "../../src/compose/headers/header_text.ts";
import { unstructured } from "../../src/compose/headers/header_writer.ts";
import { quotedPrintable } from "../../src/compose/mime/quoted_printable.ts";
import { latin1 } from "../support/latin1.ts";

const quoted = (text: string): string => new TextDecoder().decode(quotedPrintable(text));

Deno.test("quotedPrintable() encodes what RFC 2045 requires, and nothing else", () => {
  const table: [text: string, encoded: string][] = [
    ["", ""],
    ["plain text, 1 < 2!\n", "plain text, 1 < 2!\r\n"],
    ["a=b", "a=3Db"],
    ["é", "=C3=A9"],
    ["end \nend\t\n", "end=20\r\nend=09\r\n"],
    ["\ud800", "=EF=BF=BD"],
    ["x".repeat(76), "x".repeat(76)],
    ["x".repeat(77), `${"x".repeat(75)}=\r\nxx`],
    [`${"x".repeat(75)}é`, `${"x".repeat(75)}=\r\n=C3=A9`],
    [`${"x".repeat(70)}é`, `${"x".repeat(70)}=C3=A9`],
    [`${"x".repeat(70)}éy`, `${"x".repeat(70)}=\r\n=C3=A9y`],
    [`${"x".repeat(66)}🎉y`, `${"x".repeat(66)}=\r\n=F0=9F=8E=89y`],
  ];
  for (const [text, encoded] of table) assert.equal(quoted(text), encoded);
});

Deno.test("quotedPrintable() decodes to the same text, in lines of at most 76 characters", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => {
    const encoded = quoted(text.replaceAll("\r", ""));
    assert.ok(encoded.split("\r\n").every((line) => line.length <= 76 && !/[ \t]$/.test(line)));
    const octets = encoded.replaceAll("=\r\n", "").replace(
      /=([0-9A-F]{2})/g,
      (_, hex) => String.fromCharCode(parseInt(hex, 16)),
    );
    const decoded = new TextDecoder("utf-8", { ignoreBOM: true }).decode(latin1(octets));
    assert.equal(decoded.replaceAll("\r\n", "\n"), text.replaceAll("\r", "").toWellFormed());
  }));
});

/** RFC 2047 by the letter: white space between encoded words goes, each word is whole characters. */
function decodeWords(text: string): string {
  return text.replace(/\?=\r\n =\?/g, "?==?").replace(
    /=\?utf-8\?([QB])\?([^?]*)\?=/g,
    (_, form, word) => {
      const octets = form === "B" ? atob(word) : word.replaceAll("_", " ").replace(
        /=([0-9A-F]{2})/g,
        (_: string, hex: string) => String.fromCharCode(parseInt(hex, 16)),
      );
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(latin1(octets));
    },
  );
}

Deno.test("encodedWords() respects 75 and 76 columns, splits no character, and decodes to the same text", () => {
  const text = fc.oneof(
    fc.string({ unit: "binary", minLength: 1, maxLength: 200 }),
    fc.string({ unit: "grapheme", minLength: 1, maxLength: 100 }),
  );
  fc.assert(fc.property(text, fc.nat(52), (text, column) => {
    const words = encodedWords(text, column);
    assert.ok(words.every((word, index) => (index === 0 ? column : 1) + word.length <= 76));
    assert.ok(words.every((word) => word.length <= 75));
    assert.equal(decodeWords(words.join("\r\n ")), text.toWellFormed());
  }));
});

Deno.test("headerText() returns one line without control characters", () => {
  const table: [text: string, header: string][] = [
    ["a\r\nBcc: v@x.de", "a Bcc: v@x.de"],
    ["a\r\n\t b", "a b"],
    ["a\rb\nc", "a b c"],
    ["a\0b\tc\x7Fd\x1Be", "a b c d e"],
    ["  a  b  ", "a  b"],
    ["\n", ""],
    ["\ud800a", "\uFFFDa"],
  ];
  for (const [text, header] of table) assert.equal(headerText(text), header);
});

Deno.test("unstructured() folds so that unfolding gives the text back", () => {
  const words = fc.array(fc.string({ unit: "grapheme-ascii", maxLength: 90 }), { maxLength: 30 });
  fc.assert(fc.property(words, (words) => {
    const text = headerText(words.join(" "));
    const line = unstructured("X-A", text);
    assert.match(line, /^X-A: [^\r\n]*(\r\n [^\r\n]+)*\r\n$/);
    assert.equal(
      decodeWords(line).replace(/\r\n(?= )/g, "").slice("X-A: ".length, -2).trimStart(),
      text,
    );
  }));
});

Deno.test("unstructured() encodes a word that no line can hold", () => {
  assert.match(unstructured("X-A", "x".repeat(1000)), /^X-A: =\?utf-8\?Q\?x+\?=\r\n =/);
  assert.equal(unstructured("X-A", "x".repeat(900)), `X-A: ${"x".repeat(900)}\r\n`);
});

Deno.test("cleanText(), hasShortLines() and base64Lines() respect their limits", () => {
  assert.equal(cleanText("a\r\nb\rc\n\rd\0\x0Be\tf"), "a\nb\nc\n\nde\tf");
  assert.equal(hasShortLines("x".repeat(998) + "\n" + "x".repeat(998)), true);
  assert.equal(hasShortLines("x\n" + "x".repeat(999)), false);
  assert.equal(hasShortLines("é".repeat(499)), true);
  assert.equal(hasShortLines("é".repeat(500)), false);
  assert.equal(base64Lines(new Uint8Array()), "");
  assert.equal(base64Lines(new Uint8Array(58)), `${"A".repeat(76)}\r\nAA==\r\n`);
});
