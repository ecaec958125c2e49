import assert from "node:assert/strict";
import type { InputError } from "../../src/model/input_error.ts";
import { composerOf, EIGHT_BIT, FROM, recipientOf } from "./support.ts";

const NAMES = ["Name", "Boss", "Email"];
const refuse = { copies: "refuse" } as const;

const NOBODY_ELSE = [
  "",
  "To: {{ Email }}\n",
  "To: {{ Name }} <{{ Email }}>\n",
  "To: {{ Name }} <{{ Email | downcase | strip }}>\n",
  "To: {% if Boss %}Boss{% else %}{{ Name }}{% endif %} <{{ row['Email'] }}>\n",
  "To: {{.Email}}\n",
  "To: Acme News <news@acme.example>\n",
  "To: undisclosed-recipients:;\n",
  "To: Readers: news@acme.example;\n",
  "To: Readers: {{ Email }};\n",
  "Cc:\nBcc: \n",
  "Cc: {{ Email }}\n",
  "Reply-To: boss@acme.example\n",
];

const OTHERS: readonly (readonly [head: string, line: number, name: string])[] = [
  ["Cc: boss@acme.example\n", 3, "Cc"],
  ["Cc: {{ Boss }}\n", 3, "Cc"],
  ["cc: {{ Email }}, Boss <boss@acme.example>\n", 3, "cc"],
  ["Cc: {% if Name == 'Ann' %}boss@acme.example{% endif %}\n", 3, "Cc"],
  ["Cc: {{ Boss | default: Email }}\n", 3, "Cc"],
  ["Cc: Board: {{ Boss }}, chair@acme.example;\n", 3, "Cc"],
  ["To: {{ Email }}\nBcc: archive@acme.example\n", 4, "Bcc"],
  ["Bcc: {{ Boss }}\n", 3, "Bcc"],
  ["Bcc: Archive: {{ Boss }};\n", 3, "Bcc"],
  ["To: {{ Email }}, boss@acme.example\n", 3, "To"],
  ["To: a@acme.example, b@acme.example\n", 3, "To"],
  ["To: {{ Boss }}\n", 3, "To"],
  ["To: {{ Name }} <{{ Boss | default: Email }}>\n", 3, "To"],
];

Deno.test("A template may name nobody but the recipient, or one constant mailbox in To, whatever --copies says", async () => {
  for (const head of NOBODY_ELSE) {
    const text = `${FROM}Subject: x\n${head}\nx\n`;
    const [refusing, showing] = [
      await composerOf(text, NAMES, refuse),
      await composerOf(text, NAMES),
    ];
    const recipient = recipientOf(["Ann", "boss@x.test", "Ann@x.test"], "Ann@x.test");
    const [one, other] = [refusing, showing].map((composer) =>
      composer.compose(recipient, EIGHT_BIT)
    );
    assert.ok(one && other && !("kind" in one) && !("kind" in other), head);
    assert.deepEqual(one.envelope, other.envelope);
  }
});

Deno.test("A template that names others in To, Cc or Bcc is refused at that header, with the ways out", async () => {
  for (const [head, line, name] of OTHERS) {
    const text = `${FROM}Subject: x\n${head}\nx\n`;
    await assert.rejects(composerOf(text, NAMES, refuse), (error: InputError) => {
      assert.deepEqual([error.place?.file, error.place?.line], ["mail.txt", line], head);
      assert.ok(error.message.startsWith(`${name} names somebody besides the recipient`), head);
      assert.match(
        error.hint!,
        /^For a list of 500, .*500 copies.*\n {2}--copies deliver .*\n {2}--copies header sends no/,
      );
      return true;
    });
    await composerOf(text, NAMES, { copies: "header" });
    await composerOf(text, NAMES);
  }
});
