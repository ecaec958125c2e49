import { InputError } from "../../model/input_error.ts";
import type { Unmailable } from "../../model/mail.ts";
import { quote } from "../../text/quote.ts";
import { fill, isConstant } from "../template/slots.ts";
import type { RenderedAddresses } from "./addresses/address_header.ts";
import { headerText } from "./header_text.ts";
import { unstructured } from "./header_writer.ts";
import type { CompiledHeader, HeaderLine } from "./text_header.ts";

/** The shape of a language tag (RFC 5646, 2.1): subtags of at most eight letters and digits. */
const TAG = /^(?:[a-z]{2,8}|[ix])(?:-[a-z0-9]{1,8})*$/i;

/**
 * The tag that is the same in every mail; undefined if the header is missing or depends on the row.
 *
 * @throws {InputError} If it is not a language tag.
 */
export function constantLanguage(header: CompiledHeader | undefined): string | undefined {
  if (header === undefined || !isConstant(header.compiled)) return undefined;
  const text = headerText(header.compiled.pieces.join("")).trim();
  if (TAG.test(text)) return text;
  throw new InputError(whyNot(text), { place: header.place, hint: hintFor(text) });
}

/** The line of each mail; none for a row without a language. */
export function languageLine({ name, compiled }: CompiledHeader): HeaderLine {
  const render = (text: string): RenderedAddresses | Unmailable => {
    if (text === "") return { line: "", addresses: [] };
    if (!TAG.test(text)) return { kind: "unmailable", reason: whyNot(text) };
    return { line: unstructured(name, text), addresses: [] };
  };
  return (recipient) => render(headerText(fill(compiled, recipient)).trim());
}

function whyNot(text: string): string {
  return `Content-Language must be a tag such as 'de' or 'pt-BR': found ${quote(text)}`;
}

function hintFor(text: string): string | undefined {
  const withDashes = text.replaceAll("_", "-");
  return withDashes !== text && TAG.test(withDashes) ? `Write ${withDashes}.` : undefined;
}
