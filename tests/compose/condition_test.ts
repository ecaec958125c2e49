import assert from "node:assert/strict";
import fc from "fast-check";
import { compileCondition } from "../../src/compose/template/syntax/condition.ts";
import { identityOf } from "../../src/compose/template/syntax/where.ts";
import { InputError } from "../../src/model/input_error.ts";

const columns = {
  names: ["email", "country", "plan", "age", "First Name", "attributes", "__proto__", "joined"],
  email: 0,
};
const attributes =
  '{"city":"Graz","orders":3,"tags":["vip"],"empty":null,"__proto__":{"x":1},"equals":"e"}';
const row = ["ann@example.com", "AT", " ", "9", "Ann", attributes, "P", "2026-01-15"];

/** What a condition says of a row, or why it is refused: place, message and hint. */
function judged(expression: string, cells: readonly string[] = row): unknown {
  try {
    const judgement = compileCondition({ expression }, columns).judge(cells);
    return typeof judgement === "boolean" ? judgement : judgement.reason;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return error.describe();
  }
}

const CHOICES: readonly (readonly [string, boolean])[] = [
  [`country == "AT"`, true],
  [`country != "AT"`, false],
  [`country == "AT" and plan != blank`, false],
  [`country == "AT" and plan == blank`, true],
  [`plan`, false],
  [`not plan`, true],
  [`not country == "AT"`, false],
  [`not (country == "DE")`, true],
  [`country == "DE" or country == "AT"`, true],
  [`country == "AT" and (plan == "pro" or age == "9")`, true],
  [`(country == "DE" and plan == "pro") or age == "9"`, true],
  [`country == "DE" and (plan == "pro" or age == "9")`, false],
  [`first_name == "Ann"`, true],
  [`row["First Name"] == 'Ann'`, true],
  [`row.5 == "Ann"`, true],
  [`row["__proto__"] == "P"`, true],
  [`(country | downcase) == "at"`, true],
  [`email contains "@example.com"`, true],
  [`email contains "@example.org"`, false],
  [`(age | plus: 0) > 10`, false],
  [`(age | plus: 0) < 10`, true],
  [`country.size == 2`, true],
  [`joined < "2026-02-01"`, true],
  [`joined < "2026-01-15"`, false],
  [`(joined | date: "%m") == "01"`, true],
  [`(attributes | json_parse).city == "Graz"`, true],
  [`(attributes | json_parse).orders > 2`, true],
  [`(attributes | json_parse).tags contains "vip"`, true],
  [`(attributes | json_parse).tags contains "new"`, false],
  // What is not there is above and below nothing.
  [`(attributes | json_parse).missing < 1`, false],
  [`(attributes | json_parse).empty < 1`, false],
  [`(attributes | json_parse).missing == blank`, true],
  [`(attributes | json_parse).constructor`, false],
  [`(plan | json_parse).city == "Graz"`, false],
];

for (const [expression, expected] of CHOICES) {
  Deno.test(`compileCondition() ${expected ? "chooses" : "leaves out"} by ${expression}`, () => {
    assert.equal(judged(expression), expected);
  });
}

Deno.test("A row of which the condition cannot be judged is neither chosen nor left out", () => {
  for (
    const [expression, cell, reason] of [
      [`(country | json_parse).x == "1"`, "{x}", "'json_parse' needs JSON: found '{x}'"],
      [`(country | plus: 0) < 18`, "12,50", "'plus' needs a number: found '12,50'"],
      [`(attributes | json_parse).city > 1`, "AT", "A comparison needs a number: found 'Graz'"],
    ] as const
  ) {
    const cells = row.with(1, cell);
    assert.equal(judged(expression, cells), `--where cannot judge the row: ${reason}`);
  }
});

const REFUSED: readonly (readonly [string, RegExp])[] = [
  [`contry == "AT"`, /^--where:1:1: Unknown variable 'contry'\n {2}Did you mean 'country'\?/],
  [`country == AT`, /^--where:1:12: Unknown variable 'AT'\n.*A text needs quotes: "AT"\.$/],
  [`plan and\n row["Country"]`, /^--where:2:2: Unknown .*\n {2}Did you mean 'row\["country"\]'/],
  [
    `First Name == "Ann"`,
    /^--where:1:7: An operator is .*\n {2}Write first_name or row\["First Name"\]/,
  ],
  [`country = "AT"`, /^--where:1:9: .*'='\n {2}Write == to compare\.$/],
  [`country === "AT"`, /^--where:1:9: .*'==='\n/],
  [`plan && country`, /^--where:1:6: .*\n {2}Write 'and'\.$/],
  [`plan || country`, /^--where:1:6: .*\n {2}Write 'or'\.$/],
  [`!plan`, /^--where:1:1: .*\n {2}Write 'not'/],
  [`country <> "AT"`, /^--where:1:9: .*\n {2}Write !=\.$/],
  [`plan AND country`, /^--where:1:6: .*\n {2}Write 'and' in lower case\.$/],
  [`country == “AT”`, /^--where:1:12: .*\n {2}Write texts in straight quotes/],
  [`{{ country == "AT" }}`, /^--where:1:1: .*\n {2}Write the expression alone/],
  [`country == "AT`, /^--where:1:12: .*\n {2}The quote is not closed\.$/],
  [`country == "AT" plan`, /^--where:1:17: An operator is missing between "AT" and plan/],
  [`country ==`, /^--where:1:9: A value is missing beside '=='$/],
  [`== country`, /^--where:1:1: A value is missing beside '=='$/],
  [`(country == "AT"`, /^--where:1:18: Cannot read the expression: unbalanced parentheses$/],
  [`country == "AT")`, /^--where:1:16: Cannot read the expression: unexpected character/],
  [`(not plan)`, /^--where:1:6: .*\n {2}Write not \(…\) instead/],
  [`plan and country or age`, /^--where:1:18: 'and' and 'or' need parentheses/],
  [`plan or country and age`, /^--where:1:17: 'and' and 'or' need parentheses/],
  [`country | upcase == "AT"`, /^--where:1:18: .*\n {2}A filter for one side needs parentheses/],
  [`country == "AT" | upcase`, /^--where:1:1: The filter 'upcase' applies to the whole/],
  [`(country | shout) == "AT"`, /^--where:1:2: Unknown filter 'shout'$/],
  [`(country | constructor) == "AT"`, /^--where:1:2: Unknown filter 'constructor'$/],
  [`country | shout`, /undefined filter: shout/],
  [`"AT" == "AT"`, /^--where:1:1: The condition names no column/],
  [`country == "AT" == true`, /^--where:1:9: '==' compares the result of another comparison/],
  [` `, /^--where must be an expression: found ''$/],
  // Comparisons that would choose everybody, nobody, or by the order of letters.
  [`age == 9`, /^--where:1:1: .*never true.*\n {2}Write age == "9" or \(age \| plus: 0\) == 9\.$/],
  [`age != 9`, /^--where:1:1: 'age != 9' is always true/],
  [`age > 18`, /^--where:1:1: .*\n {2}Write \(age \| plus: 0\) > 18\.$/],
  [`18 < age`, /^--where:1:1: .*\n {2}Write 18 < \(age \| plus: 0\)\.$/],
  [`age > "18"`, /^--where:1:1: .*for which 9 is more than 10\n {2}Write \(age \| plus: 0\) > 18/],
  [`age < plan`, /^--where:1:1: .*\n {2}Write \(age \| plus: 0\) < \(plan \| plus: 0\) or \(age/],
  [`plan == true`, /^--where:1:1: .*\n {2}Write plan == "true"\.$/],
  [`plan == nil`, /^--where:1:1: .*\n {2}Write plan == blank\.$/],
  [`country == "AT" and (plan == 1)`, /^--where:1:22: 'plan == 1' is never true/],
];

for (const [expression, expected] of REFUSED) {
  Deno.test(`compileCondition() refuses ${JSON.stringify(expression)} with its place`, () => {
    assert.match(String(judged(expression)), expected);
  });
}

Deno.test("An error in a condition from the campaign file has its line there", () => {
  const place = { file: "campaign.toml", line: 7 };
  assert.throws(
    () => compileCondition({ expression: `contry == "AT"`, place }, columns),
    (error: unknown) => error instanceof InputError && error.place === place,
  );
});

Deno.test("A condition is either true or false for cells of any text", () => {
  const { judge } = compileCondition(
    { expression: `country == "AT" or (plan contains "x" and age != blank)` },
    columns,
  );
  fc.assert(fc.property(
    fc.array(fc.string({ unit: "binary" }), { minLength: 8, maxLength: 8 }),
    (cells) => {
      const [, country, plan, age] = cells;
      const isSeen = /[^\s\p{Cc}\p{Cf}]/u.test(age!);
      if (isSeen !== (age!.trim() !== "")) return; // invisible characters are not the subject
      const expected = country === "AT" || (plan!.includes("x") && isSeen);
      assert.equal(judge(cells), expected);
    },
  ));
});

Deno.test("The identity of a condition is that of its rows, and a time has none", () => {
  const identity = identityOf({ expression: `plan == "x"` });
  assert.equal(identityOf({ expression: `plan == "x"`, timezone: "UTC" }), identity);
  assert.notEqual(identityOf({ expression: `plan == "y"` }), identity);
  assert.notEqual(identityOf({ expression: `plan == "x"`, dateFormat: "%d/%m/%Y" }), identity);
  assert.equal(identityOf({ expression: `("now" | date: "%Y") == plan` }), undefined);
});
