import assert from "node:assert/strict";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { typescriptFiles } from "./shape/typescript_files.ts";

// A promise that is returned without `await` out of a scope that closes something settles after the close: what it stands for
// then works on closed handles. The type tells a promise from a value, so this asks the TypeScript compiler.

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
  lib: ["lib.esnext.d.ts", "lib.dom.d.ts", "lib.dom.asynciterable.d.ts"],
  types: [],
  strict: true,
  noEmit: true,
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
};

/** "src/x.ts:12" for every return of a promise that outlives what its scope closes. */
function faultsOf(program: ts.Program, paths: readonly string[]): string[] {
  const checker = program.getTypeChecker();
  return paths.flatMap((path) => {
    const file = program.getSourceFile(path);
    assert(file !== undefined, `${path} is not in the program`);
    return returnsIn(file).filter((node) => isFaulty(node, checker)).map((node) => {
      const { line } = file.getLineAndCharacterOfPosition(node.getStart());
      return `${relative(ROOT, path)}:${line + 1}`;
    });
  });
}

function isFaulty(node: ts.ReturnStatement, checker: ts.TypeChecker): boolean {
  if (node.expression === undefined) return false;
  const behind = closesBehind(node);
  if (behind === undefined) return false;
  const promise = promiseIn(node.expression, checker);
  // What a package returns has no type here: a call of one counts where something is closed, which is rare.
  return promise === "yes" || (promise === "maybe" && behind === "close");
}

function returnsIn(file: ts.SourceFile): ts.ReturnStatement[] {
  const found: ts.ReturnStatement[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isReturnStatement(node)) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function promiseIn(expression: ts.Expression, checker: ts.TypeChecker): "yes" | "maybe" | "no" {
  if (ts.isParenthesizedExpression(expression)) return promiseIn(expression.expression, checker);
  if (ts.isAwaitExpression(expression)) return "no";
  if (ts.isConditionalExpression(expression)) {
    const arms = [expression.whenTrue, expression.whenFalse].map((arm) => promiseIn(arm, checker));
    return arms.find((arm) => arm === "yes") ?? arms.find((arm) => arm === "maybe") ?? "no";
  }
  const type = checker.getTypeAtLocation(expression);
  if (type.flags & ts.TypeFlags.Any) return ts.isCallExpression(expression) ? "maybe" : "no";
  const types = type.isUnion() ? type.types : [type];
  return types.some((one) => one.getProperty("then") !== undefined) ? "yes" : "no";
}

/**
 * What stands between this return and the end of its function: something that closes (`using`, `finally`), or a `catch`, which
 * does not see the rejection of a promise that is returned as it is.
 */
function closesBehind(node: ts.ReturnStatement): "close" | "catch" | undefined {
  let found: "catch" | undefined;
  let inner: ts.Node = node;
  for (let outer = node.parent; !ts.isFunctionLike(outer) && !ts.isSourceFile(outer);) {
    if (ts.isBlock(outer) && usesBefore(outer, inner)) return "close";
    if (ts.isTryStatement(outer) && inner !== outer.finallyBlock) {
      if (outer.finallyBlock) return "close";
      if (inner === outer.tryBlock) found = "catch";
    }
    [inner, outer] = [outer, outer.parent];
  }
  return found;
}

function usesBefore(block: ts.Block, inner: ts.Node): boolean {
  const before = block.statements.slice(0, block.statements.findIndex((one) => one === inner));
  return before.some((statement) =>
    ts.isVariableStatement(statement) &&
    (statement.declarationList.flags & ts.NodeFlags.Using) !== 0
  );
}

/** Bodies of an async function, and whether something is wrong with their one return. */
const CASES = [
  ["under using", "using _a = handle; return later();", true],
  ["under await using", "await using _a = handle; return later();", true],
  ["in a block below", "using _a = handle; if (now() > 1) { return later(); } return 1;", true],
  ["in one arm of a conditional", "using _a = handle; return now() > 1 ? later() : 2;", true],
  ["before a finally", "try { return later(); } finally { now(); }", true],
  ["before a catch", "try { return later(); } catch { return 1; }", true],
  ["that has a name", "using _a = handle; const p = later(); return p;", true],
  ["of unknown type under using", "using _a = handle; return unknown();", true],
  ["of unknown type before a catch", "try { return unknown(); } catch { return 1; }", false],
  ["that is awaited", "await using _a = handle; return await later();", false],
  ["that is a value", "using _a = handle; return now();", false],
  ["out of the scope of using", "{ using _a = handle; } return later();", false],
  ["before the using", "if (now() > 1) return later(); using _a = handle; return 1;", false],
  ["of a function within", "using _a = handle; const f = () => { return later(); }; f;", false],
  ["in a catch", "try { now(); } catch { return later(); } return 1;", false],
  ["beside a const", "const a = now(); a; return later();", false],
] as const;

const caseFile = (number: number): string => join(ROOT, `case${number}.ts`);

/** The cases as files that only the compiler sees. */
function casesProgram(): ts.Program {
  const files = new Map(CASES.map(([, body], number) => [
    caseFile(number),
    `declare const handle: Disposable & AsyncDisposable;
     declare function later(): Promise<number>;
     declare function now(): number;
     declare const unknown: any;
     export async function run() { ${body} }`,
  ]));
  const host = ts.createCompilerHost(OPTIONS);
  const { getSourceFile, fileExists } = host;
  host.getSourceFile = (name, options) => {
    const text = files.get(name);
    return text === undefined
      ? getSourceFile.call(host, name, options)
      : ts.createSourceFile(name, text, options);
  };
  host.fileExists = (name) => files.has(name) || fileExists.call(host, name);
  return ts.createProgram([...files.keys()], OPTIONS, host);
}

Deno.test("A returned promise is a fault where its scope closes something, and only there", () => {
  const program = casesProgram();
  for (const [number, [sentence, , faulty]] of CASES.entries()) {
    const faults = faultsOf(program, [caseFile(number)]);
    assert.equal(faults.length, faulty ? 1 : 0, `a promise ${sentence}`);
  }
});

Deno.test("No promise is returned unawaited out of a scope that closes what it may still use", () => {
  const paths = ["src", "bench", "build"].flatMap((folder) => [
    ...typescriptFiles(join(ROOT, folder)),
  ]);
  assert.deepEqual(faultsOf(ts.createProgram(paths, OPTIONS), paths), []);
});
