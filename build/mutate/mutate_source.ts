import ts from "typescript";
import { binaries, conditions, steps } from "./condition_operators.ts";
import { apply, type Edit, type Mutant, type Operator } from "./mutant.ts";
import { awaits, disposals, returns, statements } from "./statement_operators.ts";
import { booleans, elements, numbers, properties, texts } from "./value_operators.ts";

const OPERATORS: readonly Operator[] = [
  conditions,
  binaries,
  steps,
  numbers,
  booleans,
  texts,
  elements,
  properties,
  statements,
  returns,
  awaits,
  disposals,
];

/** Longer lines are cut; the rest still distinguishes mutants. */
const MAX_TEXT = 200;

/** Returns every mutant of a source text, in the order of the text; some may not compile. */
export function mutantsOf(path: string, text: string): Mutant[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.ESNext, true);
  const edits: Edit[] = [];
  const visit = (node: ts.Node): void => {
    if (isTypeOnly(node)) return;
    for (const operator of OPERATORS) edits.push(...operator(node, file));
    ts.forEachChild(node, visit);
  };
  visit(file);
  const unique = new Map(
    edits.map((edit) => [`${edit.start} ${edit.end} ${edit.replacement}`, edit]),
  );
  return [...unique.values()].map((edit) => asMutant(path, file, edit));
}

/** Whether the node has no code that runs. */
function isTypeOnly(node: ts.Node): boolean {
  return ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) || ts.isImportDeclaration(node) ||
    ts.isExportDeclaration(node);
}

function asMutant(path: string, file: ts.SourceFile, edit: Edit): Mutant {
  const { text } = file;
  const { line, character } = file.getLineAndCharacterOfPosition(edit.start);
  const from = text.lastIndexOf("\n", edit.start - 1) + 1;
  const lineEnd = text.indexOf("\n", edit.end);
  const to = lineEnd < 0 ? text.length : lineEnd;
  const after = text.slice(from, edit.start) + edit.replacement + text.slice(edit.end, to);
  return {
    ...edit,
    path,
    line: line + 1,
    column: character + 1,
    before: oneLine(text.slice(from, to)),
    after: oneLine(after),
  };
}

function oneLine(text: string): string {
  const line = text.trim().replaceAll(/\s+/g, " ");
  return line.length <= MAX_TEXT ? line : `${line.slice(0, MAX_TEXT)}…`;
}

/** Whether the change affects the running program: it can be parsed, and more than types differ. */
export function isRunnable(text: string, mutant: Edit): boolean {
  const mutated = compiled(apply(text, mutant));
  return mutated !== undefined && mutated !== compiled(text);
}

/** Returns JavaScript without comments, or undefined if the text cannot be parsed. */
function compiled(text: string): string | undefined {
  const { outputText, diagnostics = [] } = ts.transpileModule(text, {
    reportDiagnostics: true,
    compilerOptions: {
      target: ts.ScriptTarget.ESNext,
      module: ts.ModuleKind.ESNext,
      removeComments: true,
    },
  });
  return diagnostics.length === 0 ? outputText : undefined;
}
