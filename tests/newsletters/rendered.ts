import { Liquid } from "liquidjs";
import type { HtmlTemplate, Row } from "./mail_html.ts";

/** The HTML that Liquid alone renders for a row, with nothing inlined: what the author means. */
export function renderedHtmlOf({ body, files = {} }: HtmlTemplate, row: Row): string {
  // Empty cells are false; values are HTML-escaped.
  const liquid = new Liquid({ templates: { ...files }, jsTruthy: true, outputEscape: "escape" });
  return liquid.parseAndRenderSync(body, row);
}
