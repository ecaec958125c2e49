import { isBlank } from "../text/blank.ts";
import { unseenIn } from "../text/quote.ts";

/** Most characters of a cell that is part of a key: every key is in the ledger, and in an index. */
const LONGEST = 200;

/**
 * Returns a cell of the key column as it is part of `Recipient.key`, or what is wrong with it.
 *
 * Nothing but surrounding blanks and the Unicode form is changed: "INV-7" and "inv-7" may be two invoices.
 */
export function keyPartOf(cell: string): string | { readonly fault: string } {
  if (isBlank(cell)) return { fault: "is empty, and --key needs it" };
  const part = cell.trim().normalize("NFC");
  if (part.length > LONGEST) {
    return { fault: `is longer than ${LONGEST} characters, the most that --key allows` };
  }
  const unseen = unseenIn(part);
  if (unseen !== undefined) return { fault: `contains ${unseen}, which --key does not allow` };
  return part;
}
