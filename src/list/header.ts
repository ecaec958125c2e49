import { isExport } from "./export_columns.ts";
import { InputError, type SourcePlace } from "../model/input_error.ts";
import type { ListOptions } from "./list_options.ts";
import { parseMailbox } from "./address.ts";
import { quote, shellWord } from "../text/quote.ts";
import { nearest } from "../text/nearest.ts";
import { visible } from "../text/unseen.ts";
import type { Columns } from "../model/recipient.ts";

/**
 * Names of the address column, as `bare()` returns them. Earlier lines take precedence, so that "Address" is the
 * street if there is also an "Email", and of several addresses of a contact the first one is mailed.
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

/** Reduces a name for comparison: no case, accents, blanks, "-", "_", ".", ":" or invisible characters. */
function bare(name: string): string {
  return name.normalize("NFKD").toLowerCase().replace(/[\s._:\p{M}\p{Cf}\p{Pd}]+/gu, "");
}

/** Returns whether a column with this name is assumed to hold the address. */
export function isEmailName(name: string): boolean {
  return EMAIL_NAMES.some((line) => line.includes(bare(name)));
}

/** Returns whether two names differ only in case, accents, blanks, some punctuation and invisible characters. */
export function isSameName(one: string, other: string): boolean {
  return bare(one) === bare(other);
}

/**
 * Reads the header record.
 *
 * @param separator The delimiter from a `sep=` line in the file.
 * @throws {InputError} if a name is duplicate, or if not exactly one column can hold the address.
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
    : named(names, emailColumn, { flag: "--email-column", place, separator });
  return { names, email };
}

/**
 * Reads the header record of a list of recipients, who may have a column that is part of their key.
 *
 * @throws {InputError} as `readHeader()` does, and if that column does not exist or holds the address
 */
export function readColumns(
  cells: readonly string[],
  { emailColumn, keyColumn }: Pick<ListOptions, "emailColumn" | "keyColumn">,
  place: SourcePlace,
  separator?: string,
): Columns {
  const columns = readHeader(cells, emailColumn, place, separator);
  if (keyColumn === undefined) return columns;
  const { names, email } = columns;
  const key = named(names, keyColumn, { flag: "--key", place, separator });
  if (key !== email) return { ...columns, key };
  throw new InputError(
    `--key must be another column than that of the address: found ${quote(keyColumn)}`,
    { place, hint: "Omit --key: the address alone identifies a recipient." },
  );
}

/**
 * Returns the names of the columns. If an export had surplus cells, a spreadsheet that saves it again adds columns
 * without a name for them. They do not belong to the list, and their values are still surplus.
 */
function namesOf(cells: readonly string[]): readonly string[] {
  const names = cells.map((cell) => cell.trim());
  const named = names.slice(0, names.findLastIndex((name) => name !== "") + 1);
  return isExport(named) ? named : names;
}

function refuseDuplicates(names: readonly string[], place: SourcePlace): void {
  const seen = new Map<string, number>();
  for (const [index, name] of names.entries()) {
    // Spreadsheets leave unnamed columns at the end; no template can refer to them.
    if (name === "") continue;
    const first = seen.get(name);
    if (first !== undefined) {
      throw new InputError(
        `Duplicate column ${quote(name)}: columns ${first + 1} and ${index + 1}`,
        { place, hint: "Rename or remove one of them." },
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
      hint: "Choose one with --email-column.",
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
  { flag, place, separator }: {
    readonly flag: string;
    readonly place: SourcePlace;
    readonly separator: string | undefined;
  },
): number {
  const exact = names.indexOf(wanted.trim());
  if (exact >= 0) return exact;
  // As shown in messages: "Na<U+200B>me".
  const shown = names.findIndex((name) => visible(name) === visible(wanted.trim()));
  if (shown >= 0) return shown;
  const loose = names.flatMap((name, index) => isSameName(name, wanted) ? [index] : []);
  if (loose.length === 1 && loose[0] !== undefined) return loose[0];
  const near = nearest(wanted, names.filter((name) => name !== ""));
  const hint = separatedOtherwise(names, (name) => isSameName(name, wanted), separator) ??
    (near === undefined ? undefined : `Did you mean ${flag} ${shellWord(near)}?`);
  throw new InputError(`There is no column ${quote(wanted)}: found ${listed(names)}`, {
    place,
    ...(hint !== undefined && { hint }),
  });
}

/** Returns a hint if the header has one column with the given delimiter, but several with another. */
function separatedOtherwise(
  names: readonly string[],
  isEmail: (name: string) => boolean,
  separator: string | undefined,
): string | undefined {
  if (names.length !== 1 || names[0]!.split(/[,;\t|]/).filter(isEmail).length !== 1) {
    return undefined;
  }
  return separator === undefined
    ? "Its columns seem to be separated by another character. Omit --delimiter, or give that character."
    : `Its columns are not separated by the character in the line 'sep=${
      separator === "\t" ? "\\t" : separator
    }' above the header. Correct or remove that line.`;
}

function hintFor(names: readonly string[], separator: string | undefined): string {
  const otherwise = separatedOtherwise(names, isEmailName, separator);
  if (otherwise !== undefined) return otherwise;
  if (names.some((name) => parseMailbox(name).kind === "mailbox")) {
    return "The first line looks like a recipient. Put a header such as 'Name,Email' above it.";
  }
  const near = names.find((name) => bare(name).includes("mail")) ??
    EMAIL_NAMES.flat().flatMap((known) => nearest(known, names) ?? [])[0];
  return near === undefined
    ? "Name the column that holds it with --email-column."
    : `Did you mean ${quote(near)}? If so, add --email-column ${shellWord(near)}.`;
}

/** Lists names for a message, at most 20 of them. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, 20).map(quote).join(", ");
  return names.length > 20 ? `${shown} and ${names.length - 20} more` : shown;
}
