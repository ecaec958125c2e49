import type { SendOptions } from "../send_options.ts";
import { type List, openList } from "../../list/list.ts";
import type { KeySet } from "../../keys/key_set.ts";
import { ListFile } from "../../list/file/list_file.ts";
import { keyColumnOf, type Recipient } from "../../model/recipient.ts";
import type { SuppressedCounter } from "./suppressed_counter.ts";
import { watching } from "./recipient_watchers.ts";
import { CopyCount, type ListReader } from "./copy_count.ts";
import { NamedInList, namesByFlag } from "./named_in_list.ts";
import { refuseOffset, refuseUnlisted } from "../../list/named.ts";
import { fingerprintsOf, scanList } from "../../list/file/scan.ts";
import type { Scan } from "../../model/scan.ts";
import {
  listReadOnce,
  PassFingerprint,
  ScannedList,
  type SendingList,
} from "../../list/file/sending_list.ts";
import { canBeReadTwice, type SourceDependencies } from "../../list/file/source.ts";
import type { CampaignFacts } from "../../ledger/ledger.ts";
import type { Missing } from "../../ledger/returning.ts";
import type { OrderWatch } from "./order_watch.ts";
import { identityOf } from "../../compose/template/syntax/where.ts";
import type { CampaignDependencies } from "../campaign_dependencies.ts";
import { digest } from "./digest.ts";
import type { ComposedRows, ComposingContext } from "./composed_rows.ts";
import { missingFrom, type PreviousRun } from "../previous/previous_run.ts";

/** What is known of a list before it is sent to. */
export interface LookedThrough {
  /** Undefined for standard input, which can be read only once. */
  readonly scan: Scan | undefined;
  /** The first recipient that `--only` names; undefined without it. */
  readonly firstNamed: Recipient | undefined;
  /** Digest of everything that decides which rows are recipients; empty for standard input. */
  readonly identity: string;
  /** Identity of an earlier list, if this one begins with it. */
  readonly continues: string | undefined;
  /** Recipients waiting in the ledger who are not in this list. */
  readonly missing: Missing;
  /** Suppressed recipients of the list; undefined: the list was not scanned. */
  readonly suppressed?: number | undefined;
  readonly sending: SendingList;
}

/** The same for a list that can be scanned, before its rows are sent. */
type ScannedOnce = Omit<LookedThrough, "sending" | "scan"> & { readonly scan: Scan };

const NOBODY: Missing = { count: 0, examples: [] };

/** The list of a campaign: first its header, then what a scan finds, then its rows. */
export class CampaignList implements AsyncDisposable {
  readonly #owner: AsyncDisposableStack;
  readonly #options: SendOptions;
  readonly #signal: AbortSignal;
  readonly #header: List;
  readonly #read: PassFingerprint;
  /** Undefined for a list that can be read only once. */
  readonly #file: ListFile | undefined;

  private constructor(
    owner: AsyncDisposableStack,
    options: SendOptions,
    signal: AbortSignal,
    list: { readonly header: List; readonly read: PassFingerprint; readonly file?: ListFile },
  ) {
    this.#owner = owner;
    this.#options = options;
    this.#signal = signal;
    this.#header = list.header;
    this.#read = list.read;
    this.#file = list.file;
  }

  /**
   * Opens the list and reads its header.
   *
   * @throws {InputError} when it cannot be read, has no column for the address, or is still being written
   */
  static async open(
    options: SendOptions,
    { stdin, signal }: Pick<CampaignDependencies, "stdin" | "signal">,
  ): Promise<CampaignList> {
    await using opened = new AsyncDisposableStack();
    const file = await canBeReadTwice(options.recipients)
      ? opened.use(await ListFile.open(options, signal))
      : undefined;
    const read = new PassFingerprint();
    const header = opened.use(
      await openList(options, { stdin, signal, onBytes: read.onBytes, ...file?.reading }),
    );
    const list = { header, read, ...(file && { file }) };
    return new CampaignList(opened.move(), options, signal, list);
  }

  /** It comes from standard input or a pipe. */
  get isReadOnce(): boolean {
    return this.#file === undefined;
  }

  get columns(): List["columns"] {
    return this.#header.columns;
  }

  /**
   * Reads through the list before the first mail. A scan takes some seconds for a million rows; if the ledger already holds
   * one of this very list, only the bytes are compared. Rows appended since the last run are recognised as such, so that only
   * those are claimed.
   *
   * @throws {InputError} when it cannot be used
   */
  async lookThrough(
    composer: ListReader,
    previous: PreviousRun | undefined,
    counter?: SuppressedCounter,
    ordering?: OrderWatch,
  ): Promise<LookedThrough> {
    const file = this.#file;
    if (file === undefined) {
      return {
        ...{ scan: undefined, firstNamed: undefined, identity: "", continues: undefined },
        missing: NOBODY,
        sending: listReadOnce(this.#header),
      };
    }
    const found = await this.#scanOnce(file, composer, previous, counter, ordering);
    file.assertUnchanged();
    refuseOffset(this.#options.offset, found.scan.rows, this.#options.recipients);
    const sending = this.#owner.use(
      new ScannedList({
        options: this.#options,
        file,
        signal: this.#signal,
        fingerprint: found.scan.fingerprint,
        opened: this.#header,
        read: this.#read,
      }),
    );
    return { ...found, sending };
  }

  /**
   * With `--strict` or `--dry-run`, composes the mail of every row: only that shows whether a row is valid.
   *
   * @throws {InputError} with `--strict`, if a row is invalid or the list can be read only once; if the file has changed
   */
  async compose(context: ComposingContext): Promise<ComposedRows | undefined> {
    const { strict, dryRun } = this.#options;
    if (!strict && !dryRun) return undefined;
    const { composeRows, composeRowsOf, refuseStrictReadOnce } = await import(
      "./composed_rows.ts"
    );
    const file = this.#file;
    if (file === undefined) {
      // A dry run needs the rows only here.
      if (!dryRun) refuseStrictReadOnce(this.#options);
      return await composeRowsOf(this.#header, this.#options, context, this.#signal);
    }
    const dependencies = { signal: this.#signal, ...file.reading };
    const composed = await composeRows(this.#options, context, dependencies);
    file.assertUnchanged();
    return composed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#owner.disposeAsync();
  }

  /** Compares the bytes with those of an earlier scan: it still holds, or rows were appended, or neither. */
  async #compare(
    composer: ListReader,
    previous: PreviousRun | undefined,
    dependencies: Pick<SourceDependencies, "signal" | "open">,
  ): Promise<{ readonly known?: ScannedOnce; readonly continues?: string | undefined }> {
    const scan = previous?.facts.scan;
    if (previous === undefined || scan === undefined) return {};
    const { recipients } = this.#options;
    const { whole, beginning } = await fingerprintsOf(recipients, scan.bytes, dependencies);
    const identity = await this.#identityOf(whole, composer);
    // Only reading every row shows whether the named recipients are in it, and who waits from an earlier list only.
    const isSame = identity === previous.facts.list && this.#choosesAs(previous.facts);
    if (isSame && !previous.waitsElsewhere && !this.#names) {
      const continues = undefined;
      return { known: { scan, firstNamed: undefined, identity, continues, missing: NOBODY } };
    }
    if (!scan.endsLine || beginning === undefined) return {};
    return { continues: await this.#identityOf(beginning, composer) };
  }

  async #scanOnce(
    file: ListFile,
    composer: ListReader,
    previous: PreviousRun | undefined,
    counter: SuppressedCounter | undefined,
    ordering: OrderWatch | undefined,
  ): Promise<ScannedOnce> {
    const { required } = composer;
    const dependencies = { signal: this.#signal, ...file.reading };
    const { known, continues } = await this.#compare(composer, previous, dependencies);
    if (known !== undefined) return known;
    let found: { readonly chosen: KeySet; readonly listed: Pick<KeySet, "has"> } | undefined;
    const onKeys = (chosen: KeySet, listed: Pick<KeySet, "has">) =>
      void (found = { chosen, listed });
    const named = new NamedInList(this.#options, composer);
    const copied = new CopyCount(composer);
    const scanned = await scanList(this.#options, required, dependencies, {
      onKeys,
      ...watching(named, counter, copied, ordering),
    });
    // Those who wait under keys of another kind are skipped when the ledger is opened.
    const missing = previous === undefined || previous.facts.key !== keyColumnOf(this.columns)
      ? NOBODY
      : await missingFrom(this.#options.ledger, previous, found!.listed);
    await refuseUnlisted(this.#options, required, dependencies, namesByFlag(this.#options), named);
    const scan = copied.addTo(scanned);
    const identity = await this.#identityOf(scan.fingerprint, composer);
    const isByMailbox = this.columns.key === undefined && !copied.isAny;
    const suppressed = counter?.count(found!.chosen, isByMailbox);
    return { scan, firstNamed: named.first, identity, continues, missing, suppressed };
  }

  /** Returns whether an earlier run chose the same rows of the same list. */
  #choosesAs({ choice }: CampaignFacts): boolean {
    const { where } = this.#options;
    if (where === undefined) return choice === undefined;
    return choice !== undefined && choice.condition === identityOf(where);
  }

  /** The user named some recipients. */
  get #names(): boolean {
    return namesByFlag(this.#options).some(({ keys }) => keys.length > 0);
  }

  /** Everything that decides which rows are recipients: if it is the same, so are the rows. */
  #identityOf(fingerprint: string, { required, copies }: ListReader): Promise<string> {
    const { columns, encoding, delimiter } = this.#header;
    const { email, key } = columns;
    return digest(JSON.stringify([
      ...[fingerprint, encoding, delimiter, email, required],
      ...(key === undefined ? [] : [{ key }]),
      ...(copies === undefined ? [] : [{ copies: copies.source }]),
    ]));
  }
}
