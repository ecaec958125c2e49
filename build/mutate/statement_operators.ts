import ts from "typescript";
import { type Edit, replace } from "./mutant.ts";

/** Removes a statement that is run for its effect. */
export function statements(node: ts.Node, file: ts.SourceFile): readonly Edit[] {
  if (!ts.isExpressionStatement(node) || ts.isStringLiteral(node.expression)) return [];
  const { expression } = node;
  // Without super(), a constructor throws.
  if (
    ts.isCallExpression(expression) && expression.expression.kind === ts.SyntaxKind.SuperKeyword
  ) {
    return [];
  }
  return [replace("statement", node, file, ";")];
}

/** Removes the returned value, where returning nothing differs from that. */
export function returns(node: ts.Node, file: ts.SourceFile): readonly Edit[] {
  if (!ts.isReturnStatement(node) || node.expression === undefined) return [];
  const type = enclosingFunction(node)?.type?.getText(file) ?? "";
  if (!/\bundefined\b|\bvoid\b/.test(type)) return [];
  return node.expression.getText(file) === "undefined" ? [] : [
    replace("return", node, file, "return;"),
  ];
}

function enclosingFunction(node: ts.Node): ts.SignatureDeclaration | undefined {
  let outer = node.parent;
  while (outer !== undefined && !ts.isFunctionLike(outer)) outer = outer.parent;
  return outer;
}

/** Removes `await`. */
export function awaits(node: ts.Node, file: ts.SourceFile): readonly Edit[] {
  return ts.isAwaitExpression(node)
    ? [replace("await", node, file, node.expression.getText(file))]
    : [];
}

/** Replaces `using` by `const`, so that the resource stays open. */
export function disposals(node: ts.Node, file: ts.SourceFile): readonly Edit[] {
  if (!ts.isVariableDeclarationList(node)) return [];
  if ((node.flags & ts.NodeFlags.Using) === 0) return [];
  const first = node.declarations[0];
  if (first === undefined) return [];
  return [{
    operator: "using",
    start: node.getStart(file),
    end: first.getStart(file),
    replacement: "const ",
  }];
}
