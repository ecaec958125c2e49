import assert from "node:assert/strict";
import fc from "fast-check";
import { Liquid } from "liquidjs";
import { Folder } from "../../../src/compose/files/folder.ts";
import { InputError } from "../../../src/model/input_error.ts";
import { textDialectOf } from "../../../src/compose/template/plain.ts";
import { compile, fill } from "../../../src/compose/template/slots.ts";
import { sourceOf } from "../../../src/compose/template/template.ts";
import { TemplateVariables } from "../../../src/compose/template/template_variables.ts";

const NAMES = ["Name", "First Name", "Tags", "Balance", "Paid", "Which", "Email"];

/** Renders a template for a row with our Liquid. */
function ours(template: string, fields: readonly string[]): string {
  const variables = new TemplateVariables({ names: NAMES, email: 6 }, { campaign: "spring" });
  const source = sourceOf({ file: "mail.txt", text: template });
  return fill(compile(source, textDialectOf(Folder.of("mail.txt"), variables)), {
    fields,
    key: "",
  });
}

const plain = new Liquid({ strictFilters: true, locale: "en-US" });

/** Renders it with liquidjs, without any of our settings. */
function liquidjs(template: string, fields: readonly string[]): string {
  const row = Object.fromEntries(NAMES.map((name, index) => [name, fields[index]!]));
  const snake = Object.fromEntries(
    NAMES.map((name, index) => [name.toLowerCase().replaceAll(" ", "_"), fields[index]!]),
  );
  const numbers = Object.fromEntries(fields.map((field, index) => [index + 1, field]));
  const scope = { ...snake, ...row, row: { ...numbers, ...row }, campaign: "spring" };
  return plain.parseAndRenderSync(template, scope);
}

/** The outcome of a template that is refused for a comparison of a cell with what no text equals. */
const ALWAYS_ALIKE = "(never equal)";

function outcomeOf(render: () => string): string {
  try {
    return render();
  } catch (error) {
    const isRefused = error instanceof InputError &&
      / is (?:never|always) true: /.test(error.message);
    return isRefused ? ALWAYS_ALIKE : "(an error)";
  }
}

/** Kinds of templates in which our settings once made a difference, with the expected result. */
const KINDS: readonly (readonly [template: string, shown: string])[] = [
  ['{{ Balance | minus: Paid | default: "unknown" }}', "0"],
  ["{% if 0 %}yes{% else %}no{% endif %}", "yes"],
  ["{% assign left = Balance | minus: Paid %}{% if left %}{{ left }}{% endif %}", "0"],
  ["{% unless 0 %}yes{% else %}no{% endunless %}", "no"],
  ["{% if 0 and true %}yes{% endif %}", "yes"],
  ["{% if not 0 %}yes{% else %}no{% endif %}", "no"],
  ["{% if '' %}yes{% endif %}", "yes"],
  [
    "{% assign all = Tags | split: ',' %}{% for t in all limit: 2 %}{{ t }}{% endfor %}-{% for t in all limit: 2 offset: continue %}{{ t }}{% endfor %}",
    "ab-cd",
  ],
  ["{{ [Which] }}", "Ann"],
  ["{% assign which = 'Balance' %}{{ [which] }} {{ [which] | plus: 1 }}", "5 6"],
  ["{{ 'abc'.size }} {{ (2..4).last }}", "3 4"],
  ["{{ ['Name'] }} {{ ['First Name'].size }}", "Ann 5"],
  [
    "{{ [Which].size }} {{ [row['Which']] }} {% for x in [Which] %}{{ x }}{% endfor %}",
    "3 Ann Ann",
  ],
  ["{% assign w = 'First Name' %}{{ row[w] }}", "Annie"],
  ["{% cycle a: 1, 2 %}{% cycle b: 1, 2 %}{% cycle Name: 1, 2 %}", "121"],
  ["{% for i in (1..3) %}{% cycle 'x': 'a', 'b' %}{% endfor %}", "aba"],
  ["{{ '1\r\n2' | size }} {{ '1\r\n2' | split: '\r\n' | join: '+' }}", "4 1+2"],
  ["{% raw %}{{.Name}} {{ .Name }}{% endraw %}", "{{.Name}} {{ .Name }}"],
  [
    "{% comment %}{{.Name}}{% endcomment %}{% increment n %}{% increment n %}{% decrement n %}",
    "011",
  ],
];

const FIELDS = ["Ann", "Annie", "a,b,c,d", "5", "5", "Name", "ann@example.com"];

for (const [template, shown] of KINDS) {
  Deno.test(`Liquid means what liquidjs means: ${JSON.stringify(template)}`, () => {
    assert.equal(liquidjs(template, FIELDS), shown);
    assert.equal(ours(template, FIELDS), shown);
  });
}

// Blank values are tested in emptiness_test.ts; no value here is blank where its truth is tested.
const { node } = fc.letrec<{ node: string; nodes: string }>((tie) => {
  const either = fc.constantFrom;
  const literal = either("0", "1", "3", "-2", "1.5", "true", "false", "nil", "'x'", "'a,b'");
  const column = either(
    "Name",
    "first_name",
    "Tags",
    "Paid",
    "row['First Name']",
    "row.4",
    "campaign",
    "[Which]",
    "Name.size",
    "'abc'.size",
  );
  const local = either("x", "y", "t");
  const operand = fc.oneof(literal, column, local, either("''", "empty", "blank"));
  const filter = fc.oneof(
    either(
      "upcase",
      "size",
      "strip",
      "first",
      "last",
      "reverse",
      "abs",
      "ceil",
      "capitalize",
      "escape",
      "compact",
      "sort",
      "uniq",
      "join: '+'",
      "split: ','",
      "truncate: 3",
      "slice: 1",
      "newline_to_br",
      "strip_newlines",
      "url_encode",
    ),
    fc.tuple(
      either(
        "plus",
        "minus",
        "times",
        "append",
        "prepend",
        "at_least",
        "divided_by",
        "remove",
        "concat",
      ),
      operand,
    ).map((parts) => parts.join(": ")),
  );
  const filtered = fc.tuple(operand, fc.array(filter, { maxLength: 2 })).map(([first, filters]) =>
    [first, ...filters].join(" | ")
  );
  const orElse = fc.tuple(
    fc.oneof(literal, column),
    either("plus", "minus", "times"),
    operand,
    operand,
  ).map(([first, how, by, other]) => `${first} | ${how}: ${by} | default: ${other}`);
  const value = fc.oneof(filtered, filtered, orElse);
  const truth = fc.oneof(literal, column);
  // A text beside `and` or `or` decides nothing, and is refused.
  const joined = truth.filter((one) => !one.startsWith("'") || one.includes("."));
  const comparison = fc.tuple(operand, either("==", "!=", "<", ">=", "contains"), operand).map((
    parts,
  ) => parts.join(" "));
  const condition = fc.oneof(
    truth,
    comparison,
    fc.tuple(comparison, either("and", "or"), joined).map((parts) => parts.join(" ")),
    truth.map((one) => `not ${one}`),
  );
  const nodes = tie("nodes");
  const trim = either("", "", "", "-");
  const collection = either("x", "y", "(1..3)", "Tags", "(1..Balance)");
  const modifier = fc.constantFrom(
    "",
    " limit: 2",
    " offset: 1",
    " reversed",
    " limit: 1 offset: continue",
  );
  return {
    nodes: fc.array(tie("node"), { maxLength: 4 }).map((all) => all.join("")),
    node: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constantFrom(
        "a",
        " ",
        "\n",
        " b\n",
        "{% increment n %}",
        "{% raw %}{{ x }}{% endraw %}",
        "{% cycle g: 1, 'b', Name %}",
        "{% comment %}{{ x }}{% endcomment %}",
      ),
      fc.tuple(trim, value, trim).map(([left, it, right]) => `{{${left} ${it} ${right}}}`),
      fc.tuple(local, value).map(([name, it]) => `{% assign ${name} = ${it} %}`),
      fc.tuple(local, nodes).map(([name, all]) => `{% capture ${name} %}c${all}{% endcapture %}`),
      fc.tuple(condition, nodes, condition, nodes, nodes, trim).map(([a, b, c, d, e, t]) =>
        `{% if ${a} ${t}%}${b}{% elsif ${c} %}${d}{%${t} else %}${e}{% endif %}`
      ),
      fc.tuple(condition, nodes, nodes).map(([a, b, c]) =>
        `{% unless ${a} %}${b}{% else %}${c}{% endunless %}`
      ),
      fc.tuple(operand, operand, nodes, nodes).map(([a, b, c, d]) =>
        `{% case ${a} %}{% when ${b}, 'Ann' %}${c}{% else %}${d}{% endcase %}`
      ),
      fc.tuple(
        local,
        collection,
        modifier,
        nodes,
        fc.constantFrom("", "{% break %}", "{% continue %}"),
      ).map(([name, of, how, all, end]) =>
        `{% for ${name} in ${of}${how} %}${all}{{ forloop.index }}${end}{% endfor %}`
      ),
      fc.tuple(value).map(([it]) => `{% liquid\n assign z = ${it}\n echo z\n%}`),
    ),
  };
});

Deno.test("Our Liquid gives the same result as liquidjs, for random templates and a row without blank cells", () => {
  fc.assert(
    fc.property(fc.array(node, { minLength: 1, maxLength: 6 }), (nodes) => {
      const template =
        `{% assign x = Tags | split: ',' %}{% assign y = Name %}{% assign t = 'a' %}${
          nodes.join("")
        }`;
      const shown = outcomeOf(() => ours(template, FIELDS));
      fc.pre(shown !== ALWAYS_ALIKE);
      assert.equal(shown, outcomeOf(() => liquidjs(template, FIELDS)));
    }),
    { numRuns: 3_000 },
  );
});
