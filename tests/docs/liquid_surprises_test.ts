import assert from "node:assert/strict";
import { composerOf, FROM, inputErrorOf } from "../compose/support.ts";

const NAMES = ["Name", "First name", "City", "Points", "Items", "a", "b", "c", "Email"];

/** The rows of the table "Liquid that surprises". */
function rows(): readonly string[][] {
  const text = Deno.readTextFileSync("docs/templates.md");
  const [, section = ""] = /### Liquid that surprises\n([^]*?)\n### /.exec(text) ?? [];
  return section.split("\n").filter((line) => line.startsWith("| `"))
    .map((line) =>
      line.slice(1, -1).split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"))
    );
}

/** The code in a cell, each with the ends that its tags lack. */
function codes(cell: string): string[] {
  return Array.from(cell.matchAll(/`([^`]*)`/g), ([, code = ""]) => {
    const open = [...code.matchAll(/\{% (if|for|case) /g)].map(([, name]) => name!);
    const missing = open.filter((name) => !code.includes(`end${name}`));
    return code + missing.reverse().map((name) => `{% end${name} %}`).join("");
  }).filter((code) => !code.startsWith("{% if %}"));
}

const compiled = (body: string) => composerOf(`${FROM}Subject: x\n\n${body}\n`, NAMES);

Deno.test("What templates.md says of Liquid that surprises is so: what is refused with which words, and what is not", async () => {
  const all = rows();
  assert.ok(all.length > 10);
  for (const [wrong = "", , said = "", right = ""] of all) {
    for (const code of codes(wrong)) {
      if (said.startsWith("a warning")) {
        const uses = (await compiled(code)).uses();
        assert.ok(uses.some(({ kind }) => kind === "mixed"), code);
      } else {
        const message = await inputErrorOf(() => compiled(code));
        assert.ok(message.includes(said), `${code}: ${message}`);
      }
    }
    for (const code of codes(right)) {
      const uses = (await compiled(code)).uses();
      assert.ok(!uses.some(({ kind }) => kind === "mixed"), code);
    }
  }
});
