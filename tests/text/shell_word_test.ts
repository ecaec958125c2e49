import assert from "node:assert/strict";
import { run } from "../support/process.ts";
import { shellWord } from "../../src/text/quote.ts";

Deno.test("shellWord() quotes only what a shell would read as something else", () => {
  const table: readonly (readonly [string, string])[] = [
    ["spring.ledger", "spring.ledger"],
    ["/srv/mail/a-b_c.ledger", "/srv/mail/a-b_c.ledger"],
    ["Invoice No", `"Invoice No"`],
    ["it's", `"it's"`],
    ["Price $US", "'Price $US'"],
    ['6" pipe', `'6" pipe'`],
    ["`it's`", "'`it'\\''s`'"],
    ["C:\\mail\\a.ledger", "'C:\\mail\\a.ledger'"],
    ["a\u200bb", `"a<U+200B>b"`],
    ["", `""`],
  ];
  for (const [text, word] of table) assert.equal(shellWord(text), word);
});

Deno.test("shellWord() gives a POSIX shell the text", async () => {
  for (const text of ["Invoice No", "it's $5", '`6"`', "a\\b", "x!y", "ä;&|*"]) {
    const { stdout } = await run("sh", ["-c", `printf %s ${shellWord(text)}`]);
    assert.equal(stdout, text);
  }
});
