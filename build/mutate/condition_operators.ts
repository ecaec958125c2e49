import ts from "typescript";
import { type Edit, replace } from "./mutant.ts";

const { SyntaxKind } = ts;

/** Fixes the outcome of each `if` and conditional expression, and negates every condition. */
export function conditions(node: ts.Node, file: ts.SourceFile): readonly Edit[] {
  const condition = conditionOf(node);
  if (condition === undefined) return [];
  const negated = replace("negate", condition, file, `!(${condition.getText(file)})`);
  if (!ts.isIfStatement(node) && !ts.isConditionalExpression(node)) return [negated];
  return [
    negated,
    replace("always", condition, file, "true"),
    replace("never", condition, file, "false"),
  ];
}

function conditionOf(node: ts.Node): ts.Expression | undefined {
  if (ts.isIfStatement(node) || ts.isWhileStatement(node) || ts.isDoStatement(node)) {
    return node.expression;
  }
  return ts.isConditionalExpression(node) || ts.isForStatement(node) ? node.condition : undefined;
}

const OTHERS: Partial<Record<ts.SyntaxKind, readonly [operator: string, token: string]>> = {
  [SyntaxKind.LessThanToken]: ["boundary", "<="],
  [SyntaxKind.LessThanEqualsToken]: ["boundary", "<"],
  [SyntaxKind.GreaterThanToken]: ["boundary", ">="],
  [SyntaxKind.GreaterThanEqualsToken]: ["boundary", ">"],
  [SyntaxKind.EqualsEqualsEqualsToken]: ["equality", "!=="],
  [SyntaxKind.ExclamationEqualsEqualsToken]: ["equality", "==="],
  [SyntaxKind.AmpersandAmpersandToken]: ["and/or", "||"],
  [SyntaxKind.BarBarToken]: ["and/or", "&&"],
  [SyntaxKind.PlusToken]: ["arithmetic", "-"],
  [SyntaxKind.MinusToken]: ["arithmetic", "+"],
  [SyntaxKind.AsteriskToken]: ["arithmetic", "/"],
  [SyntaxKind.SlashToken]: ["arithmetic", "*"],
  [SyntaxKind.PercentToken]: ["arithmetic", "*"],
  [SyntaxKind.PlusEqualsToken]: ["arithmetic", "-="],
  [SyntaxKind.MinusEqualsToken]: ["arithmetic", "+="],
};

/** Replaces the operator of comparisons, logic and arithmetic, or keeps only one operand. */
export function binaries(node: ts.Node, file: ts.SourceFile): readonly Edit[] {
  if (!ts.isBinaryExpression(node)) return [];
  const { left, operatorToken: token, right } = node;
  if (token.kind === SyntaxKind.QuestionQuestionToken) {
    return [left, right].map((side) => replace("??", node, file, `(${side.getText(file)})`));
  }
  const other = OTHERS[token.kind];
  if (other === undefined || joinsText(node)) return [];
  return [replace(other[0], token, file, other[1])];
}

/** Subtracting strings gives NaN, which every test notices. */
function joinsText({ left, right, operatorToken }: ts.BinaryExpression): boolean {
  const sums = [SyntaxKind.PlusToken, SyntaxKind.PlusEqualsToken];
  return sums.includes(operatorToken.kind) && [left, right].some(isText);
}

function isText(node: ts.Expression): boolean {
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node) ||
    (ts.isBinaryExpression(node) && joinsText(node));
}

/** Turns incrementing into decrementing. */
export function steps(node: ts.Node, file: ts.SourceFile): readonly Edit[] {
  if (!ts.isPrefixUnaryExpression(node) && !ts.isPostfixUnaryExpression(node)) return [];
  const { operator, operand } = node;
  const token = operator === SyntaxKind.PlusPlusToken
    ? "--"
    : operator === SyntaxKind.MinusMinusToken
    ? "++"
    : undefined;
  if (token === undefined) return [];
  const text = operand.getText(file);
  const changed = ts.isPrefixUnaryExpression(node) ? token + text : text + token;
  return [replace("step", node, file, changed)];
}
