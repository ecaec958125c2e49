import assert from "node:assert/strict";
import { escapeLine } from "../../src/text/escape.ts";
import { visible } from "../../src/text/unseen.ts";
import { compileTemplate } from "../../src/compose/composer.ts";
import { InputError } from "../../src/model/input_error.ts";
import { faultOf, read } from "./lists.ts";

Deno.test("openList() finds the address column despite invisible characters in its name", async () => {
  for (
    const name of ["\u200bEmail", "E\u2011Mail", "E-Mail\u00a0Adresse", "e\u00admail", "Ｅｍａｉｌ"]
  ) {
    assert.equal((await read(`Name,${name}\n`)).email, 1, name);
  }
});

Deno.test("openList() shows a name in a form that --email-column accepts", async () => {
  const header = "Na\u200bme,Post\u200b\u00a0Fach\n";
  const fault = await faultOf(header, { emailColumn: "Post Fax" });
  assert.match(fault, /found 'Na<U\+200B>me', 'Post<U\+200B><U\+00A0>Fach'\n/);
  const shown = /--email-column "(.*)"\?/.exec(fault)?.[1] ?? "";
  assert.equal(shown, "Post<U+200B><U+00A0>Fach");
  for (const emailColumn of [shown, "Post Fach", "postfach", "Post\u200b\u00a0Fach"]) {
    assert.equal((await read(header, { emailColumn })).email, 1, emailColumn);
  }
});

/** Compiles a text mail for a list with these columns, and renders it for one row. */
async function rendered(body: string, names: readonly string[], fields: readonly string[]) {
  const composer = await compileTemplate(
    {
      template: { file: "mail.txt", text: `From: a@x.de\nSubject: s\n\n${body}\n` },
      columns: { names, email: 0 },
      campaign: "c",
    } as Parameters<typeof compileTemplate>[0],
  );
  const recipient = {
    kind: "recipient",
    key: "a@x.de",
    line: 2,
    address: "a@x.de",
    fields,
  } as const;
  const mail = composer.compose(recipient, { eightBit: true });
  assert.ok(!("kind" in mail));
  return new TextDecoder().decode(mail.bytes).split("\r\n\r\n")[1]?.trim();
}

Deno.test("compileTemplate() takes a column by the name that is seen", async () => {
  const names = ["Email", "Na\u200bme", "First\u00a0Name"];
  const body = '{{ Name }} {{ row["Name"] }} {{ row["First Name"] }} {{ row["Na\u200bme"] }}';
  assert.equal(await rendered(body, names, ["a@x.de", "Ann", "Bob"]), "Ann Ann Bob Ann");
});

Deno.test("compileTemplate() suggests names that can be copied, and shows invisible characters", async () => {
  const names = ["Email", "Na\u200bme"];
  await assert.rejects(rendered("{{ Nmae }}", names, []), (error) => {
    assert.ok(error instanceof InputError);
    assert.match(
      error.describe(),
      /Did you mean 'Name'\? The columns are: Email, Na<U\+200B>me\.$/,
    );
    return true;
  });
});

Deno.test("compileTemplate() takes the exact name where another only looks like it", async () => {
  const names = ["Email", "Na\u200bme", "Name"];
  assert.equal(await rendered("{{ Name }}", names, ["a@x.de", "Ann", "Bob"]), "Bob");
});

Deno.test("--email-column takes a name as a terminal and as a message shows it", async () => {
  for (const name of ["E\u200bPost", "E\u00a0\u200bPost", "E\u202ePost", "\u2060E\u2060Post"]) {
    const list = `${name},Post\na@x.de,b@x.de\n`;
    for (const written of [escapeLine(name), visible(name)]) {
      assert.match(written, /<U\+/);
      assert.equal((await read(`Post2,${list}`, { emailColumn: written })).email, 1);
    }
  }
});
