import assert from "node:assert/strict";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The rooms of the source, in the order of a row's journey; a value import points to the same line or one below. */
const ROOMS = [
  ["main"],
  ["cli"],
  ["campaign"],
  ["check", "preview", "sandbox", "unsubscribe", "bounces"],
  ["produce"],
  ["consume"],
  ["policy"],
  ["compose"],
  ["smtp"],
  ["record"],
  ["report"],
];

/** More than anyone reads in one go. */
const MAX_LINES = 300;

/** The process and the terminal: main.ts alone may touch them. */
const OF_THE_PROCESS =
  /\bDeno\.(?:exit|exitCode|args|env|stdin|stdout|stderr|consoleSize|addSignalListener)\b|\bconsole\s*\.|\bnode:process\b|\bprocess\.(?:exit|argv|env|std\w+)\b/g;

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");

interface Import {
  readonly specifier: string;
  /** Erased by the compiler: it brings in types only. */
  readonly typeOnly: boolean;
}

const IMPORTS = [
  // import x, { y } from "…"; export * from "…"
  /(?:^|[;}\n])\s*(?:import|export)\s+(?<clause>(?:type\s+)?[\w$*{][^"'`;=()]*?)\s*\bfrom\s*["'](?<specifier>[^"'\n]+)["']/g,
  // import "…"
  /(?:^|[;}\n])\s*import\s*["'](?<specifier>[^"'\n]+)["']/g,
  // import("…"), for its types too: `typeof import("…")`
  /(?<clause>typeof\s+)?\bimport\(\s*["'](?<specifier>[^"'\n]+)["']/g,
];

function importsOf(source: string): Import[] {
  const code = withoutComments(source);
  return IMPORTS.flatMap((pattern) =>
    [...code.matchAll(pattern)].map(({ groups }) => ({
      specifier: groups?.specifier ?? "",
      typeOnly: isTypeOnly(groups?.clause ?? ""),
    }))
  );
}

function isTypeOnly(clause: string): boolean {
  if (/^type(?:of)?\s/.test(clause)) return true;
  const names = /^\{(?<names>[^}]*)\}$/.exec(clause)?.groups?.names?.split(",") ?? [];
  const named = names.map((name) => name.trim()).filter((name) => name !== "");
  return named.length > 0 && named.every((name) => name.startsWith("type "));
}

/** Comments go, strings stay: `"https://…"` is no comment. */
function withoutComments(source: string): string {
  return source.replace(
    /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\/\*[\s\S]*?\*\/|(?<!\\)\/\/[^\n]*/g,
    (match) => match.startsWith("/") ? " " : match,
  );
}

function* typescriptFiles(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(folder)) {
    const path = join(folder, entry.name);
    if (entry.isDirectory) yield* typescriptFiles(path);
    else if (entry.name.endsWith(".ts")) yield path;
  }
}

const sources = ["src", "tests", "bench", "build"].flatMap((folder) =>
  [...typescriptFiles(join(ROOT, folder))].map((path) => ({
    path: relative(ROOT, path),
    text: Deno.readTextFileSync(path),
  }))
);
const program = sources.filter(({ path }) => path.startsWith("src/"));

/** `src/smtp/session/connect_relay.ts` -> "smtp", `src/campaign/run.ts` -> "campaign". */
function roomOf(path: string): string {
  return path.split("/")[1]?.replace(/\.ts$/, "") ?? "";
}

function lineOf(room: string): number {
  return ROOMS.findIndex((line) => line.includes(room));
}

function mayUse(user: string, used: string): boolean {
  return user === used || lineOf(used) > lineOf(user);
}

Deno.test("importsOf() tells value imports from type imports in every way of writing them", () => {
  const cases: [string, Import[]][] = [
    ['import type { A } from "./a.ts";', [{ specifier: "./a.ts", typeOnly: true }]],
    ['import { a, type B } from "./a.ts";', [{ specifier: "./a.ts", typeOnly: false }]],
    ['import {\n  type A,\n  type B,\n} from "./a.ts";', [{ specifier: "./a.ts", typeOnly: true }]],
    ['import * as a from "./a.ts";', [{ specifier: "./a.ts", typeOnly: false }]],
    ['export { a } from "./a.ts";', [{ specifier: "./a.ts", typeOnly: false }]],
    ['export type { A } from "./a.ts";', [{ specifier: "./a.ts", typeOnly: true }]],
    ['export * from "./a.ts";', [{ specifier: "./a.ts", typeOnly: false }]],
    ['import "./a.ts";', [{ specifier: "./a.ts", typeOnly: false }]],
    ['const { a } = await import("./a.ts");', [{ specifier: "./a.ts", typeOnly: false }]],
    ['let a: typeof import("./a.ts");', [{ specifier: "./a.ts", typeOnly: true }]],
    ['// import { a } from "./a.ts";\n/* import "./b.ts"; */', []],
    ['export const from = "./a.ts";', []],
  ];
  for (const [source, expected] of cases) assert.deepEqual(importsOf(source), expected, source);
});

Deno.test("Every source file stands in a room of the list", () => {
  const strays = program.map(({ path }) => path).filter((path) => lineOf(roomOf(path)) < 0);
  assert.deepEqual(strays, []);
});

Deno.test("Value imports point down the list of rooms", () => {
  const wrong = program.flatMap(({ path, text }) =>
    importsOf(text)
      .filter(({ specifier, typeOnly }) => /^\..*\.ts$/.test(specifier) && !typeOnly)
      .map(({ specifier }) => join(dirname(path), specifier))
      .filter((used) => !mayUse(roomOf(path), roomOf(used)))
      .map((used) => `${path} uses ${used}`)
  );
  assert.deepEqual(wrong, []);
});

Deno.test("Only main.ts touches the process and the terminal", () => {
  const found = program.filter(({ path }) => path !== "src/main.ts").flatMap(({ path, text }) =>
    (withoutComments(text).match(OF_THE_PROCESS) ?? []).map((use) => `${path}: ${use}`)
  );
  assert.deepEqual(found, []);
});

Deno.test("Packages come through the import map, each pinned to one version", () => {
  const direct = sources.flatMap(({ path, text }) =>
    importsOf(text)
      .filter(({ specifier }) => /^(?:jsr|https?|npm|file|data):/.test(specifier))
      .map(({ specifier }) => `${path}: ${specifier}`)
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

Deno.test(`No file has more than ${MAX_LINES} lines`, () => {
  const long = sources
    .map(({ path, text }) => ({ path, lines: text.split("\n").length - 1 }))
    .filter(({ lines }) => lines > MAX_LINES);
  assert.deepEqual(long, []);
});
