import { AUTOLINK, autolinkText } from "../escaping/autolink.ts";
import { Captured, registerCapture } from "../template/captured.ts";
import { type Escape, raw } from "../escaping/escapes.ts";
import { Html, registerHtmlFilters } from "../escaping/html_filters.ts";
import { outputText } from "../template/output_text.ts";
import { markupToText } from "./markup.ts";

/** The template's own HTML is already text; HTML in its values is not. */
export const TEXT_OF_HTML: Escape = {
  outputEscape: (value) => value instanceof Html ? value.text : outputText(value),
  register(liquid) {
    registerHtmlFilters(liquid);
    registerCapture(liquid, (text) => new Captured(text, text));
    liquid.registerFilter(
      "raw",
      raw((value) => value instanceof Captured ? value.text : markupToText(outputText(value))),
    );
    liquid.registerFilter(AUTOLINK, raw((value) => autolinkText(outputText(value))));
  },
};
