import assert from "node:assert/strict";
import { apply } from "../../../build/mutate/mutant.ts";
import { isRunnable, mutantsOf } from "../../../build/mutate/mutate_source.ts";

/** What a source becomes, in any order. */
function mutated(source: string): string[] {
  return mutantsOf("a.ts", source).map((mutant) => apply(source, mutant)).sort();
}

/** A source, and every text that differs from it by one small fault. */
const CASES: readonly (readonly [source: string, ...mutants: string[]])[] = [
  ["if (a) b;", "if (!(a)) b;", "if (true) b;", "if (false) b;", "if (a) ;"],
  ["x = a ? b : c", "x = !(a) ? b : c", "x = true ? b : c", "x = false ? b : c", ";"],
  ["while (a) {}", "while (!(a)) {}"],
  ["do {} while (a);", "do {} while (!(a));"],
  ["for (; a;) {}", "for (; !(a);) {}"],
  ["let x = a < b", "let x = a <= b"],
  ["let x = a <= b", "let x = a < b"],
  ["let x = a > b", "let x = a >= b"],
  ["let x = a >= b", "let x = a > b"],
  ["let x = a === b", "let x = a !== b"],
  ["let x = a !== b", "let x = a === b"],
  ["let x = a && b", "let x = a || b"],
  ["let x = a || b", "let x = a && b"],
  ["let x = a ?? b", "let x = (a)", "let x = (b)"],
  ["let x = a + b", "let x = a - b"],
  ["let x = a - b", "let x = a + b"],
  ["let x = a * b", "let x = a / b"],
  ["let x = a / b", "let x = a * b"],
  ["let x = a % b", "let x = a * b"],
  ["x += a", "x -= a", ";"],
  ["x -= a", "x += a", ";"],
  ["let x = a++", "let x = a--"],
  ["let x = --a", "let x = ++a"],
  ["let x = 0", "let x = 1"],
  ["let x = 5_000", "let x = 5001", "let x = 0"],
  ["let x = 0.25", "let x = 0.5", "let x = 0"],
  ["let x = 7n", "let x = 8n", "let x = 0n"],
  ["let x = true", "let x = false"],
  ["let x = false", "let x = true"],
  ['let x = "a"', 'let x = ""'],
  ["let x = `a${b}`", 'let x = ""'],
  ['let x = a + "b"', 'let x = a + ""'],
  ["a();", ";"],
  ["a = b;", ";"],
  ["let x = await a", "let x = a"],
  ["await a();", "a();", ";"],
  [
    "let x = f({ a, b: c, ...d });",
    "let x = f({ b: c, ...d });",
    "let x = f({ a, ...d });",
    "let x = f({ a, b: c,  });",
  ],
  ["{ using x = a; }", "{ const x = a; }"],
  ["{ await using x = a; }", "{ const x = a; }"],
  ["let x = [a, 1n]", "let x = [a, 2n]", "let x = [a, 0n]"],
  [
    "let x = [true, -0]",
    "let x = [-0]",
    "let x = [true, ]",
    "let x = [false, -0]",
    "let x = [true, -1]",
  ],
  ["function f(): T | undefined { return a; }", "function f(): T | undefined { return; }"],
  ["function f(): T { return a; }"],
  ["function f(): T | undefined { return undefined; }"],
];

Deno.test("mutantsOf() makes the small faults of each kind, and no others", () => {
  for (const [source, ...expected] of CASES) {
    assert.deepEqual(mutated(source), [...expected].sort(), source);
  }
});

Deno.test("mutantsOf() does not change code that never runs, or text that only describes an error", () => {
  const sources = [
    'import { a } from "./a.ts";',
    'export { a } from "./a.ts";',
    'type A = "a" | 1 | true;',
    'interface A { a: "b" }',
    "// if (a < 1) b();",
    "let x: Record<string, 5>;",
    'throw new RangeError("Too long");',
    "throw new RangeError(`Too long: ${a}`);",
    'let x = new Deno.errors.NotFound("none");',
    'let x = import("./a.ts");',
    'let x = ""',
    '"use strict";',
    "class A extends B { constructor() { super(); } }",
  ];
  for (const source of sources) assert.deepEqual(mutated(source), [], source);
});

Deno.test("mutantsOf() says where a fault is, and how its line reads before and after", () => {
  const [mutant] = mutantsOf("src/a.ts", "const a = 1n;\nreturn  b(\n  c) < d;\n").slice(-1);
  assert.deepEqual(mutant && { ...mutant, start: 0, end: 0 }, {
    operator: "boundary",
    path: "src/a.ts",
    line: 3,
    column: 6,
    before: "c) < d;",
    after: "c) <= d;",
    start: 0,
    end: 0,
    replacement: "<=",
  });
});

Deno.test("isRunnable() rejects code that cannot be parsed and changes that affect only types or comments", () => {
  const cases: [string, string, string, boolean][] = [
    ["let x = a ?? b;", "??", "||", true],
    ["let x = a ?? b;", "b", "b c", false],
    ['let x: "a" = b;', '"a"', '""', false],
    ["let x = 1; // one", "one", "two", false],
  ];
  for (const [source, from, replacement, expected] of cases) {
    const start = source.indexOf(from);
    const edit = { operator: "", start, end: start + from.length, replacement };
    assert.equal(isRunnable(source, edit), expected, apply(source, edit));
  }
});
