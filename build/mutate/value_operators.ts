import ts from "typescript";
import { type Edit, replace } from "./mutant.ts";

/** Replaces a number by 0, and by its successor. */
export function numbers(node: ts.Node, file: ts.SourceFile): readonly Edit[] {
  if (!ts.isNumericLiteral(node) && !ts.isBigIntLiteral(node)) return [];
  if (isName(node)) return [];
  const suffix = ts.isBigIntLiteral(node) ? "n" : "";
  const value = Number(node.getText(file).replaceAll("_", "").replace(/n$/, ""));
  if (!Number.isFinite(value)) return [];
  const values = value === 0 ? [1] : Number.isInteger(value) ? [value + 1, 0] : [value * 2, 0];
  return values.map((other) => replace("number", node, file, `${other}${suffix}`));
}

export function booleans(node: ts.Node, file: ts.SourceFile): readonly Edit[] {
  if (node.kind === ts.SyntaxKind.TrueKeyword) return [replace("boolean", node, file, "false")];
  if (node.kind === ts.SyntaxKind.FalseKeyword) return [replace("boolean", node, file, "true")];
  return [];
}

/** Replaces a string by an empty one, except in error messages. */
export function texts(node: ts.Node, file: ts.SourceFile): readonly Edit[] {
  if (!ts.isStringLiteralLike(node) && !ts.isTemplateExpression(node)) return [];
  if (node.getText(file).length <= 2 || isName(node) || isOfError(node)) return [];
  if (ts.isTaggedTemplateExpression(node.parent)) return [];
  return [replace("text", node, file, '""')];
}

/** Whether the literal names a module, or is a directive such as "use strict". */
function isName({ parent }: ts.Node): boolean {
  return ts.isImportDeclaration(parent) || ts.isExportDeclaration(parent) ||
    ts.isExternalModuleReference(parent) || ts.isExpressionStatement(parent) ||
    (ts.isCallExpression(parent) && parent.expression.kind === ts.SyntaxKind.ImportKeyword);
}

function isOfError(node: ts.Node): boolean {
  for (let outer = node.parent; outer !== undefined; outer = outer.parent) {
    if (ts.isThrowStatement(outer)) return true;
    if (ts.isNewExpression(outer) && /Error$|^Deno\.errors\./.test(outer.expression.getText())) {
      return true;
    }
    if (ts.isFunctionLike(outer)) return false;
  }
  return false;
}

/** Removes one element of a constant list. */
export function elements(node: ts.Node, file: ts.SourceFile): readonly Edit[] {
  if (!ts.isArrayLiteralExpression(node) || node.elements.length === 0) return [];
  if (!node.elements.every(isConstant)) return [];
  return node.elements.map((_, index) => without("element", node.elements, index, file));
}

function isConstant(node: ts.Expression): boolean {
  if (ts.isArrayLiteralExpression(node)) return node.elements.every(isConstant);
  return ts.isLiteralExpression(node) || node.kind === ts.SyntaxKind.TrueKeyword ||
    node.kind === ts.SyntaxKind.FalseKeyword ||
    (ts.isPrefixUnaryExpression(node) && isConstant(node.operand));
}

/** Removes one property of an object passed to a function. */
export function properties(node: ts.Node, file: ts.SourceFile): readonly Edit[] {
  if (!ts.isObjectLiteralExpression(node)) return [];
  const { parent } = node;
  if (!ts.isCallExpression(parent) && !ts.isNewExpression(parent)) return [];
  return node.properties.map((_, index) => without("property", node.properties, index, file));
}

/** Returns the list without one of its nodes and the comma after it. */
function without(
  operator: string,
  list: ts.NodeArray<ts.Node>,
  index: number,
  file: ts.SourceFile,
): Edit {
  const node = list[index];
  if (node === undefined) throw new RangeError(`No node at ${index}`);
  const next = list[index + 1];
  const comma = list.hasTrailingComma ? list.end : node.getEnd();
  return {
    operator,
    start: node.getStart(file),
    end: next?.getStart(file) ?? comma,
    replacement: "",
  };
}
