import { asLiquid, type HtmlTemplate } from "./mail_html.ts";

/** A way of making a template of a newsletter. */
export interface Variant {
  readonly name: string;
  readonly template: (html: string) => HtmlTemplate;
  /** Text of an element that the mail has and the newsletter has not. */
  readonly preheader?: string;
}

export const VARIANTS: readonly Variant[] = [
  { name: "As it is", template: (html) => ({ body: asLiquid(html) }) },
];
