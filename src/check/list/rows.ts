import type { ContentOptions } from "../../compose/content_options.ts";
import type { ListOptions } from "../../list/list_options.ts";
import { compileTemplate, type Composer } from "../../compose/composer.ts";
import { readContent } from "../../compose/content.ts";
import type { OthersShown } from "../../compose/headers/addresses/others_shown.ts";
import type { Mail } from "../../model/mail.ts";
import { checkingCopies } from "../../list/copies.ts";
import { openList } from "../../list/list.ts";
import { KeySet } from "../../keys/key_set.ts";
import { recipientOf } from "../../list/recipient.ts";
import type { BadRow, Columns, CsvRow, Recipient } from "../../model/recipient.ts";
import { InputError } from "../../model/input_error.ts";
import { MAX_TRACED, nameDuplicates, type Repeated } from "./duplicates.ts";
import { ValueWatch } from "../content/values.ts";
import { EncodingWatch } from "./encoding.ts";
import { nobodyFindings } from "./nobody.ts";
import type { Suppressing } from "../../suppression/suppression_files.ts";
import type { Finding } from "../finding.ts";

/** Sizes of the mails, in bytes as they leave, without a signature. */
export interface Sizes {
  readonly largest: { readonly bytes: number; readonly line: number };
  readonly smallest: number;
  readonly mean: number;
  /** Mails that only SMTPUTF8 carries (RFC 6531), and the line of the first. */
  readonly smtpUtf8: { readonly count: number; readonly line: number };
}

/** A mail that is examined more closely. */
export interface SampleMail {
  readonly line: number;
  readonly mail: Mail;
}

/** What reading the list with the template gives. `rows` = `recipients` + `invalid` + `duplicates`. */
export interface RowsResult {
  readonly encoding: string;
  readonly delimiter: string | undefined;
  readonly columns: readonly string[];
  readonly subject: string;
  readonly from: string;
  /** Headers that name others than the recipient of the first mail. */
  readonly shown: readonly OthersShown[];
  readonly rows: number;
  /** Rows that a condition does not choose; they are not among `rows`. */
  readonly notChosen: number;
  /** Recipients who would get a mail. */
  readonly recipients: number;
  /** Those of them whom `send` would leave out. */
  readonly suppressed: number;
  readonly invalid: number;
  readonly duplicates: number;
  /** undefined: no mail could be made. */
  readonly sizes: Sizes | undefined;
  /** The first mail, the largest one, and some with what looks like template syntax in a cell. */
  readonly samples: readonly SampleMail[];
}

interface RowsDependencies {
  readonly stdin: ReadableStream<Uint8Array>;
  readonly signal: AbortSignal;
  /** Who would be left out; undefined: nobody, or unknown. */
  readonly suppressing?: Pick<Suppressing, "why"> | undefined;
  readonly add: (finding: Finding) => void;
}

/** How many mails with template syntax in a cell are examined. */
const MAX_WITH_BRACES = 20;

/**
 * Renders the mail of every row, in memory that hardly grows with the list (11 to 21 bytes a row, for the duplicates).
 *
 * @throws {InputError} where the list or the template cannot be used at all, or the list has no rows.
 */
export async function checkRows(
  options: ListOptions & ContentOptions,
  dependencies: RowsDependencies,
): Promise<RowsResult> {
  const { signal, add, suppressing } = dependencies;
  const bytes = new EncodingWatch();
  await using list = await openList(options, {
    ...dependencies,
    onBytes: (piece) => bytes.take(piece),
  });
  const { columns, encoding, delimiter } = list;
  const composer = await composerOf(options, columns);
  const pass = new Pass(composer, columns, options.recipients, { add, suppressing });
  for await (const batch of list.rows) {
    signal.throwIfAborted();
    for (const row of batch) pass.take(row);
  }
  if (pass.rows + list.notChosen === 0) throw emptyList(options.recipients);
  for (const finding of bytes.findings(encoding, options.recipients)) add(finding);
  for (const finding of pass.values.findings()) add(finding);
  await nameDuplicates(options, composer.required, pass.repeated, dependencies);
  const { rows, recipients, suppressed, invalid, duplicates } = pass;
  nobodyFindings(options.recipients, pass, list.notChosen).forEach(add);
  return {
    encoding,
    delimiter,
    columns: columns.names,
    subject: composer.subject,
    from: composer.from,
    shown: pass.shown,
    rows,
    notChosen: list.notChosen,
    recipients,
    suppressed,
    invalid,
    duplicates,
    sizes: pass.sizes,
    samples: pass.samples,
  };
}

async function composerOf(options: ContentOptions, columns: Columns): Promise<Composer> {
  const sevenBit = options.dkim !== undefined;
  const source = await readContent(options);
  return checkingCopies(await compileTemplate({ ...source, columns, sevenBit }));
}

function emptyList(file: string): InputError {
  return new InputError("The list has no recipients: nothing follows its header", {
    place: { file },
  });
}

/** One reading of the list: each row is rendered, measured and forgotten. */
class Pass {
  rows = 0;
  recipients = 0;
  suppressed = 0;
  invalid = 0;
  duplicates = 0;
  shown: readonly OthersShown[] = [];
  readonly repeated: Repeated[] = [];
  readonly values: ValueWatch;

  readonly #composer: Composer;
  readonly #columns: Columns;
  readonly #file: string;
  readonly #add: (finding: Finding) => void;
  readonly #suppressing: RowsDependencies["suppressing"];
  readonly #keys = new KeySet();
  #first: SampleMail | undefined;
  #largest: SampleMail | undefined;
  readonly #withBraces: SampleMail[] = [];
  #smallest = Infinity;
  #bytes = 0;
  #utf8 = { count: 0, line: 0 };

  constructor(
    composer: Composer,
    columns: Columns,
    file: string,
    { add, suppressing }: Pick<RowsDependencies, "add" | "suppressing">,
  ) {
    this.#composer = composer;
    this.#columns = columns;
    this.#file = file;
    this.#add = add;
    this.#suppressing = suppressing;
    this.values = new ValueWatch(composer.uses(), columns, file);
  }

  take(row: CsvRow | BadRow): void {
    this.rows++;
    const { required } = this.#composer;
    if (row.kind === "row") this.values.take(row.line, row.cells);
    const entry = row.kind === "row" ? recipientOf(row, this.#columns, required) : row;
    if (entry.kind === "bad-row") return this.#refuse(entry.line, entry.reason);
    if (!this.#keys.add(entry.key)) {
      this.duplicates++;
      const { key, line, address } = entry;
      if (this.repeated.length < MAX_TRACED) this.repeated.push({ key, line, address });
      return;
    }
    // As when sending: of those who get no mail, none is made.
    if (this.#suppressing?.why(entry.key) !== undefined) {
      this.recipients++;
      this.suppressed++;
      return;
    }
    const mail = this.#composer.compose(entry, { eightBit: true });
    if ("kind" in mail) return this.#refuse(entry.line, mail.reason);
    if (this.#first === undefined) this.shown = this.#composer.othersShown(entry);
    this.recipients++;
    this.#measure(entry, mail);
  }

  get sizes(): Sizes | undefined {
    if (this.#largest === undefined) return undefined;
    const { line, mail } = this.#largest;
    return {
      largest: { bytes: mail.bytes.length, line },
      smallest: this.#smallest,
      mean: Math.round(this.#bytes / (this.recipients - this.suppressed)),
      smtpUtf8: this.#utf8,
    };
  }

  get samples(): readonly SampleMail[] {
    const all = [this.#first, this.#largest, ...this.#withBraces].filter((one) =>
      one !== undefined
    );
    return all.filter(({ line }, at) => all.findIndex((other) => other.line === line) === at);
  }

  #refuse(line: number, reason: string): void {
    this.invalid++;
    this.#add({
      level: "warning",
      check: "list.invalid",
      what: reason,
      why: "No mail can be made from the row, so it is skipped",
      fix: "Correct it in the list",
      where: { file: this.#file, line },
    });
  }

  #measure({ line, fields }: Recipient, mail: Mail): void {
    const { length } = mail.bytes;
    const sample = { line, mail };
    this.#first ??= sample;
    if (length > (this.#largest?.mail.bytes.length ?? -1)) this.#largest = sample;
    this.#smallest = Math.min(this.#smallest, length);
    this.#bytes += length;
    if (mail.envelope.smtpUtf8 && this.#utf8.count++ === 0) this.#utf8.line = line;
    if (this.#withBraces.length < MAX_WITH_BRACES && fields.some(hasBraces)) {
      this.#withBraces.push(sample);
    }
  }
}

function hasBraces(cell: string): boolean {
  return cell.includes("{{") || cell.includes("}}") || cell.includes("{%");
}
