import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { encodedWords, hasRoomForWord } from "../../src/compose/headers/encoded_word.ts";

const base64 = (text: string) => Buffer.from(text).toString("base64");

Deno.test("encodedWords() declares UTF-8, and uses the shorter of Q and B (RFC 2047, 4)", () => {
  const table: [text: string, column: number, words: string[]][] = [
    ["Zoë", 0, ["=?utf-8?Q?Zo=C3=AB?="]],
    ["日本", 0, ["=?utf-8?B?5pel5pys?="]],
    // As long in either form: Q, which people can read.
    ["Ann b?", 0, ["=?utf-8?Q?Ann_b=3F?="]],
    ["a b?_=", 0, [`=?utf-8?B?${base64("a b?_=")}?=`]],
    // Q as RFC 2047, 5 (3) has it within a phrase.
    ["Az09!*+-/ goes as it is, (.) not é", 0, [
      "=?utf-8?Q?Az09!*+-/_goes_as_it_is=2C_=28=2E=29_not_=C3=A9?=",
    ]],
    // 75 columns of a word, 76 of a line; no letter is divided.
    ["é".repeat(40), "Subject: ".length, [
      `=?utf-8?B?${base64("é".repeat(19))}?=`,
      `=?utf-8?B?${base64("é".repeat(21))}?=`,
    ]],
    ["x".repeat(70), 0, [`=?utf-8?Q?${"x".repeat(63)}?=`, `=?utf-8?Q?${"x".repeat(7)}?=`]],
    ["x".repeat(70), 2, [`=?utf-8?Q?${"x".repeat(62)}?=`, `=?utf-8?Q?${"x".repeat(8)}?=`]],
    ["", 0, []],
  ];
  for (const [text, column, words] of table) {
    assert.deepEqual(encodedWords(text, column), words, text);
  }
});

Deno.test("encodedWords() encodes a text that is longer than any before it to its end", () => {
  for (const length of [300, 400, 1_000, 5_000]) {
    const text = `${"語".repeat(length)}終`;
    const octets = encodedWords(text, 0).map((word) => /^=\?utf-8\?B\?([^?]+)\?=$/.exec(word)![1]!)
      .map((encoded) => Buffer.from(encoded, "base64"));
    assert.equal(Buffer.concat(octets).toString(), text, `${length} letters`);
  }
});

Deno.test("hasRoomForWord() is true while four octets fit in Q, which is enough for any character", () => {
  assert.equal(hasRoomForWord(52), true);
  assert.equal(hasRoomForWord(53), false);
  for (const text of ["🎉🎉", "x🎉", "語"]) {
    const [first = "", ...others] = encodedWords(text, 52);
    assert(52 + first.length <= 76);
    assert.doesNotMatch(first, /\?\?=$/, "no word is empty");
    assert(others.every((word) => word.length <= 75));
  }
});
