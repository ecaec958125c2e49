import fc from "fast-check";

// Random CSS, as text. Names are few, so that rules apply to the same elements; not all of it is valid.

const oneOf = (...texts: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...texts);
const joined = (arbitrary: fc.Arbitrary<string>, glue: string, range: fc.ArrayConstraints) =>
  fc.array(arbitrary, range).map((texts) => texts.join(glue));

/** Parts of a compound selector after its type. */
const PART = fc.oneof(
  { weight: 6, arbitrary: oneOf(".a", ".b", ".c", "#i", "#j") },
  {
    weight: 2,
    arbitrary: oneOf(
      '[class="a"]',
      "[class~=b]",
      "[class*='a']",
      "[align=Left]",
      "[width]",
      "[href^=http]",
      "[id]",
    ),
  },
  {
    weight: 2,
    arbitrary: oneOf(
      ":first-child",
      ":last-child",
      ":only-child",
      ":nth-child(2n+1)",
      ":nth-child(2)",
      ":nth-last-child(2)",
      ":first-of-type",
      ":last-of-type",
      ":nth-of-type(2)",
      ":empty",
      ":root",
      ":not(.a)",
      ":not(div, .b)",
      ":is(.a, p)",
      ":where(.a, #i)",
      ":is(.a .b, td)",
    ),
  },
);
const STATE = oneOf(
  ":hover",
  ":link",
  ":visited",
  ":active",
  ":focus",
  ":not(:hover)",
  ":is(.a:hover, .none)",
  ":checked",
);
const PSEUDO_ELEMENT = oneOf("::before", ":after", "::first-line", "::marker", "::before:hover");
const TYPE = oneOf(
  "",
  "",
  "",
  "*",
  "div",
  "p",
  "span",
  "td",
  "table",
  "a",
  "tr",
  "tbody",
  "li",
  "img",
  "body",
  "html",
  "P",
);

const COMPOUND = fc.tuple(TYPE, joined(PART, "", { maxLength: 2 })).map(([type, parts]) =>
  type + parts || "*"
);
const SIMPLE = fc.tuple(
  COMPOUND,
  fc.array(fc.tuple(oneOf(" ", " ", " > ", ">", " + ", " ~ "), COMPOUND), { maxLength: 2 }),
).map(([first, rest]) => first + rest.flat().join(""));

/** Matches elements that a mail program adds or marks, and so nothing in the document as written. */
const CLIENT = oneOf(
  "#outlook a",
  "[data-ogsc] .a",
  "u + #body .b",
  ".moz-text-html p",
  ".ExternalClass td",
  "a[x-apple-data-detectors]",
  ".unused .a",
  "#MessageViewBody a",
);

const SELECTOR = fc.oneof(
  { weight: 12, arbitrary: SIMPLE },
  { weight: 2, arbitrary: fc.tuple(SIMPLE, STATE).map((parts) => parts.join("")) },
  {
    weight: 1,
    arbitrary: fc.tuple(SIMPLE, STATE, COMPOUND).map(([one, state, two]) =>
      `${one}${state} ${two}`
    ),
  },
  { weight: 1, arbitrary: fc.tuple(SIMPLE, PSEUDO_ELEMENT).map((parts) => parts.join("")) },
  { weight: 1, arbitrary: CLIENT },
);
/** Makes its rule invalid. */
const INVALID_SELECTOR = oneOf(
  ":nonsense",
  "p::nonsense",
  "..a",
  ".1",
  "a >",
  "[class=]",
  ":not(",
  "p%",
);
const SELECTORS = fc.oneof(
  { weight: 15, arbitrary: joined(SELECTOR, ", ", { minLength: 1, maxLength: 3 }) },
  {
    weight: 1,
    arbitrary: fc.tuple(SELECTOR, INVALID_SELECTOR.filter((it) => it !== ":not(")).map((it) =>
      it.join(",")
    ),
  },
);

const PROPERTIES: Readonly<Record<string, readonly string[]>> = {
  "color": ["#111", "red", "rgb(0 128 0 / .5)", "inherit", "currentcolor", "initial"],
  "background": [
    "#eee",
    "none",
    "url(data:image/gif;base64,R0lGODlhAQABAAAAACw=) no-repeat",
    "teal",
  ],
  "background-color": ["#fff", "yellow", "transparent", "unset"],
  "margin": ["0", "1px 2px", "0 auto", "inherit"],
  "margin-left": ["5px", "auto", "1em", "-2px"],
  "padding": ["0", "3px 4px 5px", "1em"],
  "padding-top": ["7px", "10%"],
  "border": ["0", "1px solid red", "none", "thick dotted"],
  "border-top": ["2px solid", "0"],
  "border-color": ["blue", "red green"],
  "border-left-width": ["4px", "thin"],
  "border-collapse": ["collapse", "separate"],
  "font": ["12px/1.5 Arial, sans-serif", "italic bold 1.2em 'Times New Roman'", "inherit"],
  "font-size": ["14px", "120%", "1.5em", "larger"],
  "font-family": ["Arial", '"Open Sans", serif', "inherit"],
  "font-weight": ["bold", "400", "bolder"],
  "line-height": ["1", "20px", "150%", "normal"],
  "text-align": ["left", "center", "right"],
  "text-decoration": ["none", "underline", "line-through red"],
  "display": ["block", "inline-block", "none", "table-cell"],
  "width": ["auto", "100%", "120px", "calc(50% - 10px)"],
  "max-width": ["100%", "300px"],
  "height": ["auto", "40px"],
  "float": ["left", "none"],
  "vertical-align": ["top", "middle", "3px"],
  "list-style": ["none", "square inside"],
  "opacity": [".5", "1"],
  "margin-inline-start": ["9px"],
  "inset": ["auto", "1px"],
  "--own": ["red", " 3px "],
  "border-radius": ["3px", "1px 2px"],
  "all": ["unset", "revert"],
  // Properties that only some programs know, or none.
  "-webkit-text-size-adjust": ["100%", "none"],
  "mso-line-height-rule": ["exactly"],
  "nonsense": ["1"],
};
const RARE = ["all", "--own", "nonsense", "inset", "margin-inline-start", "mso-line-height-rule"];

const VALID = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.constantFrom(...Object.keys(PROPERTIES).filter((name) => !RARE.includes(name))),
  },
  { weight: 1, arbitrary: fc.constantFrom(...RARE) },
).chain((name) =>
  fc.tuple(oneOf(...PROPERTIES[name]!), oneOf("", "", "", "", " !important", "!IMPORTANT"))
    .map(([value, important]) => `${name}: ${value}${important}`)
);
const INVALID = oneOf(
  "color: nonsense",
  "width: 12 px",
  "color red",
  "*zoom: 1",
  "_height: 1px",
  "margin: 1px 2px 3px 4px 5px",
  "color: #12",
  "font: 12px",
  "color: red !importnt",
  "background: url('data:,a;b') nonsense",
  "color:",
  "/* color: red */",
  "width: var(--none)",
  "color: var(--own)",
  "filter: progid:DXImageTransform.Microsoft.gradient(startColorstr='#80000000')",
);
const DECLARATION = fc.oneof({ weight: 9, arbitrary: VALID }, { weight: 1, arbitrary: INVALID });

/** Declarations as in a `style` attribute with double quotes. */
export const DECLARATIONS: fc.Arbitrary<string> = joined(DECLARATION, "; ", {
  minLength: 1,
  maxLength: 4,
});
export const STYLE_ATTRIBUTE: fc.Arbitrary<string> = fc.tuple(DECLARATIONS, oneOf("", ";", " ; "))
  .map((parts) => parts.join("").replaceAll('"', "'"));

const RULE = fc.tuple(SELECTORS, DECLARATIONS).map(([selectors, text]) =>
  `${selectors} { ${/::before|:after/.test(selectors) ? 'content: "x"; ' : ""}${text} }`
);
const PRELUDE = oneOf(
  "@media (max-width: 500px)",
  "@media screen and (max-width:500px)",
  "@media (min-width: 600px)",
  "@media print",
  "@media (prefers-color-scheme: dark)",
  "@media (prefers-color-scheme: dark)",
  "@media screen",
  "@media only screen",
  "@media not all and (min-width: 600px)",
  "@supports (display: grid)",
  "@supports not (display: grid)",
  "@layer one",
  "@scope (.a)",
);
const OTHER = oneOf(
  "@font-face { font-family: X; src: url(https://fonts.example/x.woff2) }",
  "@import url('https://fonts.example/x.css');",
  "@page { margin: 1cm }",
  "<!-- .a { color: green } -->",
  "/* } .a { color: green } */",
  '@charset "utf-8";',
  "}",
  ";",
  "@namespace svg url(http://www.w3.org/2000/svg);",
);
const ITEM = fc.oneof(
  { weight: 10, arbitrary: RULE },
  {
    weight: 3,
    arbitrary: fc.tuple(PRELUDE, joined(RULE, " ", { minLength: 1, maxLength: 2 })).map((
      [at, rules],
    ) => `${at} { ${rules} }`),
  },
  { weight: 1, arbitrary: OTHER },
);
/** The text of a sheet. */
export const SHEET: fc.Arbitrary<string> = joined(ITEM, "\n", { minLength: 1, maxLength: 5 });
