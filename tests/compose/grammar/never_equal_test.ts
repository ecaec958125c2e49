import assert from "node:assert/strict";
import fc from "fast-check";
import { Liquid } from "liquidjs";
import { composerOf, FROM, inputErrorOf, mailOf, textOf } from "../support.ts";
import { NAMES, type Row, saidOf } from "./refused.ts";

const REFUSED: readonly Row[] = [
  [
    "a\n{% if Points == 150 %}a{% endif %}",
    "2:7: 'Points == 150' is never true: 'Points' is the text of a cell, and 150 is a number",
    'Write Points == "150" for that very text, or for numbers such as 150.00: {% assign number = Points | plus: 0 %}, then number == 150.',
  ],
  [
    "{% unless 150 != Points %}a{% endunless %}",
    "1:11: '150 != Points' is always true: 'Points' is the text of a cell, and 150 is a number",
    'Write Points != "150" for that very text, or for numbers such as 150.00: {% assign number = Points | plus: 0 %}, then number != 150.',
  ],
  [
    "{% if City == true %}a{% endif %}",
    "1:7: 'City == true' is never true: 'City' is the text of a cell, and never true",
    'Write City == "true", with the word as it is in the list.',
  ],
  [
    "{% if City == nil %}a{% endif %}",
    "1:7: 'City == nil' is never true: 'City' is the text of a cell, and never nil",
    "Write City == blank.",
  ],
  [
    "{% case Points %}{% when 1, '2' %}a{% endcase %}",
    "1:26: '{% case Points %}{% when 1 %}' is never true: 'Points' is the text of a cell, and 1 is a number",
    `Write {% case Points %}{% when "1" %} for that very text, or for numbers such as 1.00: {% assign number = Points | plus: 0 %}, then {% case number %}{% when 1 %}.`,
  ],
  [
    "{% assign n = Points | plus: 0 %}{% if n == '007' %}a{% endif %}",
    `1:40: 'n == '007'' is never true: '007' is text, and 'n' is a number`,
    "Write n == 7.",
  ],
  [
    "{% assign n = Points | strip %}{% assign m = City | size %}{% if n == m %}a{% endif %}",
    "1:66: 'n == m' is never true: 'n' is the text of a cell, and 'm' is a number",
    "Write {% assign number = n | plus: 0 %}, then number == m.",
  ],
  [
    "{% for i in (1..2) %}{% if City == 'a' and row['Points'] == 1 %}b{% endif %}{% endfor %}",
    "1:44: 'row['Points'] == 1' is never true: 'row['Points']' is the text of a cell, and 1 is a number",
    `Write row['Points'] == "1" for that very text, or for numbers such as 1.00: {% assign number = row['Points'] | plus: 0 %}, then number == 1.`,
  ],
  [
    "{% assign vip = Points == 1 %}{% if vip %}a{% endif %}",
    "1:17: 'Points == 1' is never true: 'Points' is the text of a cell, and 1 is a number",
    'Write Points == "1" for that very text, or for numbers such as 1.00: {% assign number = Points | plus: 0 %}, then number == 1.',
  ],
];

for (const [body, message, hint] of REFUSED) {
  Deno.test(`A comparison that is the same for every row is refused: ${JSON.stringify(body)}`, async () => {
    assert.equal(await saidOf(body), `${message}\n  ${hint}`);
  });
}

const RIGHT: readonly string[] = [
  "{% if Points == '150' %}a{% endif %}",
  "{% if Points == blank or Points == empty or Points == '' %}a{% endif %}",
  "{% assign n = Points | plus: 0 %}{% if n == 150 or n > 3 %}a{% endif %}",
  "{% if Points > 100 and Points.size == 5 %}a{% endif %}",
  "{% if Points == 150 or Points == '150' %}a{% endif %}",
  "{% if City == true or City == 'TRUE' %}a{% endif %}",
  "{% if Name != nil and Name != '' %}a{% endif %}{% if Name and Name != nil %}a{% endif %}",
  "{% case Points %}{% when 1, '1' %}a{% when nil, '' %}b{% endcase %}",
  "{% assign tags = Tags | split: ',' %}{% for t in tags %}{% if t == 1 %}a{% endif %}{% endfor %}",
  "{% assign n = 1 %}{% if City == 'x' %}{% assign n = Points %}{% endif %}{% if n == 1 %}a{% endif %}",
  "{% for Points in (1..3) %}{% if Points == 2 %}a{% endif %}{% endfor %}",
  "{% assign n = 0 %}{% for i in (1..2) %}{% if n == '1' %}a{% endif %}{% assign n = Points %}{% endfor %}",
  "{% for i in (1..2) %}{% if Points == 5 %}a{% endif %}{% capture x %}{% assign Points = i %}{% endcapture %}{% endfor %}",
  "{% increment Points %}{% if Points == 1 %}a{% endif %}{% if Name contains 1 %}a{% endif %}",
  "{% if 1 == 1 %}a{% endif %}{% if 'a' == 1 %}a{% endif %}",
  "{% assign a = Tags | json_parse %}{% if a.orders == 3 and a.city == nil and a == true %}b{% endif %}",
  "{% assign a = Tags | json_parse %}{{ a.city }}{% for t in a.tags %}{% if t == 1 %}b{% endif %}{% endfor %}",
];

for (const body of RIGHT) {
  Deno.test(`A comparison that depends on the row is not refused: ${JSON.stringify(body)}`, async () => {
    await composerOf(`${FROM}Subject: x\n\n${body}\n`, NAMES);
  });
}

/** What a condition shows for each value of Points. */
async function shownOf(
  before: string,
  condition: string,
  cells: readonly string[],
): Promise<string[]> {
  const composer = await composerOf(
    `${FROM}Subject: x\n\n${before}{% if ${condition} %}yes{% else %}no{% endif %}\n`,
    NAMES,
  );
  return cells.map((cell) => {
    const mail = mailOf(composer, ["Ann", "Ann", "Graz", cell, "a", "ann@example.com"]);
    return textOf(mail).split("\r\n\r\n")[1]!.trim();
  });
}

Deno.test("The advice about a comparison that is the same for every row has the intended effect", async () => {
  const cells = ["150", "150.00", "15", "true", ""];
  const table: readonly (readonly [string, readonly (readonly string[])[]])[] = [
    ["Points == 150", [["yes", "no", "no", "no", "no"], ["yes", "yes", "no", "no", "no"]]],
    ["150 != Points", [["no", "yes", "yes", "yes", "yes"], ["no", "no", "yes", "yes", "yes"]]],
    ["Points == true", [["no", "no", "no", "yes", "no"]]],
    ["Points == nil", [["no", "no", "no", "no", "yes"]]],
    ["Points != nil", [["yes", "yes", "yes", "yes", "no"]]],
  ];
  for (const [condition, expected] of table) {
    const said = await inputErrorOf(() => shownOf("", condition, cells));
    const [first, ...more] = said.matchAll(
      /(\{% assign .*?%\}), then ([^.,]*)\.|Write ([^,]*?)(?: for that|,|\.$)/g,
    );
    const forms = [first!, ...more].map(([, before = "", then, plain]) =>
      [before, then ?? plain!] as const
    );
    assert.equal(forms.length, expected.length, said);
    for (const [index, [before, form]] of forms.entries()) {
      assert.deepEqual(await shownOf(before, form, cells), expected[index], said);
    }
  }
});

Deno.test("What is refused as the same for every row is that to liquidjs, whatever the cells", async () => {
  const side = fc.constantFrom(
    "1",
    "-2",
    "1.5",
    "true",
    "false",
    "nil",
    "Points",
    "City",
    "'1'",
    "blank",
  );
  const operator = fc.constantFrom("==", "!=");
  const cell = fc.oneof(fc.constantFrom("1", "1.5", "true", "nil", "", "-2"), fc.string());
  const liquid = new Liquid();
  await fc.assert(
    fc.asyncProperty(side, operator, side, cell, cell, async (a, op, b, Points, City) => {
      const body = `{% if ${a} ${op} ${b} %}yes{% else %}no{% endif %}`;
      let said: string;
      try {
        said = await saidOf(body);
      } catch {
        return;
      }
      const [, always] = /is (never|always) true/.exec(said)!;
      const shown = await liquid.parseAndRender(body, { Points, City });
      assert.equal(shown, always === "always" ? "yes" : "no", body);
    }),
  );
});
