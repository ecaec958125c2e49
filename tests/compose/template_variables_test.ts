import assert from "node:assert/strict";
import { snakeCase } from "../../src/compose/template/template_variables.ts";
import { inFolder } from "../support/folder.ts";
import { composerOf, FROM, inputErrorOf, mailOf, textOf } from "./support.ts";

async function bodyOf(template: string, names: string[], fields: string[]): Promise<string> {
  const mail = mailOf(await composerOf(`${FROM}Subject: x\n\n${template}`, names), fields);
  return textOf(mail).split("\r\n\r\n").slice(1).join("\r\n\r\n").trimEnd();
}

Deno.test("snakeCase() makes one name of many spellings", () => {
  for (const name of ["First Name", "firstName", "FIRST-NAME", " first  name ", "First_Name"]) {
    assert.equal(snakeCase(name), "first_name");
  }
  assert.equal(snakeCase("Straße & Ort"), "straße_ort");
  assert.equal(snakeCase("E-Mail"), "e_mail");
  assert.equal(snakeCase("Address2"), "address2");
});

Deno.test("A template names a column as written, in snake_case and by row", async () => {
  const fields = ["Ann", "e@x.de"];
  for (
    const template of [
      "{{ first_name }}",
      `{{ row["First Name"] }}`,
      `{{ row['First Name'] }}`,
      "{{ row['First Name'] | strip }}",
    ]
  ) {
    assert.equal(await bodyOf(template, ["First Name", "E-Mail"], fields), "Ann", template);
  }
  assert.equal(await bodyOf("{{ Имя }} {{ имя }}", ["Имя", "Email"], fields), "Ann Ann");
});

Deno.test("A template names a column by its number, unless one has that number for a name", async () => {
  const [names, fields] = [["Name", "2", "E-Mail"], ["Ann", "two", "e@x.de"]];
  assert.equal(
    await bodyOf("{{ row.1 }} {{ row[3] }} {{ row['1'] | upcase }}", names, fields),
    "Ann e@x.de ANN",
  );
  assert.equal(
    await bodyOf("{{ row.2 }} {{ row.3 }}", ["3", "b", "E-Mail"], ["A", "B", "e@x.de"]),
    "B A",
  );
  assert.equal(
    await bodyOf("{{ row.3 }}", ["3", "b", "c", "E-Mail"], ["A", "B", "C", "e@x.de"]),
    "A",
  );
  for (const name of ["row.0", "row.4", "row[-1]", "row['1.5']", "row.01x"]) {
    assert.match(
      await inputErrorOf(() => bodyOf(`{{ ${name} }}`, names, fields)),
      /Unknown variable 'row/,
    );
  }
});

Deno.test("A file that is rendered sees the names that its template sees", async () => {
  await inFolder({ "foot.txt": "{{ Name }} {{ campaign }} {{ row.1 }}" }, async (folder) => {
    const composer = await composerOf(
      `${FROM}Subject: x\n\n{% assign Name = "Zoe" %}{% render "foot.txt" %}\n{% include "foot.txt" %}\n`,
      ["Name", "Email"],
      { file: `${folder}/mail.txt` },
    );
    const text = textOf(mailOf(composer, ["Ann", "e@x.de"])).split("\r\n\r\n")[1];
    assert.equal(text, "Ann spring Ann\r\nZoe spring Ann\r\n");
  });
});

Deno.test("An exact name wins over a snake_case one, and a shared snake_case name names no column", async () => {
  assert.equal(
    await bodyOf("{{ first_name }}", ["First Name", "first_name", "Email"], ["a", "b", "e@x.de"]),
    "b",
  );
  const said = await inputErrorOf(() =>
    bodyOf("{{ first_name }}", ["First Name", "First-Name", "Email"], ["a", "b", "e@x.de"])
  );
  assert.match(said, /Unknown variable 'first_name'/);
});

Deno.test("Columns named like parts of JavaScript are data like any other", async () => {
  const names = ["__proto__", "constructor", "toString", "size", "Email"];
  const template =
    "{{ __proto__ }} {{ constructor | upcase }} {{ row.__proto__ }} {{ toString }} {{ size }}{% if row.hasOwnProperty %}!{% endif %}";
  assert.match(await inputErrorOf(() => bodyOf(template, names, [])), /'row.hasOwnProperty'/);
  const known = template.replace(/\{% if.*/, "");
  assert.equal(await bodyOf(known, names, ["a", "b", "c", "d", "e@x.de"]), "a B a c d");
});

Deno.test("An empty cell is false, and campaign is given", async () => {
  assert.equal(
    await bodyOf("{% if Name %}a{% else %}b{% endif %}", ["Name", "Email"], ["", "e@x.de"]),
    "b",
  );
  assert.equal(
    await bodyOf("{{ campaign }} {{ campaign | upcase }}", ["Name", "Email"], ["", "e@x.de"]),
    "spring SPRING",
  );
  assert.equal(await bodyOf("{{ campaign }}", ["campaign", "Email"], ["mine", "e@x.de"]), "mine");
});

Deno.test("A name that the template assigns hides the column from there on", async () => {
  assert.equal(
    await bodyOf(
      "{{ Name }}{% assign Name = 'b' %}\n{{ Name }}\n{% capture Name %}c{% endcapture %}{{ Name }}",
      ["Name", "Email"],
      ["a", "e@x.de"],
    ),
    "a\r\nb\r\nc",
  );
});

Deno.test("A cell's text is never read as Liquid", async () => {
  assert.equal(
    await bodyOf("{{ Name }} {{ Name | upcase }}", ["Name", "Email"], [
      "{{ Email }}{% raw %}",
      "e@x.de",
    ]),
    "{{ Email }}{% raw %} {{ EMAIL }}{% RAW %}",
  );
});
