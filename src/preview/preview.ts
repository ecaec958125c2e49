import type { CampaignOptions } from "../cli/options.ts";
import { compileTemplate } from "../compose/composer.ts";
import { readContent } from "../compose/content.ts";
import { Signer } from "../compose/dkim.ts";
import type { Mail } from "../compose/mail.ts";
import { openList } from "../produce/csv.ts";
import { type BadRow, type CsvRow, recipientOf } from "../produce/recipient.ts";
import { InputError } from "../report/input_error.ts";
import { countOf } from "../report/quantity.ts";

/** Which rows to make mails of; none chosen: the first. */
export interface Choice {
  /** Rows of the list, counted from 1 without the header. */
  readonly rows: readonly number[];
  /** Keys of recipients (see `Recipient`); the first row of each counts. */
  readonly keys: readonly string[];
}

/** What one chosen row would become. */
export interface Preview {
  readonly line: number;
  readonly address: string;
  readonly mail: Mail | { readonly kind: "none"; readonly reason: string };
}

/**
 * Makes the mails of chosen rows as `send` would make them, in the order of the list; reads no further than needed.
 *
 * @throws {InputError} where list or template cannot be used, or a chosen row is not there.
 */
export async function* previewMails(
  options: CampaignOptions,
  choice: Choice,
  surroundings: { readonly stdin: ReadableStream<Uint8Array>; readonly signal: AbortSignal },
): AsyncGenerator<Preview> {
  const rows = new Set(choice.rows);
  const keys = new Set(choice.keys);
  if (rows.size + keys.size === 0) rows.add(1);

  await using list = await openList(options, surroundings);
  const { columns } = list;
  const { dkim } = options;
  const composer = await compileTemplate({
    ...await readContent(options),
    columns,
    sevenBit: dkim !== undefined,
  });
  using signer = dkim && new Signer(dkim);
  let number = 0;
  for await (const batch of list.rows) {
    surroundings.signal.throwIfAborted();
    for (const row of batch) {
      number++;
      const entry = entryOf(row);
      const byNumber = rows.delete(number);
      const byKey = entry.kind === "recipient" && keys.delete(entry.key);
      if (byNumber || byKey) yield await preview(entry);
      if (rows.size + keys.size === 0) return;
    }
  }
  const missing = rows.size > 0 ? `row ${[...rows][0]}` : `recipient ${[...keys][0]}`;
  throw new InputError(`The list has no ${missing}: it has ${countOf(number, "row")}`, {
    place: { file: options.recipients },
  });

  function entryOf(row: CsvRow | BadRow) {
    return row.kind === "row" ? recipientOf(row, columns, composer.required) : row;
  }

  async function preview(entry: ReturnType<typeof entryOf>): Promise<Preview> {
    const { line, address } = entry;
    if (entry.kind === "bad-row") {
      return { line, address, mail: { kind: "none", reason: entry.reason } };
    }
    const mail = composer.compose(entry, { eightBit: true });
    if ("kind" in mail) return { line, address, mail: { kind: "none", reason: mail.reason } };
    return { line, address, mail: signer === undefined ? mail : await signer.sign(mail) };
  }
}
