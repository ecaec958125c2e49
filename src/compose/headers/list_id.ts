import { InputError } from "../../model/input_error.ts";
import { headerText } from "./header_text.ts";
import { isConstant } from "../template/slots.ts";
import type { CompiledHeader } from "./text_header.ts";
import { readNamed } from "./address_list.ts";
import { HeaderWriter } from "./header_writer.ts";

/** Atoms with dots between them, two at least (RFC 2919, 2). */
const LIST_ID = /^[\w!#$%&'*+\/=?^`{|}~-]+(?:\.[\w!#$%&'*+\/=?^`{|}~-]+)+$/;
/** RFC 2919, 2 (5). */
const LONGEST = 255;

/**
 * The List-Id line (RFC 2919) of `news.example.com` or `Acme News <news.example.com>`; the name may stand in quotes.
 *
 * @throws {InputError} Where it is neither, or not the same in every mail.
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
