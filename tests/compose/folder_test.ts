import assert from "node:assert/strict";
import { join } from "node:path";
import { Folder, type FoundFile, type OpenedFile } from "../../src/compose/files/folder.ts";
import type { Withheld } from "../../src/compose/files/withheld.ts";
import { inFolder } from "../support/folder.ts";

const FILES = {
  "campaign/mail.md": "template",
  "campaign/emails.csv": "list",
  "campaign/bill.pdf": "bill",
  "campaign/own/a.pdf": "a",
  "campaign/own-private/b.pdf": "b",
  "campaign/.hidden/c.pdf": "c",
  "campaign/outbox/d.eml": "d",
  "campaign/outbox/d.pdf": "d",
  "campaign-private/x": "private",
  "campaign.pdf": "beside",
  "elsewhere/e.pdf": "e",
};

/** The text of a file that may be sent, or why it may not. */
function opened(file: OpenedFile | string): string {
  if (typeof file === "string") return file;
  using open = file;
  assert.equal(open.size, open.read().length);
  return new TextDecoder().decode(open.read());
}

const found = (file: FoundFile | string) => typeof file === "string" ? file : file.path;

/** `use` with a folder of FILES, by its path without links. */
async function inCampaign(use: (outer: string) => Promise<void> | void): Promise<void> {
  await inFolder(FILES, async (cwd) => await use(await Deno.realPath(cwd)));
}

Deno.test("Folder does not reach a sibling folder whose name begins with its own", async () => {
  await inCampaign(async (outer) => {
    const folder = new Folder(join(outer, "campaign"));
    await Deno.symlink(join(outer, "campaign-private"), join(outer, "campaign/link"));
    await Deno.symlink(join(outer, "campaign-private/x"), join(outer, "campaign/link.pdf"));
    await Deno.symlink(join(outer, "campaign/bill.pdf"), join(outer, "leads-in.pdf"));
    for (
      const name of [
        "../campaign-private/x",
        "./own/../../campaign-private/x",
        join(outer, "campaign-private/x"),
        "../campaign.pdf",
        "../none.pdf",
        "../leads-in.pdf",
        "link/x",
        "link.pdf",
      ]
    ) {
      assert.equal(folder.find(name), "outside", name);
      assert.equal(folder.openToSend(name, "template"), "outside", name);
      assert.equal(folder.openToSend(name, "row"), "outside", name);
    }
  });
});

Deno.test("Folder finds its files by any name that stays inside, even if the folder itself is a link", async () => {
  await inCampaign(async (outer) => {
    await Deno.symlink(join(outer, "campaign"), join(outer, "by-link"));
    const bill = join(outer, "campaign/bill.pdf");
    for (const path of ["campaign", "by-link"]) {
      const folder = new Folder(join(outer, path));
      for (const name of ["bill.pdf", "./own/../bill.pdf", `../${path}/bill.pdf`, bill]) {
        assert.deepEqual(folder.find(name), { path: bill, size: 4 }, `${path}: ${name}`);
        assert.equal(opened(folder.openToSend(name, "row")), "bill", `${path}: ${name}`);
      }
    }
    assert.equal(found(new Folder("/").find(bill)), bill, "the root holds all");
  });
});

Deno.test("Folder says why a path is not one of its files", async () => {
  await inCampaign((outer) => {
    const folder = new Folder(join(outer, "campaign"));
    assert.equal(folder.find(""), "missing");
    assert.equal(folder.find("bill.pdf\0.txt"), "missing");
    assert.equal(folder.find("own"), "not-a-file");
    assert.equal(folder.find("none.pdf"), "missing");
    assert.equal(folder.openToSend("own", "row"), "not-a-file");
    assert.equal(new Folder(join(outer, "none")).find("bill.pdf"), "missing");
  });
});

Deno.test("Folder.of() never sends the file it is created from, nor withheld files next to it", async () => {
  await inCampaign((outer) => {
    const folder = Folder.of(join(outer, "campaign/mail.md"), {
      files: [join(outer, "campaign/emails.csv")],
      folders: [],
    });
    assert.equal(folder.path, join(outer, "campaign"));
    for (const name of ["mail.md", "emails.csv"]) {
      assert.equal(folder.openToSend(name, "row"), "withheld");
      assert.equal(folder.openToSend(name, "template"), "withheld");
    }
    assert.equal(opened(folder.openToSend("bill.pdf", "template")), "bill");
    assert.equal(found(folder.find("mail.md")), join(outer, "campaign/mail.md"), "an include may");
  });
});

Deno.test("A row's file comes from the folder of attachments, and not from one whose name begins with its own", async () => {
  await inCampaign((outer) => {
    const withheld: Withheld = {
      files: [],
      folders: [],
      attachments: join(outer, "campaign/own"),
    };
    const folder = new Folder(join(outer, "campaign"), withheld);
    assert.equal(opened(folder.openToSend("own/a.pdf", "row")), "a");
    for (const name of ["own-private/b.pdf", "bill.pdf", "own/../bill.pdf"]) {
      assert.equal(folder.openToSend(name, "row"), "not-an-attachment", name);
    }
    assert.equal(opened(folder.openToSend("bill.pdf", "template")), "bill", "the template's may");
  });
});

Deno.test("Hidden files are withheld, by their name and by the target of a link, and '..' hides nothing", async () => {
  await inCampaign(async (outer) => {
    await Deno.symlink(join(outer, "campaign/.hidden"), join(outer, "campaign/seen"));
    await Deno.symlink(join(outer, "campaign/bill.pdf"), join(outer, "campaign/.bill.pdf"));
    const folder = new Folder(join(outer, "campaign"));
    for (const name of [".hidden/c.pdf", "own/../.hidden/c.pdf", "seen/c.pdf", ".bill.pdf"]) {
      assert.equal(folder.openToSend(name, "row"), "withheld", name);
    }
    assert.equal(opened(folder.openToSend("./own/../own/a.pdf", "row")), "a");
    const below = new Folder(join(outer, "campaign/.hidden"));
    assert.equal(opened(below.openToSend("c.pdf", "row")), "c", "the campaign's own folder may be");
  });
});

Deno.test("No file of a withheld folder is sent, even if the campaign is in that folder", async () => {
  await inCampaign((outer) => {
    const sends = (path: string, withheld: string, name: string) =>
      opened(
        new Folder(join(outer, path), { files: [], folders: [join(outer, withheld)] })
          .openToSend(name, "row"),
      );
    assert.equal(sends("campaign", "campaign/outbox", "outbox/d.eml"), "withheld");
    assert.equal(sends("campaign", "campaign/outbox", "outbox/d.pdf"), "withheld");
    assert.equal(sends("campaign", "campaign/own", "own-private/b.pdf"), "b");
    assert.equal(sends("campaign", "campaign", "outbox/d.eml"), "withheld");
    assert.equal(sends("campaign", "campaign", "outbox/d.pdf"), "d");
    assert.equal(sends("campaign/outbox", "campaign", "d.pdf"), "d");
    assert.equal(sends("campaign/outbox", "campaign", "d.eml"), "withheld");
    assert.equal(sends("campaign", "elsewhere", "bill.pdf"), "bill");
  });
});
