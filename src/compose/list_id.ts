import { phrase } from "./address_header.ts";
import { FoldedHeader } from "./header.ts";

/** Atoms with dots between them, two at least (RFC 2919, 2). */
const LIST_ID =
  /^(?:([^<>]*[^<>\s])\s*)?<([\w!#$%&'*+\/=?^`{|}~-]+(?:\.[\w!#$%&'*+\/=?^`{|}~-]+)+)>$/;
/** RFC 2919, 2 (5). */
const LONGEST = 255;

/** The List-Id line (RFC 2919) for `news.example.com` or `Acme News <news.example.com>`; undefined where it is neither. */
export function listIdLine(text: string): string | undefined {
  const found = LIST_ID.exec(/[<>]/.test(text) ? text : `<${text}>`);
  if (found === null || found[2]!.length > LONGEST) return undefined;
  const header = new FoldedHeader("List-Id");
  if (found[1] !== undefined) header.addWord(phrase(found[1], header.column + 1));
  header.addWord(`<${found[2]}>`);
  return `${header.text}\r\n`;
}
