import { isBlank } from "../text/blank.ts";
import { parseMailbox } from "./address.ts";
import { keyPartOf } from "./key_part.ts";
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
  let { key } = mailbox;
  if (columns.key !== undefined) {
    const part = keyPartOf(cells[columns.key] ?? "");
    if (typeof part !== "string") {
      const reason = `Column ${columnName(columns, columns.key)} ${part.fault}`;
      return { kind: "bad-row", line, address: cell, fields: cells, reason };
    }
    key = `${key} ${part}`;
  }
  for (const index of required) {
    if (!isBlank(cells[index] ?? "")) continue;
    const reason = `Column ${columnName(columns, index)} is empty, and the template needs it`;
    return { kind: "bad-row", line, address: cell, fields: cells, reason };
  }
  return { kind: "recipient", key, line, address: mailbox.address, fields: cells };
}

function columnName({ names }: Columns, index: number): string {
  const header = names[index] ?? "";
  return isBlank(header) ? String(index + 1) : quote(header);
}
