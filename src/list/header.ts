import { isExport } from "./export_columns.ts";
import { InputError, type SourcePlace } from "../model/input_error.ts";
import { parseMailbox } from "./address.ts";
import { quote } from "../text/quote.ts";
import { nearest } from "../text/nearest.ts";
import { visible } from "../text/unseen.ts";
import type { Columns } from "../model/recipient.ts";

/**
 * Names of the column that holds the address, as `bare()` has them; an earlier line wins over a later one, so that "Address" is the
 * street where there is an "Email", and the first of a contact's addresses the one that is mailed.
 */
const EMAIL_NAMES: readonly (readonly string[])[] = [
  ["email", "mail"],
  [
    "emailaddress",
    "mailaddress",
    "emailaddr",
    ...[
      "emailadresse",
      "mailadresse",
      "emailadres",
      "adresemail",
      "epost",
      "epostadress",
      "epostadresse",
    ],
    ...["courriel", "adresseemail", "adressemail", "adresseelectronique", "adressedemessagerie"],
    ...["correo", "correoelectronico", "direcciondecorreoelectronico", "enderecodeemail"],
    ...["indirizzoemail", "indirizzopostaelettronica", "indirizzodipostaelettronica"],
  ],
  // Google Contacts, Thunderbird.
  ["email1value", "email1address", "primaryemail", "primaryemailaddress", "primareemailadresse"],
  ["recipient", "recipientemail", "subscriber", "subscriberemail"],
  ["address", "adresse"],
];

/** A name without case, accents, blanks, "-", "_", "." and ":", and without what nobody sees. */
function bare(name: string): string {
  return name.normalize("NFKD").toLowerCase().replace(/[\s._:\p{M}\p{Cf}\p{Pd}]+/gu, "");
}

/** Returns whether a column of this name is taken to hold the address. */
export function isEmailName(name: string): boolean {
  return EMAIL_NAMES.some((line) => line.includes(bare(name)));
}

/** Returns whether two names differ by nothing but case, accents, blanks, some punctuation and what nobody sees. */
export function isSameName(one: string, other: string): boolean {
  return bare(one) === bare(other);
}

/**
 * Reads the header record.
 *
 * @param separator What a line `sep=` of the file itself has named as the delimiter.
 * @throws {InputError} if a name is there twice, or no column, or more than one, can hold the address.
 */
export function readHeader(
  cells: readonly string[],
  emailColumn: string | undefined,
  place: SourcePlace,
  separator?: string,
): Columns {
  const names = namesOf(cells);
  refuseDuplicates(names, place);
  const email = emailColumn === undefined
    ? recognized(names, place, separator)
    : named(names, emailColumn, place, separator);
  return { names, email };
}

/**
 * The names of the columns. Where an export had cells behind its columns, a spreadsheet that saves it again makes columns without a
 * name of them: they are not the list's, and what is in them is still too much.
 */
function namesOf(cells: readonly string[]): readonly string[] {
  const names = cells.map((cell) => cell.trim());
  const named = names.slice(0, names.findLastIndex((name) => name !== "") + 1);
  return isExport(named) ? named : names;
}

function refuseDuplicates(names: readonly string[], place: SourcePlace): void {
  const seen = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    // Spreadsheets leave columns without a name at the end; no template can mean one of them.
    if (name === "") continue;
    const first = seen.get(name);
    if (first !== undefined) {
      throw new InputError(
        `Duplicate column ${quote(name)}: columns ${first + 1} and ${index + 1}`,
        { place, hint: "Rename or remove one of them" },
      );
    }
    seen.set(name, index);
  }
}

function recognized(
  names: readonly string[],
  place: SourcePlace,
  separator: string | undefined,
): number {
  const bareNames = names.map(bare);
  for (const line of EMAIL_NAMES) {
    const [first, second] = bareNames.flatMap((name, index) => line.includes(name) ? [index] : []);
    if (first === undefined) continue;
    if (second === undefined) return first;
    const both = `${quote(names[first] ?? "")} and ${quote(names[second] ?? "")}`;
    throw new InputError(`More than one column can hold the address: ${both}`, {
      place,
      hint: "Say which one with --email-column",
    });
  }
  throw new InputError(`No column holds an e-mail address: found ${listed(names)}`, {
    place,
    hint: hintFor(names, separator),
  });
}

function named(
  names: readonly string[],
  wanted: string,
  place: SourcePlace,
  separator: string | undefined,
): number {
  const exact = names.indexOf(wanted.trim());
  if (exact >= 0) return exact;
  // As messages show it: "Na<U+200B>me".
  const shown = names.findIndex((name) => visible(name) === visible(wanted.trim()));
  if (shown >= 0) return shown;
  const loose = names.flatMap((name, index) => isSameName(name, wanted) ? [index] : []);
  if (loose.length === 1 && loose[0] !== undefined) return loose[0];
  const near = nearest(wanted, names.filter((name) => name !== ""));
  const hint = separatedOtherwise(names, (name) => isSameName(name, wanted), separator) ??
    (near === undefined ? undefined : `Did you mean --email-column ${shellWord(near)}?`);
  throw new InputError(`There is no column ${quote(wanted)}: found ${listed(names)}`, {
    place,
    ...(hint !== undefined && { hint }),
  });
}

/** What to do about a header that is one column under the delimiter that was named, and several under another. */
function separatedOtherwise(
  names: readonly string[],
  isEmail: (name: string) => boolean,
  separator: string | undefined,
): string | undefined {
  if (names.length !== 1 || names[0]!.split(/[,;\t|]/).filter(isEmail).length !== 1) {
    return undefined;
  }
  return separator === undefined
    ? "Its columns seem to be separated by another character: omit --delimiter, or name that character"
    : `Its columns are not separated by the character that the line 'sep=${
      separator === "\t" ? "\\t" : separator
    }' above names: correct or remove that line`;
}

function hintFor(names: readonly string[], separator: string | undefined): string {
  const otherwise = separatedOtherwise(names, isEmailName, separator);
  if (otherwise !== undefined) return otherwise;
  if (names.some((name) => parseMailbox(name).kind === "mailbox")) {
    return "The first line looks like a recipient; put a header such as 'Name,Email' above it";
  }
  const near = names.find((name) => bare(name).includes("mail")) ??
    EMAIL_NAMES.flat().flatMap((known) => nearest(known, names) ?? [])[0];
  return near === undefined
    ? "Name the column that holds it with --email-column"
    : `Did you mean ${quote(near)}? Then add --email-column ${shellWord(near)}`;
}

/** Names in a message; a wide file's are cut short. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, 20).map(quote).join(", ");
  return names.length > 20 ? `${shown} and ${names.length - 20} more` : shown;
}

function shellWord(name: string): string {
  return /^[\w.-]+$/.test(name) ? name : `"${visible(name)}"`;
}
