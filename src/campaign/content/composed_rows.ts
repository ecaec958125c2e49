import type { SendOptions } from "../send_options.ts";
import type { Composer } from "../../compose/composer.ts";
import type { SourceDependencies } from "../../list/file/source.ts";
import { type List, openList } from "../../list/list.ts";
import { KeySet } from "../../keys/key_set.ts";
import { openLedgerReader } from "../../ledger/open.ts";
import { CopyCount } from "./copy_count.ts";
import { recipientOf } from "../../list/recipient.ts";
import { InputError } from "../../model/input_error.ts";
import type { BadRow, CsvRow, Recipient } from "../../model/recipient.ts";
import { Selection } from "../../pipeline/producer/selection.ts";
import type { Suppressing } from "../../suppression/suppression_files.ts";
import type { Reporter } from "../../report/reporter.ts";
import { countOf, countText } from "../../text/quantity.ts";
import { now } from "../../time/steady_time.ts";

/** A row that makes no mail. */
interface UnmailableRow {
  readonly line: number;
  readonly reason: string;
}

/** What composing the mail of every row found, as `check` counts; `rows` = `recipients` + `invalid` + `duplicates`. */
export interface ComposedRows {
  readonly rows: number;
  readonly recipients: number;
  /** Copies of their mails; missing if nobody gets any. */
  readonly copies?: number;
  readonly invalid: number;
  readonly duplicates: number;
  /** The first of the invalid rows. */
  readonly examples: readonly UnmailableRow[];
  readonly encoding: string;
  readonly delimiter: string | undefined;
  /** Rows that a condition does not choose. */
  readonly notChosen: number;
  /** Of `recipients`, those whom the suppression leaves out. */
  readonly suppressed: number;
}

/** What decides whom this run could mail, and therefore whose rows `--strict` is about. */
export interface ComposingContext {
  readonly composer: Composer;
  readonly suppression: Pick<Suppressing, "why">;
  /** An earlier run has sent mails. */
  readonly hasSent: boolean;
  readonly reporter: Pick<Reporter, "info">;
}

/** How often the progress through a long list is reported. */
const PROGRESS_MS = 10_000;
/** Most invalid rows that are named. */
const EXAMPLES = 20;
/** Most invalid rows that an error names. */
const NAMED = 8;

/** Composes the mail of every row of a list in a file once and discards it. */
export async function composeRows(
  options: SendOptions,
  context: ComposingContext,
  dependencies: Pick<SourceDependencies, "signal" | "open">,
): Promise<ComposedRows> {
  await using list = await openList(options, dependencies);
  return await composeRowsOf(list, options, context, dependencies.signal);
}

/**
 * Composes the mail of every row once and discards it: only that shows whether a row is valid.
 *
 * @throws {InputError} with `--strict`, if a row that this run could mail makes no mail: an ambiguous date, a missing file
 */
export async function composeRowsOf(
  list: List,
  options: SendOptions,
  context: ComposingContext,
  signal: AbortSignal,
): Promise<ComposedRows> {
  const composing = new Composing(list, options, context);
  let reportedAt = now();
  for await (const batch of list.rows) {
    signal.throwIfAborted();
    if (now() - reportedAt >= PROGRESS_MS) {
      reportedAt = now();
      context.reporter.info(`Composing every mail first: ${countOf(composing.rows, "row")} so far`);
    }
    for (const row of batch) {
      const unmailable = composing.take(row);
      if (unmailable === undefined || !options.strict) continue;
      await composing.count(unmailable);
    }
  }
  if (composing.refused.count > 0) throw refusal(options, composing.rows, composing.refused);
  const { rows, recipients, copies, invalid, duplicates, suppressed, examples } = composing;
  const { encoding, delimiter } = list;
  return {
    rows,
    recipients,
    ...(copies !== undefined && { copies }),
    invalid,
    duplicates,
    examples,
    encoding,
    delimiter,
    notChosen: list.notChosen,
    suppressed,
  };
}

/** A row that makes no mail, the recipient it names, and whether `--offset` leaves it out. */
interface Found extends UnmailableRow {
  readonly recipient: Recipient | undefined;
  readonly isCovered: boolean;
}

class Composing {
  rows = 0;
  recipients = 0;
  invalid = 0;
  duplicates = 0;
  suppressed = 0;
  readonly examples: UnmailableRow[] = [];
  /** The rows because of which `--strict` refuses the list. */
  readonly refused: { count: number; readonly examples: UnmailableRow[] } = {
    count: 0,
    examples: [],
  };
  readonly #list: List;
  readonly #options: SendOptions;
  readonly #context: ComposingContext;
  readonly #selection: Selection;
  readonly #keys = new KeySet();
  readonly #copies: CopyCount;
  /** Read when the first row makes no mail. */
  #sent: KeySet | undefined;

  constructor(list: List, options: SendOptions, context: ComposingContext) {
    this.#list = list;
    this.#options = options;
    this.#context = context;
    this.#selection = new Selection(options);
    this.#copies = new CopyCount(context.composer);
  }

  /** Undefined if nobody gets any. */
  get copies(): number | undefined {
    return this.#copies.isAny ? this.#copies.copies : undefined;
  }

  take(row: CsvRow | BadRow): Found | undefined {
    const isCovered = this.#selection.covers(this.rows++);
    const { composer, suppression } = this.#context;
    const entry = row.kind === "row"
      ? recipientOf(row, this.#list.columns, composer.required)
      : row;
    if (entry.kind === "bad-row") return this.#found(entry, undefined, isCovered);
    if (!this.#keys.add(entry.key)) {
      this.duplicates++;
      return undefined;
    }
    // As when sending: of those who get no mail, none is made.
    if (suppression.why(entry.key) !== undefined) {
      this.recipients++;
      this.suppressed++;
      return undefined;
    }
    const mail = composer.compose(entry, { eightBit: true });
    if ("kind" in mail) {
      return this.#found({ line: entry.line, reason: mail.reason }, entry, isCovered);
    }
    this.recipients++;
    this.#copies.onRecipient(entry);
    return undefined;
  }

  /** Counts an invalid row against the list unless this run would not mail it anyway. */
  async count({ line, reason, recipient, isCovered }: Found): Promise<void> {
    if (!isCovered) return;
    if (recipient !== undefined) {
      if (!this.#selection.chooses(recipient)) return;
      if (this.#context.hasSent) {
        this.#sent ??= await sentIn(this.#options.ledger);
        if (this.#sent.has(recipient.key)) return;
      }
    }
    if (this.refused.count++ < EXAMPLES) this.refused.examples.push({ line, reason });
  }

  #found(
    { line, reason }: UnmailableRow,
    recipient: Recipient | undefined,
    isCovered: boolean,
  ): Found {
    this.invalid++;
    if (this.examples.length < EXAMPLES) this.examples.push({ line, reason });
    return { line, reason, recipient, isCovered };
  }
}

/** Keys of the recipients whose mail a relay has accepted. */
async function sentIn(ledger: string): Promise<KeySet> {
  const keys = new KeySet();
  await using reader = await openLedgerReader(ledger);
  for await (const { key } of reader.rows(["sent"])) if (key !== undefined) keys.add(key);
  return keys;
}

function refusal(
  { recipients }: SendOptions,
  rows: number,
  { count, examples }: Composing["refused"],
): InputError {
  const [first, ...others] = examples.slice(0, NAMED);
  const more = count - Math.min(count, NAMED);
  return new InputError(
    `${first!.reason} (${countText(count)} of ${countOf(rows, "row")} ${
      count === 1 ? "makes" : "make"
    } no mail, and --strict is set)`,
    {
      place: { file: recipients, line: first!.line },
      hint: [
        ...others.map(({ line, reason }) => `${recipients}:${line}: ${reason}`),
        ...(more > 0 ? [`and ${countText(more)} more, which 'check' lists`] : []),
        `Fix the ${count === 1 ? "row" : "rows"}, or omit --strict to send to the others.`,
      ].join("\n  "),
    },
  );
}

/** Refuses `--strict` for a list whose rows cannot be composed before they are sent. */
export function refuseStrictReadOnce({ recipients }: SendOptions): never {
  const found = recipients === "-" ? "standard input" : `'${recipients}'`;
  throw new InputError(`--strict needs a list that can be read twice: found ${found}`, {
    hint: "Save the list to a file, or omit --strict.",
  });
}
