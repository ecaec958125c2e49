import fc from "fast-check";
import { SHEET, STYLE_ATTRIBUTE } from "./css.ts";

// Random documents, as text; with Liquid or without.

const oneOf = (...texts: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...texts);
const many = (arbitrary: fc.Arbitrary<string>, maxLength: number) =>
  fc.array(arbitrary, { maxLength }).map((texts) => texts.join(""));
const maybe = (arbitrary: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.oneof({ weight: 2, arbitrary: fc.constant("") }, { weight: 1, arbitrary });

/** Columns of the rows; `flag` is empty or not, `count` a number, `name` a class, `value` a colour. */
export const COLUMNS = ["flag", "count", "name", "value"] as const;
export const ROWS: fc.Arbitrary<Record<typeof COLUMNS[number], string>> = fc.record({
  flag: oneOf("", "yes"),
  count: oneOf("0", "1", "3"),
  name: oneOf("a", "b", "", "x y"),
  value: oneOf("red", "#123456", ""),
});

interface Ways {
  /** Puts Liquid around text, sometimes. */
  readonly wrap: (arbitrary: fc.Arbitrary<string>) => fc.Arbitrary<string>;
  readonly classes: fc.Arbitrary<string>;
  readonly style: fc.Arbitrary<string>;
  readonly sheet: fc.Arbitrary<string>;
  /** Tables come without `<tbody>`: readers add the element, and it has no tag that could have a style. */
  readonly hasImpliedElements: boolean;
}

const CLASSES = oneOf("a", "b", "c", "a b", "c a", "A", "a  b");
const PLAIN: Ways = {
  wrap: (it) => it,
  classes: CLASSES,
  style: STYLE_ATTRIBUTE,
  sheet: SHEET,
  hasImpliedElements: false,
};

const WITH_LIQUID: Ways = {
  hasImpliedElements: true,
  wrap: (arbitrary) =>
    fc.oneof(
      { weight: 5, arbitrary },
      { weight: 1, arbitrary: arbitrary.map((it) => `{% if flag %}${it}{% endif %}`) },
      {
        weight: 1,
        arbitrary: fc.tuple(arbitrary, arbitrary).map(([a, b]) =>
          `{% if flag %}${a}{% else %}${b}{% endif %}`
        ),
      },
      { weight: 1, arbitrary: arbitrary.map((it) => `{% for i in (1..count) %}${it}{% endfor %}`) },
      { weight: 1, arbitrary: arbitrary.map((it) => `{% unless flag %}${it}{% endunless %}`) },
    ),
  classes: fc.oneof(
    { weight: 6, arbitrary: CLASSES },
    {
      weight: 1,
      arbitrary: oneOf(
        "{{ name }}",
        "a {{ name }}",
        "c {% if flag %}a{% endif %}",
        "{% if flag %}a{% else %}b{% endif %}",
      ),
    },
  ),
  style: fc.oneof(
    { weight: 6, arbitrary: STYLE_ATTRIBUTE },
    {
      weight: 1,
      arbitrary: oneOf(
        "color: {{ value }}",
        "{% if flag %}margin: 0{% endif %}",
        "width: {{ count }}px; color: red",
      ),
    },
  ),
  sheet: fc.oneof(
    { weight: 6, arbitrary: SHEET },
    { weight: 1, arbitrary: SHEET.map((css) => `${css} .a { color: {{ value }} }`) },
    {
      weight: 1,
      arbitrary: fc.tuple(SHEET, SHEET).map(([a, b]) =>
        `{% if flag %}${a}{% else %}${b}{% endif %}`
      ),
    },
  ),
};

/** An element's attributes, with a blank before each. */
function attributesOf(ways: Ways): fc.Arbitrary<string> {
  return fc.tuple(
    maybe(ways.classes.map((it) => ` class="${it}"`)),
    maybe(oneOf(' id="i"', " id=j")),
    maybe(ways.style.map((it) => ` style="${it}"`)),
    maybe(oneOf(' align="left"', " width=50", " title=it's", " bgcolor='#ddd'", ' data-x="a > b"')),
  ).map((parts) => parts.join(""));
}

const TEXT = oneOf(
  ...["x", "two words", "&amp;", "<!-- c -->", "<br>", "&nbsp;", " "],
  "<!--[if mso]><p class=a>x</p><![endif]-->",
);

/** The content of the body. */
function contentOf(ways: Ways): fc.Arbitrary<string> {
  const attributes = attributesOf(ways);
  const element = (tag: string, inner: fc.Arbitrary<string>, end = `</${tag}>`) =>
    fc.tuple(attributes, inner).map(([given, held]) => `<${tag}${given}>${held}${end}`);
  const phrase = fc.oneof(
    TEXT,
    element("span", TEXT),
    element("a href=https://a.example/", TEXT, "</a>"),
    element("img src=https://a.example/i.png", fc.constant(""), ""),
  );
  const phrases = many(ways.wrap(phrase), 2);
  return fc.letrec<{ flow: string; node: string }>((tie) => {
    const cells = many(ways.wrap(element("td", tie("flow"))), 3);
    const rows = many(ways.wrap(element("tr", cells)), 2);
    return {
      node: fc.oneof(
        { maxDepth: 3, withCrossShrink: true },
        element("p", phrases),
        element("p", phrases, ""),
        phrase,
        element("div", tie("flow")),
        element("table", ways.hasImpliedElements ? rows : element("tbody", rows)),
        element("ul", many(ways.wrap(element("li", tie("flow"), "")), 3)),
      ),
      flow: many(ways.wrap(tie("node")), 3),
    };
  }).flow;
}

function documentOf(ways: Ways): fc.Arbitrary<string> {
  const media = oneOf(
    "",
    "",
    "",
    "",
    " media=all",
    ' media="screen"',
    ' media="only screen"',
    ' media="print"',
    ' media="(max-width: 500px)"',
    ' media="screen and (prefers-color-scheme: dark)"',
    ' media="print, screen"',
  );
  const sheet = fc.tuple(media, ways.sheet).map(([given, css]) => `<style${given}>${css}</style>`);
  const styles = many(
    ways.wrap(fc.oneof(
      { weight: 6, arbitrary: sheet },
      {
        weight: 1,
        arbitrary: sheet.map((it) => `<!--[if mso]>${it.replace(/<!--|-->/g, "")}<![endif]-->`),
      },
      { weight: 1, arbitrary: sheet.map((it) => `<!--[if !mso]><!-->${it}<!--<![endif]-->`) },
    )),
    3,
  );
  const doctype = oneOf(
    "<!DOCTYPE html>",
    "<!DOCTYPE html>",
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">',
    "",
  );
  const body = oneOf("<body>", '<body class="b">', '<body id=body bgcolor="#eeeeee">');
  return fc.tuple(doctype, styles, body, contentOf(ways)).map(([type, head, start, content]) =>
    `${type}<html><head><title>x</title>${head}</head>${start}${content}</body></html>\n`
  );
}

/** Documents without Liquid. */
export const DOCUMENT: fc.Arbitrary<string> = documentOf(PLAIN);
/** Templates for rows of {@linkcode ROWS}. */
export const TEMPLATE: fc.Arbitrary<string> = documentOf(WITH_LIQUID);
