import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import PostalMime from "postal-mime";
import { compileTemplate, type Composer } from "../../src/compose/composer.ts";
import { Folder } from "../../src/compose/files/folder.ts";
import {
  columnsOf,
  EIGHT_BIT,
  FROM,
  inputErrorOf,
  mailOf,
  octetsOf,
  readWithPython,
  reasonOf,
  recipientOf,
} from "./support.ts";
import { output, start } from "../support/process.ts";

/** A folder with files to attach, a file next to it, and links and a pipe that must be refused. */
async function withFolder(use: (folder: string) => Promise<void> | void): Promise<void> {
  const outer = await Deno.makeTempDir();
  const folder = `${outer}/campaign`;
  try {
    await Deno.mkdir(`${folder}/bills`, { recursive: true });
    await Deno.writeFile(`${folder}/bills/7.pdf`, Uint8Array.from({ length: 1000 }, (_, i) => i));
    await Deno.writeTextFile(`${folder}/Счёт № 5 "итог".txt`, "Zoë\n");
    await Deno.writeTextFile(`${folder}/${"длинное имя ".repeat(9)}.csv`, "a,b\n");
    await Deno.writeTextFile(`${folder}/quoted "name" \\ x.txt`, "x");
    await Deno.writeTextFile(`${outer}/secret.txt`, "secret");
    await Deno.symlink(`${outer}/secret.txt`, `${folder}/leads-out.txt`);
    await Deno.symlink(`${folder}/bills`, `${folder}/stays-in`);
    await output("mkfifo", [`${folder}/pipe`]);
    await use(folder);
  } finally {
    await Deno.remove(outer, { recursive: true });
  }
}

function composerIn(
  folder: string,
  headers: string,
  body = "Hello {{ Name }}\n",
  file = "mail.txt",
): Promise<Composer> {
  return compileTemplate({
    template: { file: `${folder}/${file}`, text: `${FROM}Subject: x\n${headers}\n${body}` },
    columns: columnsOf("Name", "Email"),
    campaign: "spring",
  });
}

Deno.test("Attachment: adds the same and each row's own files, read back by postal-mime and Python", async () => {
  await withFolder(async (folder) => {
    const names = [
      `Счёт № 5 "итог".txt`,
      `${"длинное имя ".repeat(9)}.csv`,
      `quoted "name" \\ x.txt`,
    ];
    const composer = await composerIn(
      folder,
      `${names.map((name) => `Attachment: ${name}\n`).join("")}Attachment: bills/{{ Name }}.pdf\n`,
      "# Hello\n",
      "mail.md",
    );
    const mail = mailOf(composer, ["7", "ann@example.com"]);
    const read = await PostalMime.parse(mail.bytes);
    assert.deepEqual(read.attachments.map(({ filename, mimeType }) => [filename, mimeType]), [
      [names[0], "text/plain"],
      [names[1], "text/csv"],
      [names[2], "text/plain"],
      ["7.pdf", "application/pdf"],
    ]);
    assert.deepEqual(
      new Uint8Array(read.attachments[3]!.content as ArrayBuffer),
      Uint8Array.from({ length: 1000 }, (_, i) => i),
    );
    assert.equal(read.text, "Hello\n");
    const files = octetsOf(mail).split("Content-Type: text/plain").slice(2).join();
    assert.ok(files.split("\r\n").every((line) => line.length <= 78));

    const [python] = await readWithPython([
      mailOf(await composerIn(folder, names.map((name) => `Attachment: ${name}\n`).join("")), [
        "7",
        "a@b.de",
      ]),
    ]);
    assert.deepEqual(python!.parts.map(({ filename }) => filename), [null, ...names]);
    assert.equal(python!.parts[1]!.text, "Zoë\n");
    assert.deepEqual(python!.defects, []);
  });
});

const REFUSED: [path: string, reason: RegExp][] = [
  ["../secret.txt", /outside the template's folder: '\.\.\/secret\.txt'$/],
  ["../../../../../../../../etc/passwd", /outside/],
  ["/etc/passwd", /outside/],
  ["bills/../../secret.txt", /outside/],
  ["leads-out.txt", /outside/],
  ["/dev/zero", /outside/],
  ["pipe", /not a regular file/],
  ["bills", /not a regular file/],
  [".", /outside|not a regular file/],
  ["none.pdf", /not found/],
  ["file:///etc/passwd", /not found/],
  ["http://169.254.169.254/", /not found/],
  ["bills/7.pdf\0.txt", /not found/],
];

Deno.test("A mail says which files are attached to it, with the digests of their octets, and only then", async () => {
  await withFolder(async (folder) => {
    const invoice = createHash("sha256")
      .update(Uint8Array.from({ length: 1000 }, (_, i) => i)).digest("hex");
    // sha256sum of "x".
    const x = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881";
    const constant = `Attachment: quoted "name" \\ x.txt\n`;
    const own = "Attachment: {% if Name %}bills/{{ Name }}.pdf{% endif %}\n";
    for (
      const [headers, name, attachments] of [
        ["", "7", undefined],
        [own, "", undefined],
        [own, "7", [{ name: "7.pdf", sha256: invoice }]],
        [constant, "", [{ name: `quoted "name" \\ x.txt`, sha256: x }]],
        [constant + own, "7", [
          { name: `quoted "name" \\ x.txt`, sha256: x },
          { name: "7.pdf", sha256: invoice },
        ]],
      ] as const
    ) {
      const composer = await composerIn(folder, headers);
      assert.deepEqual(mailOf(composer, [name, "ann@example.com"]).attachments, attachments);
    }
  });
});

Deno.test("A path from a cell reaches regular files of the template's folder only", async () => {
  await withFolder(async (folder) => {
    const composer = await composerIn(folder, "Attachment: {{ Name }}\n");
    for (const [path, reason] of REFUSED) {
      const mail = composer.compose(recipientOf([path, "ann@example.com"]), EIGHT_BIT);
      assert.match(reasonOf(mail) ?? "", reason, path);
    }
    mailOf(composer, ["stays-in/7.pdf", "ann@example.com"]);
    mailOf(composer, ["", "ann@example.com"]);
  });
});

Deno.test("A constant attachment that cannot be read is an error of the template", async () => {
  await withFolder(async (folder) => {
    for (const [path, reason] of REFUSED.filter(([path]) => !path.includes("\0"))) {
      const said = await inputErrorOf(() => composerIn(folder, `Attachment: ${path}\n`));
      assert.match(said, /mail\.txt:3:13: Attachment (is|not)/);
      assert.match(said, reason);
    }
    await Deno.truncate(`${folder}/bills/7.pdf`, 18_000_001);
    assert.match(
      await inputErrorOf(() => composerIn(folder, "Attachment: bills/7.pdf\n")),
      /:3:13: Attachment is larger than 18 MB: 'bills\/7\.pdf'$/,
    );
  });
});

Deno.test("A path from a cell reaches no file of the campaign's own", async () => {
  await withFolder(async (folder) => {
    const own = [
      "emails.csv",
      "spring.ledger",
      "spring.ledger-wal",
      "campaign.toml",
      "mail.txt",
      "tls.key",
      "dkim.PEM",
      ".env",
      "bills/.secret.pdf",
    ];
    for (const name of own) await Deno.writeTextFile(`${folder}/${name}`, "x");
    await Deno.symlink(`${folder}/emails.csv`, `${folder}/list.pdf`);
    await Deno.link(`${folder}/emails.csv`, `${folder}/bills/list.pdf`);
    const text = `${FROM}Subject: x\nAttachment: {{ Name }}\n\nx\n`;
    const composer = await compileTemplate({
      template: { file: `${folder}/mail.txt`, text },
      columns: columnsOf("Name", "Email"),
      campaign: "spring",
      withheld: { files: [`${folder}/emails.csv`, `${folder}/none.csv`], folders: [] },
    });
    for (const name of [...own, "./bills/../emails.csv", "list.pdf", "bills/list.pdf"]) {
      assert.equal(
        reasonOf(composer.compose(recipientOf([name, "ann@example.com"]), EIGHT_BIT)),
        `Attachment is one of the campaign's own files, which are never sent: '${name}'`,
      );
    }
    mailOf(composer, ["bills/7.pdf", "ann@example.com"]);
    mailOf(composer, ["./bills/7.pdf", "ann@example.com"]);
  });
});

Deno.test("A file that is exchanged for a link or another file while it is looked at is not read", async () => {
  await withFolder(async (folder) => {
    await Deno.mkdir(`${folder}/swap`);
    await Deno.writeTextFile(`${folder}/emails.csv`, "secret");
    const swapper = start(
      "sh",
      [
        "-c",
        "while :; do ln -f bills/7.pdf swap/a; mv swap/a swap/x.pdf; ln -s ../../secret.txt swap/b; mv swap/b swap/x.pdf; ln -f emails.csv swap/c; mv swap/c swap/x.pdf; done",
      ],
      { cwd: folder },
    );
    try {
      const withheld = { files: [`${folder}/emails.csv`], folders: [] };
      const until = Date.now() + 1_000;
      let read = 0;
      while (Date.now() < until) {
        const file = Folder.of(`${folder}/mail.txt`, withheld).openToSend("swap/x.pdf", "row");
        if (typeof file === "string") continue;
        using opened = file;
        read++;
        assert.notEqual(new TextDecoder().decode(opened.read()), "secret");
      }
      assert.ok(read > 0);
    } finally {
      await swapper.stop();
    }
  });
});

Deno.test("Includes and layouts come from the template's folder, links followed", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(`${folder}/foot.html`, "<p>Bye {{ Name }}</p>\n");
    await Deno.writeTextFile(`${folder}/foot.md`, "Bye *{{ Name }}*\n");
    await Deno.writeTextFile(
      `${folder}/frame.html`,
      "<html><body>{% block %}{% endblock %}<p>Acme</p></body></html>",
    );
    const parts = async (body: string) => {
      const read = await PostalMime.parse(
        mailOf(await composerIn(folder, "", body, "mail.md"), ["<A>", "a@b.de"]).bytes,
      );
      return { text: read.text!.trim(), html: read.html! };
    };
    for (const file of ["foot.html", "foot.md"]) {
      const { text, html } = await parts(`Hi\n\n{% include "${file}" %}\n`);
      assert.equal(text, "Hi\n\nBye <A>", file);
      assert.match(html, /<p>Hi<\/p>\n<p>Bye (<em>)?&lt;A&gt;(<\/em>)?<\/p>/, file);
    }
    const framed = await parts(
      `{% layout "frame.html" %}\n{% block %}\n*Hi* {{ Name }}\n{% endblock %}\n`,
    );
    assert.match(
      framed.html,
      /<html><body>\n*<p><em>Hi<\/em> &lt;A&gt;<\/p>\n<p>Acme<\/p><\/body><\/html>/,
    );
    assert.equal(framed.text, "Hi <A>\n\nAcme");

    await Deno.writeTextFile(
      `${folder}/button.html`,
      `<p><a {% if Name %}href="https://x.de/"{% endif %}>Go</a></p>\n`,
    );
    assert.equal((await parts(`{% include "button.html" %}\n`)).text, "Go [https://x.de/]");

    const refused: [body: string, said: RegExp][] = [
      [
        `x\n{% include "../secret.txt" %}`,
        /mail\.md:5:1: File not found in the template's folder: '\.\.\/secret\.txt'/,
      ],
      [`{% include "/etc/passwd" %}`, /mail\.md:4:1: File not found/],
      [`{% include "leads-out.txt" %}`, /mail\.md:4:1: File not found/],
      [`{% layout "none.html" %}`, /mail\.md:4:1: File not found/],
      [`{% include Name %}`, /mail\.md:4:1: 'include' takes its file name from a variable/],
      [`{% render "a{{ Name }}" %}`, /mail\.md:4:1: 'render' takes its file name from a variable/],
      [
        `{% include "circle.md" %}`,
        /circle\.md:2:1: Includes form a loop: 'circle\.md' includes itself/,
      ],
      [`{% include "wrong.md" %}`, /wrong\.md:3:4: Unknown variable 'nobody'/],
      [`{% include "broken.md" %}`, /broken\.md:2:1: output "{{ Name" not closed/],
    ];
    await Deno.writeTextFile(`${folder}/circle.md`, `\n{% include "circle.md" %}`);
    await Deno.writeTextFile(`${folder}/wrong.md`, "# A\n\n{{ nobody }}");
    await Deno.writeTextFile(`${folder}/broken.md`, "\n{{ Name");
    for (const [body, said] of refused) {
      assert.match(await inputErrorOf(() => composerIn(folder, "", body, "mail.md")), said);
    }
  });
});
