import assert from "node:assert/strict";
import PostalMime, { decodeWords } from "postal-mime";
import { headerText } from "../../src/compose/headers/header_text.ts";
import { isBlank } from "../../src/text/blank.ts";
import encoded from "./nasty_strings.json" with { type: "json" };
import { composerOf, EIGHT_BIT, FROM, headersOf, mailOf, SEVEN_BIT } from "./support.ts";
import { latin1 } from "../support/latin1.ts";

/** The Big List of Naughty Strings (https://github.com/minimaxir/big-list-of-naughty-strings, MIT), in base64. */
const nasty = encoded.map((text) =>
  new TextDecoder("utf-8", { ignoreBOM: true }).decode(
    latin1(atob(text)),
  )
);

Deno.test("compose() writes each of the Big List of Naughty Strings as name, subject and body so that it reads back", async () => {
  assert.ok(nasty.length > 480);
  const composer = await composerOf(
    `${FROM}To: {{ Name }} <{{ Email }}>\nSubject: For {{ Name }}\nX-Note: {{ Name }}.\n\n<{{ Name }}>\n`,
  );
  const usual = headersOf(mailOf(composer, ["Ann", "ann@example.com"])).length;
  for (const [index, cell] of nasty.entries()) {
    // A cell that shows nothing is empty.
    const text = isBlank(cell) ? "" : cell;
    // Removed, as a header cannot hold them: controls, white space at its ends, and U+FEFF, a byte order mark.
    const name = headerText(text);
    const transport = index % 2 === 0 ? EIGHT_BIT : SEVEN_BIT;
    const mail = mailOf(composer, [cell, "ann@example.com"], { transport });
    assert.equal(headersOf(mail).length, usual, text);
    const read = await PostalMime.parse(mail.bytes);
    assert.equal(read.subject, headerText(`For ${text}`), text);
    assert.deepEqual(read.to, [{ name, address: "ann@example.com" }], text);
    const note = read.headers.find(({ key }) => key === "x-note")!.value;
    assert.equal(decodeWords(note), headerText(`${text}.`), text);
    // deno-lint-ignore no-control-regex
    const body = text.replace(/\r\n?/g, "\n").replace(/[\0-\x08\x0B-\x1F\x7F]/g, "");
    assert.equal(read.text, `<${body}>\n`, text);
    // deno-lint-ignore no-control-regex
    if (name !== text) assert.match(text, /[\0-\x1F\x7F\uFEFF]|^ | $/, text);
  }
});
