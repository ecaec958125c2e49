import assert from "node:assert/strict";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { circlesOf } from "./shape/circles.ts";
import { importsOf } from "./shape/imports.ts";
import { longFunctions } from "./shape/long_functions.ts";
import { lineOf, mayImport, roomOf } from "./shape/rooms.ts";
import { typescriptFiles } from "./shape/typescript_files.ts";

/** More than anyone reads in one go. */
const MAX_FILE_LINES = 250;
const MAX_TEST_LINES = 300;
const MAX_FUNCTION_LINES = 40;
/** More than anyone takes in at a glance. */
const MAX_ENTRIES = 14;

/** The process and the terminal: main.ts alone may touch them. */
const OF_THE_PROCESS =
  /\bDeno\.(?:exit|exitCode|args|env|stdin|stdout|stderr|consoleSize|addSignalListener)\b|\bconsole\s*\.|\bnode:process\b|\bprocess\.(?:exit|argv|env|std\w+)\b/g;

/** Time and chance: src/time alone may touch them, so that a simulation can put its own in their place. */
const OF_THE_CLOCK =
  /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b|\bset(?:Timeout|Interval)\b|\bMath\.random\b|\bAbortSignal\.timeout\b/g;

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");

/** Comments go, strings stay: `"https://…"` is no comment. */
function withoutComments(source: string): string {
  return source.replace(
    /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\/\*[\s\S]*?\*\/|(?<!\\)\/\/[^\n]*/g,
    (match) => match.startsWith("/") ? " " : match,
  );
}

const sources = ["src", "tests", "bench", "build"].flatMap((folder) =>
  [...typescriptFiles(join(ROOT, folder))].map((path) => ({
    path: relative(ROOT, path),
    text: Deno.readTextFileSync(path),
  }))
);
const program = sources.filter(({ path }) => path.startsWith("src/"));

/** The specifiers that each file imports: parsed once, as that takes time. */
const specifiers = new Map(sources.map(({ path, text }) => [path, importsOf(text)]));

/** The files of the project that each of its files imports, in any way. */
const graph = new Map([...specifiers].map(([path, found]) => [
  path,
  found
    .filter((specifier) => /^\..*\.ts$/.test(specifier))
    .map((specifier) => join(dirname(path), specifier)),
]));

Deno.test("importsOf() finds values and types in every way of writing them", () => {
  const cases: [string, string[]][] = [
    ['import type { A } from "./a.ts";', ["./a.ts"]],
    ['import { a, type B } from "./a.ts";', ["./a.ts"]],
    ['import {\n  type A,\n  type B,\n} from "./a.ts";', ["./a.ts"]],
    ['import * as a from "./a.ts";', ["./a.ts"]],
    ['import "./a.ts";', ["./a.ts"]],
    ['export { a } from "./a.ts";', ["./a.ts"]],
    ['export type { A } from "./a.ts";', ["./a.ts"]],
    ['export * from "./a.ts";', ["./a.ts"]],
    ['const { a } = await import("./a.ts");', ["./a.ts"]],
    ['let a: typeof import("./a.ts");', ["./a.ts"]],
    ['let a: import("./a.ts").A;', ["./a.ts"]],
    ['// import { a } from "./a.ts";\n/* import "./b.ts"; */', []],
    ['const from = "./a.ts";', []],
  ];
  for (const [source, expected] of cases) assert.deepEqual(importsOf(source), expected, source);
});

Deno.test("mayImport() lets a room use itself and those below it, none above and none beside", () => {
  assert.ok(mayImport("smtp", "smtp"));
  assert.ok(mayImport("pipeline", "smtp"));
  assert.ok(!mayImport("smtp", "pipeline"));
  assert.ok(!mayImport("check", "preview"));
});

Deno.test("circlesOf() finds files that reach one another, however far round, and no others", () => {
  const cases: [Record<string, string[]>, string[][]][] = [
    [{ a: ["b"], b: ["c"], c: [] }, []],
    [{ a: ["b"], b: ["a"] }, [["a", "b"]]],
    [{ a: ["b"], b: ["c"], c: ["a"], d: ["a"] }, [["a", "b", "c"]]],
    [{ a: ["a"] }, [["a"]]],
    [{ a: ["b", "c"], b: ["d"], c: ["d"], d: [] }, []],
    [{ a: ["b"], b: ["a"], c: ["d", "a"], d: ["c"] }, [["a", "b"], ["c", "d"]]],
    [{ a: ["b", "d"], b: ["c"], c: ["b"], d: ["b", "a"] }, [["a", "d"], ["b", "c"]]],
  ];
  for (const [graph, expected] of cases) {
    assert.deepEqual(circlesOf(new Map(Object.entries(graph))), expected, JSON.stringify(graph));
  }
});

Deno.test("longFunctions() counts every kind of function by all its lines", () => {
  const lines = "\n".repeat(3);
  const cases = [
    [`function long() {${lines}}`, "long"],
    [`const long = () => {${lines}};`, "anonymous function"],
    [`class A { constructor() {${lines}} }`, "constructor"],
    [`class A { #long() {${lines}} }`, "#long"],
    [`const a = { get long() {${lines}return 1; } };`, "long"],
  ] as const;
  for (const [source, name] of cases) {
    assert.deepEqual(longFunctions(source, 4), [], source);
    assert.deepEqual(longFunctions(source, 3), [`${name} (line 1): 4 lines`], source);
  }
});

Deno.test("Every source file stands in a room of the list", () => {
  const strays = program.map(({ path }) => path).filter((path) => lineOf(roomOf(path)) < 0);
  assert.deepEqual(strays, []);
});

Deno.test("Imports, of types too, point down the list of rooms", () => {
  const wrong = program.flatMap(({ path }) =>
    graph.get(path)!
      .filter((used) => used.startsWith("src/") && !mayImport(roomOf(path), roomOf(used)))
      .map((used) => `${path} imports ${used}`)
  );
  assert.deepEqual(wrong, []);
});

Deno.test("Only src/ledger knows which store is behind a ledger", () => {
  const wrong = program.filter(({ path }) => roomOf(path) !== "ledger").flatMap(({ path }) =>
    graph.get(path)!
      .filter((used) => used.startsWith("src/ledger/sqlite/"))
      .map((used) => `${path} imports ${used}`)
  );
  assert.deepEqual(wrong, []);
});

Deno.test("No files import each other in a circle", () => {
  assert.deepEqual(circlesOf(graph), []);
});

Deno.test("Only main.ts touches the process and the terminal", () => {
  const found = program.filter(({ path }) => path !== "src/main.ts").flatMap(({ path, text }) =>
    (withoutComments(text).match(OF_THE_PROCESS) ?? []).map((use) => `${path}: ${use}`)
  );
  assert.deepEqual(found, []);
});

Deno.test("Only src/time touches the clock, timers and chance", () => {
  const found = program.filter(({ path }) => roomOf(path) !== "time").flatMap(({ path, text }) =>
    (withoutComments(text).match(OF_THE_CLOCK) ?? []).map((use) => `${path}: ${use}`)
  );
  assert.deepEqual(found, []);
});

Deno.test("Packages come through the import map, each pinned to one version", () => {
  const direct = [...specifiers].flatMap(([path, found]) =>
    found
      .filter((specifier) => /^(?:jsr|https?|npm|file|data):/.test(specifier))
      .map((specifier) => `${path}: ${specifier}`)
  );
  assert.deepEqual(direct, []);
  const config: { imports: Record<string, string> } = JSON.parse(
    Deno.readTextFileSync(join(ROOT, "deno.json")),
  );
  const loose = Object.values(config.imports).filter((target) =>
    !/^npm:(?:@[\w.-]+\/)?[\w.-]+@\d+\.\d+\.\d+(?:\/[\w./-]+)?$/.test(target)
  );
  assert.deepEqual(loose, []);
});

Deno.test(`No file of the program has more than ${MAX_FILE_LINES} lines, no other more than ${MAX_TEST_LINES}`, () => {
  const long = sources
    .map(({ path, text }) => ({ path, lines: text.split("\n").length - 1 }))
    .filter(({ path, lines }) =>
      lines > (path.startsWith("src/") ? MAX_FILE_LINES : MAX_TEST_LINES)
    );
  assert.deepEqual(long, []);
});

Deno.test(`No function of the program has more than ${MAX_FUNCTION_LINES} lines`, () => {
  const long = program.flatMap(({ path, text }) =>
    longFunctions(text, MAX_FUNCTION_LINES).map((found) => `${path}: ${found}`)
  );
  assert.deepEqual(long, []);
});

Deno.test(`No folder within src has more than ${MAX_ENTRIES} entries`, () => {
  const entries = new Map<string, Set<string>>();
  for (const { path } of program) {
    const parts = path.split("/");
    for (let depth = 2; depth < parts.length; depth++) {
      const folder = parts.slice(0, depth).join("/");
      entries.set(folder, (entries.get(folder) ?? new Set()).add(parts[depth]!));
    }
  }
  const full = [...entries].filter(([, names]) => names.size > MAX_ENTRIES);
  assert.deepEqual(full.map(([folder, names]) => `${folder}: ${names.size} entries`), []);
});
