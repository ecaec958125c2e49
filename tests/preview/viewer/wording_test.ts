import assert from "node:assert/strict";
import type { MailBlock } from "../../../src/preview/viewer/page_data.ts";
import { entryFacts, fileChips, notesOf, searchText } from "../../../src/preview/viewer/wording.ts";

const MAILED = { line: 3, address: "Ann@x.test", subject: "Hi, Ann", file: "3.eml", size: 4_100 };
const NONE = { line: 4, address: "bob@", reason: "Address has no domain" };

const block = (parts: Partial<MailBlock>): MailBlock => ({
  headers: [],
  cut: false,
  files: [],
  links: [],
  remote: [],
  source: "",
  images: [],
  ...parts,
});

Deno.test("entryFacts() gives line, size and attachments, as far as there are any", () => {
  assert.equal(entryFacts(NONE), "line 4");
  assert.equal(entryFacts({ ...MAILED, attached: 0 }), "line 3 · 4.1 kB");
  assert.equal(entryFacts({ ...MAILED, attached: 1 }), "line 3 · 4.1 kB · 1 file");
  assert.equal(entryFacts({ ...MAILED, attached: 2 }), "line 3 · 4.1 kB · 2 files");
});

Deno.test("searchText() contains address and subject in lower case", () => {
  assert.equal(searchText({ ...MAILED, attached: 0 }), "ann@x.test hi, ann");
  assert.equal(searchText(NONE), "bob@ ");
});

Deno.test("fileChips() names each attachment, and inline images together at the end", () => {
  const files = [
    { name: "a.png", size: 900, inline: true },
    { name: "bill.pdf", size: 1_500_000, inline: false },
    { name: "b.png", size: 200, inline: true },
  ];
  assert.deepEqual(fileChips(files), [
    { name: "bill.pdf", text: "1.5 MB" },
    { name: "2 images", text: "in the mail, 1.1 kB", images: "a.png, b.png" },
  ]);
  assert.deepEqual(fileChips(files.slice(0, 1)), [
    { name: "1 image", text: "in the mail, 900 B", images: "a.png" },
  ]);
  assert.deepEqual(fileChips([]), []);
});

Deno.test("notesOf() says why there is no mail, or what of it the page does not show", () => {
  assert.deepEqual(notesOf(NONE, undefined), ["Address has no domain"]);
  const entry = { ...MAILED, attached: 0, id: "m0" };
  assert.deepEqual(notesOf(entry, block({ images: [["a", 0]] })), []);
  const full = [/page is full/];
  const cases: [MailBlock | undefined, RegExp[]][] = [
    [undefined, full],
    [block({ images: [["a", 0], ["b", null]] }), [/image is too large/]],
    [block({ images: [["b", null]], cut: true }), [/image is too large/, /is cut here/]],
  ];
  for (const [mail, patterns] of cases) {
    const notes = notesOf(entry, mail);
    assert.equal(notes.length, patterns.length);
    patterns.forEach((pattern, at) => assert.match(notes[at]!, pattern));
  }
});
