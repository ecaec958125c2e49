import { isBlank } from "../text/blank.ts";
import { parseMailbox } from "./address.ts";
import { quote } from "../text/quote.ts";
import type { BadRow, Columns, CsvRow, Recipient } from "../model/recipient.ts";

/**
 * Returns the recipient of a row of the right width, or why there is none.
 *
 * @param required Indexes of the columns that the template requires.
 */
export function recipientOf(
  row: CsvRow,
  columns: Columns,
  required: readonly number[],
): Recipient | BadRow {
  const { line, cells } = row;
  const cell = cells[columns.email] ?? "";
  const mailbox = parseMailbox(cell);
  if (mailbox.kind === "not-a-mailbox") {
    return { kind: "bad-row", line, address: cell, fields: cells, reason: mailbox.reason };
  }
  for (const index of required) {
    if (!isBlank(cells[index] ?? "")) continue;
    const header = columns.names[index] ?? "";
    const name = isBlank(header) ? String(index + 1) : quote(header);
    const reason = `Column ${name} is empty, and the template needs it`;
    return { kind: "bad-row", line, address: cell, fields: cells, reason };
  }
  return { kind: "recipient", key: mailbox.key, line, address: mailbox.address, fields: cells };
}
