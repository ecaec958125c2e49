import { LINK_TARGET_FILTER } from "../../escaping/link_target.ts";
import type { Assembly, PlacedConstruct } from "../document/assembly.ts";
import { MASK } from "../document/constructs.ts";
import { htmlError } from "../document/html_error.ts";
import type { Range } from "../document/start_tag.ts";

/** The first character that ends a scheme, or can no longer be part of one; a colon may be an HTML entity. */
const END = /[:\/?]|(?<!&)#|&(?:#0*58|#x0*3a|colon);?/i;

/** Schemes whose URLs are run, or contain the page themselves. */
const RUNS = /^\s*(?:javascript|vbscript|data):/i;

/** Liquid's name for a target that is judged as a whole. */
const TARGET = "__target";

/**
 * Keeps the Liquid of a target from making it one that runs something: only what comes before the first character that ends a
 * scheme, or cannot be part of one, can do so.
 *
 * Outputs there get a filter. If tags decide what comes first (`if`, `case`, `include`, ...), each way through them begins a
 * different target, so their combined output is judged; if the author wrote the colon, only what comes before it is.
 *
 * @param range The target as written.
 * @throws {InputError} if it is spread over several files so that nothing can be put around it.
 */
export function guardTarget(assembly: Assembly, text: string, range: Range): void {
  const constructs = assembly.within(range.begin, range.end).filter(({ begin, end }) =>
    begin < end
  );
  if (constructs.length === 0) return;
  const value = text.slice(range.begin, range.end);
  if (RUNS.test(value) && constructs.some(({ isTag, isOpen }) => !isTag || isOpen)) {
    throw htmlError(
      assembly,
      range.begin,
      `A value cannot be used in a link that is run instead of followed: found '${
        assembly.text.slice(range.begin, range.end)
      }'`,
    );
  }
  const end = END.exec(value);
  const headEnd = range.begin + (end?.index ?? value.length);
  const head = constructs.filter(({ begin }) => begin < headEnd);
  if (head.some(({ isTag }) => isTag)) {
    return judge(assembly, range.begin, range.end, "after");
  }
  const colon = end?.[0] ?? "";
  if (head.length > 0 && /^[:&]/.test(colon)) {
    assembly.replace(headEnd, headEnd + colon.length, ":");
    return judge(assembly, range.begin, headEnd + colon.length, "before");
  }
  for (const construct of head) addFilter(construct, LINK_TARGET_FILTER);
}

/** Guards each value of a list of targets, wherever it is in it. */
export function guardAll(assembly: Assembly, { begin, end }: Range): void {
  for (const construct of assembly.within(begin, end)) {
    if (!construct.isTag) addFilter(construct, LINK_TARGET_FILTER);
  }
}

/** Guards a URL of CSS or of a list of URLs, which has its own end. */
export function guardUrl(assembly: Assembly, text: string, { begin }: Range): void {
  if (text[begin] !== MASK) return;
  const first = assembly.within(begin, begin + 1)[0];
  if (first !== undefined && !first.isTag) addFilter(first, LINK_TARGET_FILTER);
}

/**
 * The output is raw, as its values are already escaped. It goes inside the quotes that an unquoted value gets.
 *
 * @param side Of the end: the quote after the target, or its last character.
 */
function judge(assembly: Assembly, begin: number, end: number, side: "before" | "after"): void {
  if (assembly.place(begin, "before").file !== assembly.place(end, side).file) {
    throw openTags(assembly, { begin, end });
  }
  assembly.insert(begin, `{% capture ${TARGET} %}`, "before", 1);
  assembly.insert(end, `{% endcapture %}{{ ${TARGET} ${LINK_TARGET_FILTER} | raw }}`, side, -1);
}

/** Adds a filter to an output, after all others except `raw`. */
function addFilter({ file, inFile, text }: PlacedConstruct, filter: string): void {
  const [tail] = /\s*(?:\|\s*raw\s*)?-?\}\}$/.exec(text)!;
  const at = inFile + text.length - tail.length;
  file.edits.insert(at, ` ${filter}`);
}

function openTags(assembly: Assembly, { begin, end }: Range) {
  return htmlError(
    assembly,
    begin,
    `An included file begins or ends within this target: found '${
      assembly.text.slice(begin, end)
    }'`,
    "Put the whole target into one file.",
  );
}
