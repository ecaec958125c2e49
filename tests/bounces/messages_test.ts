import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import { readMessages } from "../../src/bounces/messages/messages.ts";
import { MAX_KEPT, Splitter } from "../../src/bounces/messages/splitter.ts";
import { InputError } from "../../src/model/input_error.ts";
import { output } from "../support/process.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The messages of a text that arrives in pieces of `size` bytes. */
function split(text: string, size = Infinity): string[] {
  const bytes = encoder.encode(text);
  const splitter = new Splitter();
  const cuts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    // A copy that is overwritten afterwards, because a reader may reuse its memory.
    const piece = bytes.slice(at, at + size);
    for (const cut of splitter.push(piece)) cuts.push(cut.bytes);
    piece.fill(0x21);
  }
  for (const cut of splitter.end()) cuts.push(cut.bytes);
  return cuts.map((cut) => decoder.decode(cut));
}

const FROM = "From MAILER-DAEMON Tue Nov 24 03:49:13 2026\n";
const MBOX =
  `${FROM}Subject: 1\n\n>From me\n>>From you\nFrom time to time\n\n${FROM}Subject: 2\n\n\n`;
const MESSAGES = ["Subject: 1\n\nFrom me\n>From you\nFrom time to time\n\n", "Subject: 2\n\n\n"];

Deno.test("Splitter cuts an mbox at its From_ lines and removes the quoting", () => {
  assert.deepEqual(split(MBOX), MESSAGES);
});

Deno.test("Splitter leaves a message that is no mbox unchanged", () => {
  const text = `Subject: 1\n\n${FROM}>From me\n`;
  assert.deepEqual(split(text), [text]);
  assert.deepEqual(split(""), [""]);
});

Deno.test("Splitter finds the same messages whatever the size of the pieces", () => {
  fc.assert(fc.property(fc.integer({ min: 1, max: 60 }), (size) => {
    assert.deepEqual(split(MBOX, size), MESSAGES);
  }));
});

Deno.test("Splitter recognizes the separators of several programs", () => {
  for (
    const line of [
      "From - Tue Nov 24 03:49:13 2026",
      "From a@b.example Tue Nov 24 03:49:13 2026 +0000",
      "From a@b.example  Tue Nov  4 3:49:13 UTC 2026",
      "From 1234567890@xxx Tue Nov 24 03:49:13 +0000 2026",
    ]
  ) {
    assert.equal(split(`${line}\nA: 1\n\n${line}\nB: 2\n`).length, 2, line);
  }
});

Deno.test("Splitter keeps the beginning of an oversized message, and the whole of the next", () => {
  const splitter = new Splitter();
  const lengths: number[] = [];
  const texts: string[] = [];
  const take = (cuts: Iterable<{ bytes: Uint8Array; length: number }>) => {
    for (const { bytes, length } of cuts) {
      lengths.push(length);
      texts.push(decoder.decode(bytes.subarray(0, 10)));
      assert(bytes.length <= MAX_KEPT);
    }
  };
  take(splitter.push(encoder.encode(`${FROM}Subject: 1\n\n`)));
  const endless = new Uint8Array(64 * 1024).fill(0x78);
  for (let count = 0; count < 800; count++) take(splitter.push(endless));
  take(splitter.push(encoder.encode(`\n${FROM}Subject: 2\n`)));
  take(splitter.end());
  assert.deepEqual(texts, ["Subject: 1", "Subject: 2"]);
  assert(lengths[0]! > 50_000_000);
});

async function inFolder(action: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "messages-" });
  try {
    await action(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const NOTHING = {
  stdin: new ReadableStream<Uint8Array>(),
  signal: new AbortController().signal,
};

async function found(path: string): Promise<string[]> {
  const messages = await Array.fromAsync(readMessages(path, NOTHING));
  return messages.map((message) =>
    message.kind === "unread"
      ? `${message.place.file.split("/").at(-1)} ${message.reason}`
      : `${message.place.file.split("/").at(-1)} ${message.place.number} ${
        decoder.decode(message.bytes).split("\n")[0]
      }`
  );
}

Deno.test("readMessages() reads cur and new of a Maildir, in order, and ignores tmp", async () => {
  await inFolder(async (folder) => {
    for (const name of ["cur", "new", "tmp"]) await Deno.mkdir(join(folder, name));
    await Deno.writeTextFile(join(folder, "cur", "1.host:2,S"), "A: 1\n");
    await Deno.writeTextFile(join(folder, "new", "2.host"), "B: 2\n");
    await Deno.writeTextFile(join(folder, "tmp", "3.host"), "C: 3\n");
    assert.deepEqual(await found(folder), ["1.host:2,S 1 A: 1", "2.host 1 B: 2"]);
  });
});

Deno.test("readMessages() reads the mail files in a folder, including mboxes", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "b.eml"), "B: 1\n");
    await Deno.writeTextFile(join(folder, "a.mbox"), MBOX);
    await Deno.writeTextFile(join(folder, "notes.pdf"), "%PDF");
    assert.deepEqual(await found(folder), [
      "a.mbox 1 Subject: 1",
      "a.mbox 2 Subject: 2",
      "b.eml 1 B: 1",
    ]);
    assert.deepEqual(await found(join(folder, "b.eml")), ["b.eml 1 B: 1"]);
  });
});

Deno.test("readMessages() continues after what it cannot read, and does not wait for a pipe", async () => {
  await inFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "a.eml"), "A: 1\n");
    await output("mkfifo", [join(folder, "b.eml")]);
    await Deno.symlink(join(folder, "nowhere"), join(folder, "c.eml"));
    assert.deepEqual(await found(folder), [
      "a.eml 1 A: 1",
      "b.eml not a file",
      "c.eml no such file or folder",
    ]);
  });
});

Deno.test("readMessages() refuses a path that does not exist, and a folder without messages", async () => {
  await inFolder(async (folder) => {
    await assert.rejects(
      found(join(folder, "none")),
      (error) => error instanceof InputError && /no such file or folder/.test(error.message),
    );
    await assert.rejects(
      found(folder),
      (error) => error instanceof InputError && /contains no messages/.test(error.message),
    );
  });
});
