import assert from "node:assert/strict";
import fc from "fast-check";
import { InputError } from "../../src/model/input_error.ts";
import { fileSafe, Outbox } from "../../src/sandbox/outbox.ts";

Deno.test("Outbox.keep() writes each mail to its own file, even the same one twice", async () => {
  const folder = await Deno.makeTempDir();
  const outbox = await Outbox.open(folder);
  const mail = [
    new TextEncoder().encode("Subject: one\r\n\r\n"),
    new Uint8Array([0xff, 0, 13, 10]),
  ];
  const kept = await Promise.all([1, 2, 3].map(() => outbox.keep("ann@example.com", mail)));
  assert.equal(new Set(kept.map(({ path }) => path)).size, 3);
  for (const { path } of kept) {
    const written = await Deno.readFile(path);
    assert.deepEqual([...written], mail.flatMap((chunk) => [...chunk]));
  }
  assert.deepEqual(names(folder).filter((name) => !name.endsWith("-ann@example.com.eml")), []);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("Outbox.open() keeps the files of two runs in one folder apart", async () => {
  const folder = await Deno.makeTempDir();
  const [first, second] = await Promise.all([Outbox.open(folder), Outbox.open(folder)]);
  const mail = [new Uint8Array([10])];
  await Promise.all([first, second].map((outbox) => outbox.keep("ann@example.com", mail)));
  assert.equal(names(folder).length, 2);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("Outbox.open() creates the folder and those above it", async () => {
  const folder = await Deno.makeTempDir();
  await Outbox.open(`${folder}/a/b`);
  assert.ok((await Deno.stat(`${folder}/a/b`)).isDirectory);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("Outbox.open() refuses a file, and a folder below a file", async () => {
  const file = await Deno.makeTempFile();
  for (const folder of [file, `${file}/below`]) {
    await assert.rejects(Outbox.open(folder), (error) => {
      assert.ok(error instanceof InputError);
      assert.match(error.message, /as the outbox: there is a file with that name$/);
      return true;
    });
  }
  await Deno.remove(file);
});

Deno.test("Outbox.keep() leaves nothing behind when the file cannot be written", async () => {
  const folder = await Deno.makeTempDir();
  const outbox = await Outbox.open(folder);
  await Deno.remove(folder);
  await assert.rejects(
    outbox.keep("ann@example.com", [new Uint8Array([10])]),
    Deno.errors.NotFound,
  );
  await Deno.mkdir(folder);
  assert.deepEqual(names(folder), []);
  await Deno.remove(folder);
});

Deno.test("fileSafe() keeps letters of all scripts, and nothing with a meaning in a path or a shell", () => {
  assert.equal(fileSafe("zoë.ünal+news@example.com"), "zoë.ünal+news@example.com");
  assert.equal(fileSafe("../../etc/passwd@x"), ".._.._etc_passwd@x");
  assert.equal(fileSafe('"a b"@x.de'), "_a_b_@x.de");
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), (address) => {
    const safe = fileSafe(address);
    assert.doesNotMatch(safe, /[^\p{L}\p{N}@._+=-]/u);
    assert.ok(new TextEncoder().encode(safe).length <= 120);
  }));
});

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}
