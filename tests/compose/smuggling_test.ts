import assert from "node:assert/strict";
import PostalMime from "postal-mime";
import { inFolder } from "../support/folder.ts";
import {
  assertWellFormed,
  composerOf,
  EIGHT_BIT,
  FROM,
  mailOf,
  octetsOf,
  SEVEN_BIT,
  SMUGGLING,
} from "./support.ts";

const EVERYWHERE =
  `${FROM}To: {{ Name }} <{{ Email }}>\nSubject: {{ Name }}\nX-Note: {{ Name }}\n\n{{ Name }}\n{{ Name | upcase }}\n`;

Deno.test("compose() leaves no bare CR or LF of a cell in the mail", async () => {
  for (const file of ["mail.txt", "mail.html", "mail.md"]) {
    const composer = await composerOf(EVERYWHERE, ["Name", "Email"], { file });
    for (const attack of SMUGGLING) {
      for (const transport of [EIGHT_BIT, SEVEN_BIT]) {
        assertWellFormed(mailOf(composer, [attack, "ann@example.com"], { transport }));
        assertWellFormed(mailOf(composer, [`é${attack}`, "ann@example.com"], { transport }));
      }
    }
  }
});

Deno.test("compileTemplate() leaves no bare CR or LF of the template in the mail", async () => {
  for (const attack of SMUGGLING) {
    for (const file of ["mail.txt", "mail.html", "mail.md"]) {
      const composer = await composerOf(`${FROM}Subject: x\n\n${attack}{{ Name }}${attack}é`, [
        "Name",
        "Email",
      ], { file });
      assertWellFormed(mailOf(composer, ["Ann", "ann@example.com"]));
    }
  }
});

Deno.test("compose() leaves no bare CR or LF of an attachment or an image in the mail", async () => {
  const bytes = SMUGGLING.join("");
  await inFolder({ "bill.txt": bytes, "logo.svg": bytes }, async (folder) => {
    const composer = await composerOf(
      `${FROM}Subject: x\nAttachment: bill.txt\nAttachment: {{ Name }}\n\n![](logo.svg)\n`,
      ["Name", "Email"],
      { file: `${folder}/mail.md` },
    );
    const mail = mailOf(composer, ["bill.txt", "ann@example.com"]);
    assertWellFormed(mail);
    assert.equal(octetsOf(mail).search(/^\.|MAIL FROM/m), -1);
    const { attachments } = await PostalMime.parse(mail.bytes);
    assert.deepEqual(
      attachments.map(({ content }) => new TextDecoder().decode(content as ArrayBuffer)),
      [bytes, bytes, bytes],
    );
  });
});

Deno.test("compose() keeps lines of dots as they are, for the transaction to stuff", async () => {
  const dots = "\r\n.\r\n..\r\n.MAIL FROM:<a@b.de>\r\n.";
  for (const transport of [EIGHT_BIT, SEVEN_BIT]) {
    const composer = await composerOf(`${FROM}Subject: x\n\n.\n{{ Name }}`);
    const octets = octetsOf(mailOf(composer, [dots, "ann@example.com"], { transport }));
    assert.ok(octets.endsWith(`\r\n\r\n.\r\n${dots}\r\n`));
  }
});
