import type { Look } from "../judge.ts";
import type { HtmlTemplate, Row } from "../mail_html.ts";

/** A small template, and what a browser shows for its mail. */
export interface Case {
  /** The title: what is promised. */
  readonly name: string;
  /** More content of the head. */
  readonly head?: string;
  readonly body?: string;
  /** The whole template, in place of `head` and `body`. */
  readonly whole?: string;
  readonly files?: NonNullable<HtmlTemplate["files"]>;
  readonly preheader?: string;
  readonly row?: Row;
  readonly look?: Look;
  /** What a mail program does to the document: statements over `document`. */
  readonly before?: string;
  /** Expressions over `document` and `style(selector, pseudo)`, and their values. */
  readonly shows: readonly (readonly [expression: string, value: unknown])[];
  /** The mail differs from the template's own HTML, because files become parts. */
  readonly hasParts?: boolean;
}

export const LIGHT: Look = { width: 800, scheme: "light" };
export const DARK: Look = { width: 800, scheme: "dark" };
export const NARROW: Look = { width: 390, scheme: "light" };

// Colours as a browser reports them.
export const BLACK = "rgb(17, 17, 17)";
export const WHITE = "rgb(255, 255, 255)";
export const RED = "rgb(255, 0, 0)";
export const GREEN = "rgb(0, 128, 0)";
