/** Filters of other template languages, and what does the same here; a sentence if nothing does exactly. */
const FILTERS: Readonly<Record<string, string>> = {
  upper: "upcase",
  uppercase: "upcase",
  toupper: "upcase",
  lower: "downcase",
  lowercase: "downcase",
  tolower: "downcase",
  capfirst: "capitalize",
  ucfirst: "capitalize",
  title: "There is no filter for a title; capitalize writes the first letter large.",
  titlecase: "There is no filter for a title; capitalize writes the first letter large.",
  length: "size",
  len: "size",
  count: "size",
  trim: "strip",
  striptags: "strip_html",
  nl2br: "newline_to_br",
  linebreaksbr: "newline_to_br",
  urlencode: "url_encode",
  urlize: "There is no filter for links: write <a href=…> or [text](…) in the template.",
  d: "default",
  default_if_none: "default",
  fallback: "default",
  e: "Leave it out: values are escaped by themselves.",
  forceescape: "Leave it out: values are escaped by themselves.",
  h: "Leave it out: values are escaped by themselves.",
  safe: "raw",
  unescape: "raw",
  int: "plus: 0",
  integer: "plus: 0",
  float: "plus: 0",
  number: "plus: 0",
  add: "plus",
  sub: "minus",
  subtract: "minus",
  mul: "times",
  multiply: "times",
  div: "divided_by",
  divide: "divided_by",
  mod: "modulo",
  strftime: "date",
  dateformat: "date",
  date_format: "date",
  format_date: "date",
  datetimeformat: "date",
  tojson: "json",
  json_encode: "json",
  parse_json: "json_parse",
  from_json: "json_parse",
  fromjson: "json_parse",
  json_decode: "json_parse",
  truncatechars: "truncate",
  substr: "slice",
  substring: "slice",
  unique: "uniq",
  sum_of: "sum",
  wordcount: "number_of_words",
};

/** Tags of other template languages, and what to write. */
const TAGS: Readonly<Record<string, string>> = {
  elif: "Write {% elsif … %}.",
  elseif: "Write {% elsif … %}.",
  set: "Write {% assign name = value %}.",
  let: "Write {% assign name = value %}.",
  var: "Write {% assign name = value %}.",
  endset: "Write {% capture name %}…{% endcapture %}.",
  foreach: "Write {% for item in items %}…{% endfor %}.",
  each: "Write {% for item in items %}…{% endfor %}.",
  switch: "Write {% case value %}{% when … %}…{% endcase %}.",
  extends: 'Write {% layout "file" %}.',
  import: 'There are no macros: write {% render "file", name: value %}.',
  from: 'There are no macros: write {% render "file", name: value %}.',
  macro:
    'There are no macros: put the text into a file and write {% render "file", name: value %}.',
  endmacro: "There are no macros.",
  call: 'There are no macros: write {% render "file", name: value %}.',
  with: "Write {% assign name = value %}.",
  filter: "Write {% capture text %}…{% endcapture %}{{ text | filter }}.",
  verbatim: "Write {% raw %}…{% endraw %}.",
  autoescape: "Leave it out: values are escaped by themselves; {{ value | raw }} is not.",
  trans: 'There are no translations: write {% if language == "de" %}…{% endif %}.',
  do: "Write {% assign name = value %}.",
  end: "Each tag has its own end, such as {% endif %} and {% endfor %}.",
  ifequal: "Write {% if a == b %}.",
  partial: 'Write {% render "file" %}.',
  now: 'Write {{ "now" | date: "%F" }}.',
  form: "There are no forms in a mail.",
  section: 'Write {% render "file" %}.',
  schema: "Leave it out.",
  style: "Write <style>.",
  stylesheet: "Write <style>.",
  javascript: "No mail program runs scripts: leave it out.",
};

/** Words between or before values in other languages, and what to write. */
const WORDS: Readonly<Record<string, string>> = {
  is: 'Write {% if name %} for "is defined", and {% unless name %} for "is not defined".',
  in: "Write {% if items contains value %}.",
  if: "Write {% if condition %}…{% else %}…{% endif %}.",
  else: "Write {% if condition %}…{% else %}…{% endif %}.",
  unless: "Write {% unless condition %}…{% endunless %}.",
  like: "Write {% if text contains part %}.",
  eq: "Write == to compare.",
  ne: "Write != to compare.",
  neq: "Write != to compare.",
  gt: "Write > to compare.",
  lt: "Write < to compare.",
  ge: "Write >= to compare.",
  le: "Write <= to compare.",
  div: "Write {{ a | divided_by: b }}.",
  mod: "Write {{ a | modulo: b }}.",
};

/** Names that other languages define, and what to write. */
const NAMES: Readonly<Record<string, string>> = {
  none: "Write blank for an empty cell.",
  null: "Write blank for an empty cell.",
  undefined: "Write blank for an empty cell.",
  true: 'Write true in lower case. A cell is text: compare it with "true".',
  false: 'Write false in lower case. A cell is text: compare it with "false".',
  super: "Write {{ block.super }}.",
  this: "Name the item: {% for item in items %}{{ item }}{% endfor %}.",
};

/** Properties of `loop` in Jinja and Twig, and those of `forloop`. */
const LOOP: Readonly<Record<string, string>> = { revindex: "rindex", revindex0: "rindex0" };

/** Signs between values in other languages, the longer ones first, and what to write. */
const SIGNS: readonly (readonly [sign: string, hint: string])[] = [
  ["===", "Write == to compare."],
  ["!==", "Write != to compare."],
  ["=", "Write == to compare."],
  ["&&", "Write 'and'."],
  ["||", "Write 'or', and in an output {{ name | default: \"text\" }}."],
  ["<>", "Write !=."],
  ["!", "Write 'not', or != to compare."],
  ["??", 'Write {{ name | default: "text" }}.'],
  ["?", "Write {% if condition %}…{% else %}…{% endif %}."],
  ["~", "Write {{ a }}{{ b }}, or {{ a | append: b }}."],
  ["+", "Write {{ a | plus: b }}, or {{ a | append: b }} for texts."],
  ["-", 'Write {{ a | minus: b }}. A column with a dash is row["a-b"].'],
  ["*", "Write {{ a | times: b }}."],
  ["/", "Write {{ a | divided_by: b }}."],
  ["%", "Write {{ a | modulo: b }}."],
  ["(", "Liquid has no calls: use a filter, such as {{ name | upcase }}."],
  ["}", "Write {{ name }} with two braces; {{ name | raw }} is not escaped."],
  ["“", "Write texts in straight quotes."],
  ["”", "Write texts in straight quotes."],
  ["„", "Write texts in straight quotes."],
  ["‘", "Write texts in straight quotes."],
  ["’", "Write texts in straight quotes."],
  ["«", "Write texts in straight quotes."],
];

/** Beginnings of an output in Handlebars and Mustache, and what to write. */
const HANDLEBARS: readonly (readonly [begin: RegExp, hint: string])[] = [
  [/^#if\b/, "Write {% if name %}…{% endif %}."],
  [/^#unless\b/, "Write {% unless name %}…{% endunless %}."],
  [/^#each\b/, "Write {% for item in items %}…{% endfor %}."],
  [/^#/, "Write {% if name %}…{% endif %}, or {% comment %}…{% endcomment %} for a comment."],
  [/^!/, "Write {% comment %}…{% endcomment %}."],
  [/^\^/, "Write {% unless name %}…{% endunless %}."],
  [/^\/(\w*)/, "Each tag has its own end, such as {% endif %} and {% endfor %}."],
  [/^>/, 'Write {% render "file" %}.'],
  [/^&/, "Write {{ name | raw }}."],
  [/^\{/, "Write {{ name | raw }}."],
  [/^else\b/, "Write {% else %}."],
];

/** What to write for a filter that Liquid does not have. */
export function foreignFilter(name: string): string | undefined {
  const key = name.toLowerCase();
  const ours = Object.hasOwn(FILTERS, key) ? FILTERS[key]! : undefined;
  if (ours === undefined || ours.endsWith(".")) return ours;
  return `Write '${ours}'.`;
}

/** What to write for a tag that Liquid does not have. */
export function foreignTag(name: string): string | undefined {
  return Object.hasOwn(TAGS, name) ? TAGS[name] : undefined;
}

/** What to write for a name that other languages define. */
export function foreignName([root, property]: readonly unknown[]): string | undefined {
  if (root === "loop" && typeof property === "string") {
    const ours = Object.hasOwn(LOOP, property) ? LOOP[property]! : property;
    return `Write forloop.${ours}.`;
  }
  const key = String(root).toLowerCase();
  return Object.hasOwn(NAMES, key) ? NAMES[key] : undefined;
}

/** What to write for a word where Liquid expects an operator. */
export function foreignWord(word: string): string | undefined {
  return Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
}

/** What to write for text that begins with the sign of another language. */
export function foreignSign(
  text: string,
): { readonly sign: string; readonly hint: string } | undefined {
  const found = SIGNS.find(([sign]) => text.startsWith(sign));
  return found === undefined ? undefined : { sign: found[0], hint: found[1] };
}

/** What to write for an output of Handlebars or Mustache. */
export function handlebarsHint(content: string): string | undefined {
  return HANDLEBARS.find(([begin]) => begin.test(content))?.[1];
}
