import type { ContentOptions } from "./content_options.ts";
import { InputError } from "../model/input_error.ts";
import type { CompileInput } from "./composer.ts";
import type { TextFile } from "./template/template.ts";
import { fileErrorReason } from "../files/file_error.ts";

/**
 * Reads the files that mails are made from; with the columns of the list this is all that `compileTemplate` needs.
 *
 * @throws {InputError} if a file cannot be read or is not UTF-8.
 */
export async function readContent(
  options: ContentOptions,
): Promise<Omit<CompileInput, "columns">> {
  // Field by field, always in this order: the campaign's content digest is taken over it.
  return {
    template: await readText(options.template, "template"),
    text: options.text === undefined ? undefined : await readText(options.text, "text part"),
    timezone: options.timezone,
    dateFormat: options.dateFormat,
    from: options.from,
    replyTo: options.replyTo,
    mailingList: options.mailingList,
    origins: options.origins,
    verp: options.verp,
    campaign: options.campaign,
    copies: options.copies,
    withheld: options.withheld,
  };
}

async function readText(file: string, what: string): Promise<TextFile> {
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(file);
  } catch (cause) {
    throw new InputError(`Cannot read the ${what}: ${fileErrorReason(cause)}`, {
      place: { file },
      cause,
    });
  }
  try {
    return { file, text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch (cause) {
    const line = lineOfFault(bytes);
    throw new InputError(`The ${what} is not UTF-8`, {
      place: { file, line },
      hint: "Save it as UTF-8.",
      cause,
    });
  }
}

/** The line with the first byte that is not UTF-8, counted from 1. */
function lineOfFault(bytes: Uint8Array): number {
  let line = 1;
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for (let start = 0; start < bytes.length; line++) {
    const found = bytes.indexOf(0x0a, start);
    const end = found === -1 ? bytes.length : found + 1;
    try {
      decoder.decode(bytes.subarray(start, end));
    } catch {
      return line;
    }
    start = end;
  }
  return line;
}
