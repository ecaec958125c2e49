import { Liquid } from "liquidjs";
import type { HtmlTemplate, Row } from "./mail_html.ts";

/** What Liquid alone makes of a template: its HTML for a row as its author means it, nothing inlined. */
export function renderedHtmlOf({ body, files = {} }: HtmlTemplate, row: Row): string {
  // Empty cells are false; values are HTML-escaped.
  const liquid = new Liquid({ templates: { ...files }, jsTruthy: true, outputEscape: "escape" });
  return liquid.parseAndRenderSync(body, row);
}
