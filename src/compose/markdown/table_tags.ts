import { constructsOf, MASK, masked } from "../html/document/constructs.ts";
import type { TemplateSource } from "../template/template.ts";

/** The line below a table's header (GitHub Flavored Markdown, 4.10). */
const DELIMITER = /^ {0,3}\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$/;
const FENCE = /^ {0,3}(?:`{3,}|~{3,})/;

/**
 * Markdown in which tags may be on separate lines between the rows of a table: the line break after such a tag would become
 * an empty line, which ends the table. After the last tag behind a table it stays.
 */
export function withTableTags({ text, file }: Pick<TemplateSource, "text" | "file">): string {
  if (!text.includes("|") || !text.includes("{%")) return text;
  const tags = constructsOf({ text, file }).filter(({ isTag }) => isTag);
  const lines = masked(text, tags).split("\n");
  const isTags = (line = ""): boolean =>
    line.includes(MASK) && line.replaceAll(MASK, "").trim() === "";
  const isRow = (line = ""): boolean => line.includes("|");
  let result = "";
  let at = 0;
  let isTable = false;
  let isFenced = false;
  lines.forEach((line, index) => {
    const isLast = index === lines.length - 1;
    const end = at + line.length;
    const next = lines[index + 1];
    if (FENCE.test(line)) isFenced = !isFenced;
    if (DELIMITER.test(line) && line.includes("-") && isRow(lines[index - 1]) && !isFenced) {
      isTable = true;
    } else if (!isRow(line) && !isTags(line)) isTable = false;
    const joins = isTable && isTags(line) && (isTags(next) || isRow(next));
    result += text.slice(at, end) + (joins || isLast ? "" : "\n");
    at = end + 1;
  });
  return result;
}
