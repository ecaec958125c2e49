import { contentOf, type Piece, secondHalfOf } from "./cut.ts";
import { asLiquid, type HtmlTemplate } from "./mail_html.ts";

/** A way of turning a newsletter into a template. */
export interface Variant {
  readonly name: string;
  readonly template: (html: string) => HtmlTemplate;
  /** The text of an element that the mail has and the newsletter does not. */
  readonly preheader?: string;
}

const PREHEADER = "Zebras on offer: seven for six";

export const VARIANTS: readonly Variant[] = [
  { name: "As it is", template: (html) => ({ body: asLiquid(html) }) },
  {
    name: "Within {% if %}",
    template: (html) => ({ body: `{% if Name != "" %}${asLiquid(html)}{% endif %}` }),
  },
  {
    name: "As layout and block",
    template(html) {
      const [begin, end] = contentOf(html, "body");
      const content = asLiquid(html.slice(begin, end));
      const [before, after] = [html.slice(0, begin), html.slice(end)].map(asLiquid);
      return {
        body: `{% layout 'base.html' %}{% block content %}${content}{% endblock %}`,
        files: { "base.html": `${before}{% block content %}{% endblock %}${after}` },
      };
    },
  },
  {
    name: "With includes of the head and of half of the body",
    template: (html) =>
      included(html, { "head.html": contentOf(html, "head"), "half.html": secondHalfOf(html) }),
  },
  {
    name: "With a preheader",
    preheader: PREHEADER,
    template: (html) => ({ body: asLiquid(html), headers: [`Preheader: ${PREHEADER}`] }),
  },
];

/** A template that includes pieces of a text, in their order. */
function included(html: string, pieces: Readonly<Record<string, Piece>>): HtmlTemplate {
  let [body, from] = ["", 0];
  for (const [file, [begin, end]] of Object.entries(pieces)) {
    body += `${asLiquid(html.slice(from, begin))}{% include '${file}' %}`;
    from = end;
  }
  return {
    body: body + asLiquid(html.slice(from)),
    files: Object.fromEntries(
      Object.entries(pieces).map(([file, piece]) => [file, asLiquid(html.slice(...piece))]),
    ),
  };
}
