import type { CampaignOptions } from "../cli/options.ts";
import { compileTemplate } from "../compose/composer.ts";
import { readContent } from "../compose/content.ts";
import { openList } from "../produce/csv.ts";
import { type BadRow, type Recipient, recipientOf } from "../produce/recipient.ts";
import { InputError } from "../report/input_error.ts";
import { countOf, countText } from "../report/quantity.ts";

/** A row that `send` would not mail, and why. */
export interface Finding {
  readonly kind: "invalid" | "duplicate";
  readonly file: string;
  readonly line: number;
  readonly address: string;
  readonly reason: string;
}

const TALLIED = { invalid: "invalid", duplicate: "duplicates" } as const;

/** What a list and a template come to. */
export interface CheckResult {
  readonly encoding: string;
  readonly delimiter: string;
  readonly columns: readonly string[];
  readonly subject: string;
  readonly from: string;
  readonly rows: number;
  /** Recipients who would get a mail. */
  readonly recipients: number;
  readonly invalid: number;
  readonly duplicates: number;
}

/**
 * Makes the mail of every row of the list and sends none.
 *
 * @param surroundings.onFinding Told of each row that would not be mailed, in the order of the list; the check waits for it.
 * @throws {InputError} where the list or the template cannot be used at all.
 */
export async function checkCampaign(
  options: CampaignOptions,
  surroundings: {
    readonly stdin: ReadableStream<Uint8Array>;
    readonly signal: AbortSignal;
    readonly onFinding: (finding: Finding) => void;
  },
): Promise<CheckResult> {
  const { signal, onFinding } = surroundings;
  await using list = await openList(options, surroundings);
  const { columns, encoding, delimiter } = list;
  const composer = await compileTemplate({ ...await readContent(options), columns });
  const firstLines = new Map<string, number>();
  const count = { rows: 0, recipients: 0, invalid: 0, duplicates: 0 };

  const faultOf = (row: Recipient | BadRow): Pick<Finding, "kind" | "reason"> | undefined => {
    if (row.kind === "bad-row") return { kind: "invalid", reason: row.reason };
    const first = firstLines.get(row.key);
    if (first !== undefined) return { kind: "duplicate", reason: `duplicate of line ${first}` };
    firstLines.set(row.key, row.line);
    const mail = composer.compose(row, { eightBit: true });
    return "kind" in mail ? { kind: "invalid", reason: mail.reason } : undefined;
  };

  for await (const batch of list.rows) {
    signal.throwIfAborted();
    for (const row of batch) {
      count.rows++;
      const entry = row.kind === "row" ? recipientOf(row, columns, composer.required) : row;
      const fault = faultOf(entry);
      count[fault === undefined ? "recipients" : TALLIED[fault.kind]]++;
      if (fault === undefined) continue;
      onFinding({ ...fault, file: options.recipients, line: entry.line, address: entry.address });
    }
  }
  if (count.rows === 0) {
    throw new InputError("The list holds no recipients: nothing follows its header", {
      place: { file: options.recipients },
    });
  }
  return {
    encoding,
    delimiter,
    columns: columns.names,
    subject: composer.subject,
    from: composer.from,
    ...count,
  };
}

/** The result in words. */
export function resultLines(options: CampaignOptions, result: CheckResult): string[] {
  const { rows, recipients, invalid, duplicates, encoding, delimiter } = result;
  const separator = delimiter === "\t" ? "tab" : `'${delimiter}'`;
  return [
    `List      ${options.recipients}: ${
      countOf(rows, "row")
    }, ${encoding}, separated by ${separator}`,
    `Columns   ${result.columns.join(", ")}`,
    `Template  ${options.template}: ${result.subject}`,
    `From      ${result.from}`,
    `Result    ${countText(recipients)} can be mailed, ${countText(invalid)} invalid, ${
      countOf(duplicates, "duplicate")
    }`,
  ];
}
