import type { Recipient } from "../../model/recipient.ts";
import { isBlank } from "../../text/blank.ts";
import { InputError } from "../../model/input_error.ts";
import { LONGEST_LINE } from "../mime/encode.ts";
import { headerText } from "./header_text.ts";
import type { RenderedAddresses } from "./addresses/address_header.ts";
import { HeaderWriter, isPlain, unstructured } from "./header_writer.ts";
import type { Unmailable } from "../../model/mail.ts";
import { type Compiled, fill, isConstant } from "../template/slots.ts";
import type { TemplateHeader } from "../template/template.ts";

/** Headers that programs read: no encoded words in them (RFC 2047, 5). */
const STRUCTURED =
  /^(?:in-reply-to|references|auto-submitted|list-(?:help|subscribe|unsubscribe|unsubscribe-post|post|owner|archive))$/;

/** A compiled header line of the template. */
export interface CompiledHeader extends TemplateHeader {
  readonly compiled: Compiled;
}

/** One header of each mail: its text with CRLF, and the addresses in it. */
export type HeaderLine = (recipient: Recipient) => RenderedAddresses | Unmailable;

function whyNot(name: string, text: string): string {
  return isPlain(text)
    ? `The header ${name} cannot be folded into lines of at most ${LONGEST_LINE} characters (RFC 5322, 2.1.1): it has ${text.length} and no single space in the right place`
    : `The header ${name} may hold printable ASCII only (RFC 5322, 2.2.2): found '${
      text.slice(0, 60)
    }'`;
}

/** The line of a text header, rendered for each row, or once if it is constant. */
export function textLine(
  { name, compiled, place }: CompiledHeader,
  whenEmpty?: string,
): HeaderLine {
  const render = (text: string): RenderedAddresses | Unmailable => {
    if (whenEmpty !== undefined && isBlank(text)) return { kind: "unmailable", reason: whenEmpty };
    if (text === "") return { line: "", addresses: [] };
    if (!STRUCTURED.test(name.toLowerCase())) {
      return { line: unstructured(name, text), addresses: [] };
    }
    const header = new HeaderWriter(name);
    if (isPlain(text) && header.plain(text)) return { line: header.line, addresses: [] };
    return { kind: "unmailable", reason: whyNot(name, text) };
  };
  if (isConstant(compiled)) {
    const constant = render(headerText(compiled.pieces.join("")));
    if ("reason" in constant) throw new InputError(constant.reason, { place });
    return () => constant;
  }
  return (recipient) => render(headerText(fill(compiled, recipient)));
}
