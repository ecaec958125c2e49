import assert from "node:assert/strict";
import fc from "fast-check";
import PostalMime from "postal-mime";
import { HeaderWriter, unstructured } from "../../src/compose/headers/header_writer.ts";
import type { CompileInput } from "../../src/compose/composer.ts";
import { inFolder } from "../support/folder.ts";
import { composerOf, FROM, mailOf, octetsOf, readWithPython } from "./support.ts";

const WORDS = ["a", "Grüße", "x".repeat(30), "語".repeat(20), '"', "two  blanks", "=?utf-8?q?x?="];
const TEXT = fc.array(fc.constantFrom(...WORDS, "y".repeat(77), "z".repeat(200)), {
  minLength: 1,
  maxLength: 8,
}).map((words) => words.join(" "));

/** Lines of a header, without CRLF at the end; fails for one that is blank, ends in a blank or is too long. */
function assertFolded(head: string): void {
  for (const line of head.replace(/\r\n$/, "").split("\r\n")) {
    assert.match(line, /[!-~]$/, JSON.stringify(head));
    assert.ok(line.length <= 998, head);
    // Only an indivisible word may be longer, after the header's name if it is the first.
    const isOneWord = /^(?:[!-9;-~]+:)? ?(?:"?\S+|\S+ {2}\S+)$/.test(line);
    assert.ok(line.length <= 78 || isOneWord, line);
    if (line.includes("=?utf-8?")) assert.ok(line.length <= 76 || !/^.?\S*=\?/.test(line), line);
  }
}

Deno.test("At every column, a header is folded into lines that contain text, and unfolds to its original", () => {
  const write: [kind: string, write: (header: HeaderWriter, text: string) => HeaderWriter][] = [
    ["text", (header, text) => header.text(text)],
    ["name and address", (header, text) => header.phrase(text).word("<a@x.example>")],
    ["group", (header, text) => header.phrase(text, ":").word("a@x.example;")],
    ["words", (header) => header.word("<https://x.example/u/abc>,").word("<mailto:a@x.example>")],
  ];
  for (let column = 1; column <= 100; column++) {
    for (const [kind, add] of write) {
      for (const text of [...WORDS, "Grüße an alle, die uns lesen, von Herzen", "v".repeat(78)]) {
        const asName = add(new HeaderWriter("N".repeat(column)), text).line;
        assertFolded(asName);
        const first = new HeaderWriter("To").word(`${"f".repeat(column)},`);
        const line = add(first, text).line;
        assertFolded(line);
        const unfolded = line.replaceAll("\r\n ", " ");
        const alone = add(new HeaderWriter("To"), text).line.replaceAll("\r\n ", " ");
        // The same, except where encoded words were split.
        if (!line.includes("=?")) {
          assert.equal(unfolded, alone.replace("To: ", `To: ${"f".repeat(column)}, `), kind);
        }
      }
    }
  }
});

Deno.test("unstructured() and phrases hold to their lines for any text", () => {
  fc.assert(fc.property(TEXT, fc.integer({ min: 1, max: 100 }), (text, column) => {
    assertFolded(unstructured("N".repeat(column), text));
    assertFolded(
      new HeaderWriter("N".repeat(column)).phrase(text).word("<a@x.example>,").phrase(text)
        .word("<b@x.example>").line,
    );
  }));
});

Deno.test("No header of any mail has a line of blanks: text, addresses, lists, links and files, at every column", async () => {
  const long = "Grüße ".repeat(12).trim();
  await inFolder({ "Счёт на оплату за ноябрь.txt": "x", "a.ics": "METHOD:X\n" }, async (folder) => {
    const mails = [];
    for (let column = 1; column <= 100; column++) {
      const first = "f".repeat(Math.min(column, 60)) + "@x.example";
      const second = "s".repeat(Math.max(1, column - 60)) + "@x.example";
      const mailingList: CompileInput["mailingList"] = {
        listId: `"${"l".repeat(column)}, ${long}" <news.example.com>`,
        unsubscribeUrl: `https://x.example/${"u".repeat(column)}?{{ Email }}`,
        unsubscribeMailto: "leave@acme.example",
      };
      const composer = await composerOf(
        `${FROM}Reply-To: ${first}, ${second}, {{ Name }} <r@x.example>, {{ Name }}: {{ Name }} <g@x.example>;\n` +
          `Subject: ${"s".repeat(column)} {{ Name }}\nX-${"H".repeat(column)}: {{ Name }}\n` +
          `Attachment: Счёт на оплату за ноябрь.txt\nAttachment: a.ics\n\nx\n`,
        ["Name", "Email"],
        { file: `${folder}/mail.txt`, mailingList },
      );
      mails.push(mailOf(composer, [long, "ann@example.com"]));
    }
    const python = await readWithPython(mails);
    for (const [index, mail] of mails.entries()) {
      const octets = octetsOf(mail);
      const heads = [octets.split("\r\n\r\n")[0]!, ...octets.split(/\r\n--=_\w+\r\n/).slice(1)]
        .map((part) => part.split("\r\n\r\n")[0]!);
      heads.forEach(assertFolded);
      const { replyTo = [], subject } = await PostalMime.parse(mail.bytes);
      assert.deepEqual(replyTo.map(({ name }) => name), ["", "", long, long]);
      assert.ok(subject!.endsWith(` ${long}`));
      const { headers, defects } = python[index]!;
      const value = new Map(headers);
      assert.deepEqual(defects, []);
      // Python keeps the space of a fold right after a long name.
      assert.equal(value.get(`X-${"H".repeat(index + 1)}`)!.trimStart(), long);
      assert.match(value.get("List-Unsubscribe")!, /^<https:\S+>, *<mailto:\S+>$/);
    }
  });
});
