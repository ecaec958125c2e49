import { InputError } from "../../model/input_error.ts";
import { headerText } from "./header_text.ts";
import { type Compiled, isConstant } from "../template/slots.ts";
import type { CompiledHeader } from "./text_header.ts";
import { HeaderWriter } from "./header_writer.ts";
import type { TemplateSource } from "../template/template.ts";
import { type Fail, type Token, tokensOf } from "./addresses/address_tokens.ts";
import { MarkedSource } from "./addresses/marked_source.ts";

/** Atoms with dots between them, at least two (RFC 2919, 2). */
const LIST_ID = /^[\w!#$%&'*+\/=?^`{|}~-]+(?:\.[\w!#$%&'*+\/=?^`{|}~-]+)+$/;

/** RFC 2919, 2 (5). */
const LONGEST = 255;

/**
 * The List-Id line (RFC 2919) of `news.example.com` or `Acme News <news.example.com>`; the name may be in quotes.
 *
 * @throws {InputError} If it is neither, or not the same in every mail.
 */
export function listIdLine({ name, value, compiled, place }: CompiledHeader): string {
  const found = isConstant(compiled) ? readNamed(name, value, compiled) : undefined;
  if (found === undefined || !LIST_ID.test(found.id) || found.id.length > LONGEST) {
    throw new InputError(
      `List-Id must be the same name in every mail, such as news.example.com or Acme News <news.example.com>: found '${value.text.trim()}'`,
      { place },
    );
  }
  const header = new HeaderWriter("List-Id");
  const listName = headerText(found.name);
  if (listName !== "") header.phrase(listName);
  return header.word(`<${found.id}>`).line;
}

/**
 * Reads `name <id>` or `id` (RFC 2919, 3), which are constant.
 *
 * @throws {InputError} For quotes, parentheses or brackets that are not closed, and for text around them.
 */
function readNamed(
  name: string,
  source: TemplateSource,
  compiled: Pick<Compiled, "dialect" | "pieces">,
): { readonly name: string; readonly id: string } | undefined {
  const marked = new MarkedSource(source, compiled);
  const fail: Fail = (at, what) => {
    throw new InputError(`${name} cannot be read: ${what}`, { place: marked.place(at) });
  };
  const tokens = tokensOf(marked, fail);
  const last = tokens.at(-1);
  const before = tokens.slice(0, -1);
  if (last === undefined || before.some(({ kind }) => kind === "angle")) return undefined;
  if (last.kind !== "angle" && (last.kind !== "word" || before.length > 0)) return undefined;
  return { name: phraseOf(before), id: last.pieces.join("") };
}

/** The text of a display name's tokens. */
function phraseOf(tokens: readonly Token[]): string {
  return tokens.map(({ kind, pieces, spaced }, index) => {
    const text = kind === "comment" ? `(${pieces.join("")})` : pieces.join("");
    return `${spaced && index > 0 ? " " : ""}${text}`;
  }).join("");
}
