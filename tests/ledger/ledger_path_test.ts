import assert from "node:assert/strict";
import { ledgerPath } from "../../src/ledger/sqlite/file/ledger_path.ts";
import { Folder } from "./ledgers.ts";

Deno.test("ledgerPath() follows links in the name and in its folder, also where no file is yet", () => {
  using folder = new Folder();
  const real = Deno.realPathSync(folder.path);
  Deno.mkdirSync(folder.file("disk"));
  Deno.symlinkSync("disk", folder.file("folder"));
  Deno.symlinkSync("folder/../disk/c.ledger", folder.file("link"));
  Deno.symlinkSync(folder.file("link"), folder.file("disk/link to link"));
  const names = ["disk/c.ledger", "folder/c.ledger", "link", "folder/link to link"];
  const files = () => names.map((name) => ledgerPath(folder.file(name)).file);
  const one = names.map(() => `${real}/disk/c.ledger`);
  assert.deepEqual(files(), one, "before it is made");
  Deno.writeTextFileSync(folder.file("disk/c.ledger"), "");
  assert.deepEqual(files(), one, "when it is there");
});

Deno.test("ledgerPath() calls the files by the name that was given, unless that is a link", () => {
  using folder = new Folder();
  Deno.symlinkSync("c.ledger", folder.file("link"));
  const { file, shown } = ledgerPath(folder.file("link"));
  assert.equal(shown, file);
  assert.equal(ledgerPath(folder.file("c.ledger")).shown, folder.file("c.ledger"));
});

Deno.test("ledgerPath() leaves a name as it is that leads nowhere", () => {
  using folder = new Folder();
  Deno.symlinkSync("a", folder.file("b"));
  Deno.symlinkSync("b", folder.file("a"));
  for (const name of ["a", "none/c.ledger"].map((name) => folder.file(name))) {
    assert.equal(ledgerPath(name).file, name);
  }
});
