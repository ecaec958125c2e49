import type { Email } from "postal-mime";
import { parseHtml } from "../../compose/html/parse_html.ts";
import type { Columns } from "../../model/recipient.ts";
import { nearest } from "../../text/nearest.ts";
import type { Finding, Where } from "../finding.ts";

/** A variable in the syntax of another program, left in a mail. */
interface ForeignTag {
  readonly written: string;
  readonly name: string;
}

/** Syntax that is used for nothing but variables; the group is the name. */
const CERTAIN: readonly RegExp[] = [
  // Mailchimp: *|FNAME|*, *|IF:X|*, *|DATE:d/m/y|*
  /\*\|(?:[A-Z]+:)?([A-Z][\w /:.-]{0,60})\|\*/gi,
  // Marketing Cloud: %%First Name%%, %%=v(@x)=%%
  /%%=?([A-Z][\w .()@-]{0,60}?)=?%%/gi,
  // Mailjet, Constant Contact: [[data:name:"x"]], [[FIRSTNAME]]
  /\[\[(?:var:|data:)?([A-Z_][\w.]{0,60})(?::[^\[\]]{0,60})?\]\]/gi,
  // Mailgun: %recipient.name%
  /%recipient\.([A-Z_]\w{0,60})%/gi,
];

/** Syntax that can also be ordinary text: a variable only if a column has its name. */
const BY_COLUMN: readonly RegExp[] = [
  /\[([\p{L}_][\p{L}\p{M}\p{N}_ -]{0,60})\]/gu,
  /\$?\{([\p{L}_][\p{L}\p{M}\p{N}_ -]{0,60})\}/gu,
  /%([\p{L}_][\p{L}\p{M}\p{N}_]{0,60})%/gu,
  /<<([\p{L}_][\p{L}\p{M}\p{N}_ -]{0,60})>>/gu,
  /«([\p{L}_][\p{L}\p{M}\p{N}_ -]{0,60})»/gu,
];

/** Elements whose text is code or is not shown. */
const UNSEEN = ["style", "script", "code", "pre", "kbd", "samp", "title", "textarea"];
const URL = /\b(?:[a-z][a-z0-9+.-]*:\/\/|www\.|mailto:)\S+/gi;
/** How many tags a finding names. */
const MAX_NAMED = 5;

/** Finds variables of other programs in what a recipient reads. */
export function* foreignTagFindings(
  mail: Pick<Email, "subject" | "text" | "html">,
  { names }: Pick<Columns, "names">,
  where: Where,
): Generator<Finding> {
  const tags = foreignTags(mail, names);
  if (tags.length === 0) return;
  const shown = tags.slice(0, MAX_NAMED).map(({ written }) => written).join(", ");
  const more = tags.length > MAX_NAMED ? ` and ${tags.length - MAX_NAMED} more` : "";
  yield {
    level: "warning",
    check: "content.foreign-tag",
    what: `A mail shows variables in the syntax of other programs: ${shown}${more}`,
    why: "Recipients see them literally: in this program, a variable is {{ Name }}",
    fix: replacement(tags, names),
    where,
  };
}

function replacement(tags: readonly ForeignTag[], names: readonly string[]): string {
  const better = tags.slice(0, MAX_NAMED).flatMap(({ written, name }) => {
    const column = sameColumn(name, names) ?? nearest(name, names);
    return column === undefined ? [] : [`{{ ${variableOf(column)} }} for ${written}`];
  });
  return better.length > 0
    ? `Write ${better.join(", ")}`
    : `Write {{ … }} with one of the columns: ${names.join(", ")}`;
}

function variableOf(column: string): string {
  return /^[\p{L}_][\p{L}\p{M}\p{N}_-]*$/u.test(column) ? column : `row["${column}"]`;
}

/** Returns each tag once, those of the subject first. */
function foreignTags(
  { subject, text, html }: Pick<Email, "subject" | "text" | "html">,
  names: readonly string[],
): readonly ForeignTag[] {
  // A text part that was made from the HTML also contains the addresses of links.
  const body = html === undefined ? text ?? "" : shownText(html);
  const found = new Map<string, ForeignTag>();
  for (const part of [subject ?? "", body]) {
    const read = part.replaceAll(URL, " ");
    for (const pattern of [...CERTAIN, ...BY_COLUMN]) {
      for (const [written, name = ""] of read.matchAll(pattern)) {
        if (BY_COLUMN.includes(pattern) && sameColumn(name, names) === undefined) continue;
        if ([...found.keys()].some((other) => other.includes(written))) continue;
        found.set(written, { written, name });
      }
    }
  }
  return [...found.values()];
}

/** The column of that name, ignoring case, blanks and punctuation. */
function sameColumn(name: string, names: readonly string[]): string | undefined {
  const letters = (text: string) => text.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, "");
  const wanted = letters(name);
  return wanted === "" ? undefined : names.find((column) => letters(column) === wanted);
}

/** The prose of an HTML text; a tag with elements in it (`[<b>Name</b>]`) stays in one piece. */
function shownText(html: string): string {
  const shown: string[] = [];
  const unseen: string[] = [];
  parseHtml(html, {
    onopentag(name) {
      if (UNSEEN.includes(name)) unseen.push(name);
      else if (!INLINE.includes(name)) shown.push("\n");
    },
    ontext(text) {
      if (unseen.length === 0) shown.push(text);
    },
    onclosetag(name) {
      if (name === unseen.at(-1)) unseen.pop();
    },
  });
  return shown.join("");
}

const INLINE = ["a", "abbr", "b", "em", "font", "i", "mark", "small", "span", "strong", "u", "wbr"];
