import type ts from "typescript";

/** One change of a source text. */
export interface Edit {
  readonly operator: string;
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

/** A mutation operator: returns its changes of one node. */
export type Operator = (node: ts.Node, file: ts.SourceFile) => readonly Edit[];

/** One change of one file of the project. */
export interface Mutant extends Edit {
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
  readonly column: number;
  /** The lines that the change touches, joined into one, before and after it. */
  readonly before: string;
  readonly after: string;
}

/** Replaces a whole node. */
export function replace(
  operator: string,
  node: ts.Node,
  file: ts.SourceFile,
  replacement: string,
): Edit {
  return { operator, start: node.getStart(file), end: node.getEnd(), replacement };
}

/** Returns the text of a file with one change applied. */
export function apply(text: string, { start, end, replacement }: Edit): string {
  return text.slice(0, start) + replacement + text.slice(end);
}
