import assert from "node:assert/strict";
import fc from "fast-check";
import { cut, escapeInvisibleInJson, escapeLine } from "../../src/text/escape.ts";

Deno.test("escapeLine() escapes what a terminal or a log reader would act on", () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["550 no such user", "550 no such user", "plain text stays"],
    ["\x1b[2J\x1b[31mred", "\\x1b[2J\\x1b[31mred", "CSI sequences"],
    ["\x1b]52;c;cm0gLXJm\x07", "\\x1b]52;c;cm0gLXJm\\x07", "OSC 52 writes the clipboard"],
    ["\x9b31m\x9d0;title\x9c", "\\x9b31m\\x9d0;title\\x9c", "C1 introducers of 8 bits"],
    ["sent\r\n250 ok\n", "sent\\r\\n250 ok\\n", "line ends forge lines"],
    ["sent\rfailed", "sent\\rfailed", "a carriage return overwrites"],
    ["a\tb\bc\x00\x7f", "a\\tb\\x08c\\x00\\x7f", "tab, backspace, NUL, DEL"],
    ["a\u0085b\u2028c\u2029d", "a\\x85b<U+2028>c<U+2029>d", "the other line separators"],
    ["moc.elpmaxe\u202e@x", "moc.elpmaxe<U+202E>@x", "right-to-left override"],
    ["\u2066a\u2069\u061c\u200f", "<U+2066>a<U+2069><U+061C><U+200F>", "isolates and marks"],
    ["ad\u200bmin@x\ufeff\u00ad", "ad<U+200B>min@x<U+FEFF><U+00AD>", "zero width and soft hyphen"],
    ["\u{e0041}", "<U+E0041>", "tags"],
    ["\ud83d", "<U+D83D>", "a lone surrogate"],
    ["Zoë 李雷 Иван 👩‍💻 می‌خواهم", "Zoë 李雷 Иван 👩‍💻 می‌خواهم", "names stay, joiners included"],
    ["C:\\x1b", "C:\\x1b", "a backslash stays one"],
  ];
  for (const [input, expected, why] of cases) assert.equal(escapeLine(input), expected, why);
});

Deno.test("escapeLine() leaves no character with an effect, whatever the text", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
    const shown = escapeLine(text);
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(shown, /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069\p{Cs}]/u);
    assert.equal(escapeLine(shown, Infinity), shown);
  }));
});

Deno.test("escapeLine() truncates endless text, and never splits a surrogate pair", () => {
  assert.equal(escapeLine("\x1b".repeat(10_000_000), 3), "\\x1b\\x1b\\x1b…");
  assert.equal(escapeLine("abcd", 4), "abcd");
  assert.equal(escapeLine("abc😀d", 4), "abc…");
  assert.equal(cut("abc😀d", 5), "abc😀…");
});

Deno.test("escapeInvisibleInJson() keeps the value and hides nothing", () => {
  const value = { a: "x\u202ey\u2028\u009b\u0085\u007f\u{e0041}z\ufeff" };
  const safe = escapeInvisibleInJson(JSON.stringify(value));
  assert.match(safe, /^[\x20-\x7e]*$/);
  assert.deepEqual(JSON.parse(safe), value);
});
