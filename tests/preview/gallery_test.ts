import assert from "node:assert/strict";
import { join } from "node:path";
import type { Mail } from "../../src/model/mail.ts";
import type { ChosenRow } from "../../src/preview/choice.ts";
import { type Kept, writeGallery } from "../../src/preview/gallery.ts";
import { InputError } from "../../src/model/input_error.ts";
import { inFolder } from "../support/folder.ts";

const HOSTILE = `</script><script>alert(1)</script><!-- <img src=x onerror=alert(2)>"'&\u2028`;

function rowOf(number: number, name = "Ann"): ChosenRow {
  const address = `p${number}@x.test`;
  const fields = [name, address];
  return { number, entry: { kind: "recipient", key: address, line: number + 1, address, fields } };
}

function mailOf({ entry: { address, fields } }: ChosenRow, body = "Hello"): Mail {
  const subject = btoa(String.fromCharCode(...new TextEncoder().encode(fields[0])));
  const head = `From: a@x.test\r\nTo: ${address}\r\nSubject: =?utf-8?B?${subject}?=\r\n`;
  return {
    envelope: { sender: "a@x.test", recipient: address, smtpUtf8: false },
    messageId: "<1@x.test>",
    bytes: new TextEncoder().encode(`${head}Content-Type: text/html\r\n\r\n${body}\r\n`),
    eightBit: false,
  };
}

const ABOUT = { campaign: HOSTILE, list: "<b>.csv", template: "m.md", rows: 1, madeAt: 0 };

async function write(
  folder: string,
  rows: readonly ChosenRow[],
  make: (row: ChosenRow) => Mail | { kind: "none"; reason: string },
  mostOfPage?: number,
) {
  const kept: Kept[] = [];
  const gallery = await writeGallery(folder, { rows, make: (row) => Promise.resolve(make(row)) }, {
    about: ABOUT,
    nameOf: ({ entry }) => `${entry.line}.eml`,
    signal: new AbortController().signal,
    onKept: (one) => kept.push(one),
    ...(mostOfPage !== undefined && { mostOfPage }),
  });
  return { kept, gallery, page: await Deno.readTextFile(gallery.path) };
}

/** The data blocks of a page, by their names. */
function blocksOf(page: string): Map<string, unknown> {
  const blocks = page.matchAll(/<script type="application\/json" id="(\w+)">(.*?)<\/script>/gs);
  return new Map(Array.from(blocks, ([, id, json]) => [id!, JSON.parse(json!)]));
}

Deno.test("writeGallery() writes each mail's bytes, and a page that contains the mails", async () => {
  await inFolder({}, async (folder) => {
    const rows = [rowOf(1), rowOf(2)];
    const { kept, gallery, page } = await write(join(folder, "a", "b"), rows, mailOf);
    assert.equal(gallery.mails, 2);
    assert.equal(gallery.size, (await Deno.stat(gallery.path)).size);
    for (const { row, result } of kept) {
      assert("path" in result);
      assert.deepEqual(await Deno.readFile(result.path), mailOf(row).bytes);
      assert.equal(result.size, mailOf(row).bytes.length);
    }
    const entries = blocksOf(page).get("entries") as { address: string; id: string }[];
    assert.deepEqual(entries.map(({ address }) => address), ["p1@x.test", "p2@x.test"]);
    const mail = blocksOf(page).get(entries[1]!.id) as { html: string };
    assert.match(mail.html, /^<meta charset.*>Hello/);
    const left = Array.from(Deno.readDirSync(join(folder, "a", "b")), ({ name }) => name);
    assert.deepEqual(left.sort(), ["2.eml", "3.eml", "index.html"]);
  });
});

Deno.test("writeGallery() lets nothing in a mail, a name or a file name become markup of the page", async () => {
  await inFolder({}, async (folder) => {
    const { page } = await write(folder, [rowOf(1, HOSTILE)], (row) => mailOf(row, HOSTILE));
    const scripts = [...page.matchAll(/<script/g)].length;
    assert.equal(scripts, blocksOf(page).size + 1, "the page's own script, and its data");
    assert(!page.includes("<!-- <img") && !page.includes("<b>.csv"));
    assert.match(page, /<h1>Preview of &lt;\/script&gt;/);
    const [entry] = blocksOf(page).get("entries") as { subject: string }[];
    assert.equal(entry?.subject, HOSTILE);
  });
});

Deno.test("writeGallery() forbids by policy everything but the page's own script, styles and data: images", async () => {
  await inFolder({}, async (folder) => {
    const { page } = await write(folder, [rowOf(1)], mailOf);
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? "";
    const script = /<script>(.*)<\/script>/s.exec(page)?.[1] ?? "";
    const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(script));
    const base64 = btoa(String.fromCharCode(...new Uint8Array(hash)));
    assert.equal(
      policy,
      `default-src 'none'; script-src 'sha256-${base64}'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'`,
    );
    assert(page.indexOf("Content-Security-Policy") < page.indexOf("<style>"));
    assert.equal(/(?:src|href)\s*=\s*["']?(?:https?:)?\/\//.exec(page), null, "nothing external");
  });
});

Deno.test("writeGallery() lists a row that makes no mail, with the reason", async () => {
  await inFolder({}, async (folder) => {
    const { kept, gallery, page } = await write(folder, [rowOf(1)], () => ({
      kind: "none",
      reason: HOSTILE,
    }));
    assert.equal(gallery.mails, 0);
    assert.deepEqual(kept[0]?.result, { kind: "none", reason: HOSTILE });
    assert.deepEqual(blocksOf(page).get("entries"), [
      { line: 2, address: "p1@x.test", reason: HOSTILE },
    ]);
  });
});

Deno.test("writeGallery() stores an image that many mails show only once", async () => {
  const image = "A".repeat(4_000);
  const make = (row: ChosenRow) => ({
    ...mailOf(row),
    bytes: new TextEncoder().encode(
      `To: ${row.entry.address}\r\nContent-Type: multipart/related; boundary=b\r\n\r\n--b\r\n` +
        `Content-Type: text/html\r\n\r\n<img src="cid:a@x">\r\n--b\r\nContent-Type: image/png\r\n` +
        `Content-ID: <a@x>\r\nContent-Transfer-Encoding: base64\r\n\r\n${image}\r\n--b--\r\n`,
    ),
  });
  await inFolder({}, async (folder) => {
    const { page } = await write(folder, [rowOf(1), rowOf(2), rowOf(3)], make);
    const blocks = blocksOf(page);
    assert.equal(blocks.get("i0"), `data:image/png;base64,${image}`);
    assert.equal(blocks.has("i1"), false);
    const mails = ["m0", "m1", "m2"].map((id) => blocks.get(id) as { images: unknown });
    for (const { images } of mails) assert.deepEqual(images, [["a@x", 0]]);
  });
});

Deno.test("writeGallery() lists what no longer fits the page, and writes its file", async () => {
  await inFolder({}, async (folder) => {
    const rows = [rowOf(1), rowOf(2), rowOf(3)];
    const long = (row: ChosenRow) => mailOf(row, row.number === 2 ? "x y ".repeat(2_000) : "short");
    const { page } = await write(folder, rows, long, 5_000);
    const entries = blocksOf(page).get("entries") as { id?: string; file: string }[];
    assert.deepEqual(entries.map(({ id }) => id), ["m0", undefined, "m2"]);
    assert((await Deno.stat(join(folder, entries[1]!.file))).size > 8_000);
  });
});

Deno.test("writeGallery() names the path that cannot be written, and leaves the old page", async () => {
  await inFolder({ "file": "", "index.html": "old" }, async (folder) => {
    await assert.rejects(write(join(folder, "file"), [rowOf(1)], mailOf), InputError);
    await Deno.mkdir(join(folder, "2.eml"));
    await assert.rejects(
      write(folder, [rowOf(1)], mailOf),
      (error: InputError) => error.place?.file === join(folder, "2.eml"),
    );
    assert.equal(await Deno.readTextFile(join(folder, "index.html")), "old");
    const left = Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
    assert.deepEqual(left, ["2.eml", "file", "index.html"]);
  });
});
