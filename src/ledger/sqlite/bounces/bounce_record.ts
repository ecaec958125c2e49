import { wallTime } from "../../../time/clock.ts";
import { guarded } from "../../../sqlite/guarded.ts";
import { promised } from "../../../sqlite/promised.ts";
import type { Bounce, BounceEffect, BounceRecord, Mailed } from "../../bounce_record.ts";
import type { CampaignFacts } from "../../ledger.ts";
import { StorageError } from "../../../sqlite/storage_error.ts";
import { KeyIndex } from "../key_index.ts";
import { ledgerPath } from "../file/ledger_path.ts";
import { openForReading, openForWriting, versionOf } from "../file/ledger_file.ts";
import { HAS_COPIES } from "../changes/copies.ts";
import { VERP_SECRET } from "../changes/recovery.ts";
import { SqliteStore } from "../store.ts";
import type { StateCounts } from "../tally/state_counts.ts";
import { readTally } from "../tally/stored_tally.ts";
import type { State } from "../../../model/state.ts";
import { stateNumber, stateOf } from "../state_numbers.ts";
import * as sql from "./bounce_statements.ts";
import { FIRST_WITH_KEYS } from "../file/schema.ts";
import { WRITE_COUNTS } from "../statements.ts";

/** Most characters of a server's text that are kept. */
const LONGEST_TEXT = 500;
/** States of a mail that a server has accepted or may have accepted. */
const ACCEPTED: readonly State[] = ["sent", "in-doubt", "handed-over"];

/** The record of bounces in the ledger's file. All work is synchronous, so `using` can close it too. */
export class SqliteBounceRecord implements BounceRecord, Disposable {
  readonly campaign: string;
  readonly verpSecret: string | undefined;
  readonly hasCopies: boolean;
  readonly #path: string;
  readonly #store: SqliteStore;
  readonly #keys: KeyIndex;
  readonly #close: () => void;
  /** Throws if the file is no longer in its place. */
  readonly #check: () => void;

  /**
   * @param writes false to read only; `note` then throws
   * @throws {StorageError} if there is no ledger, or, for writing, if a process is sending from it
   */
  constructor(path: string, writes: boolean) {
    this.#path = path;
    if (writes) {
      const file = openForWriting(path, "refuse");
      this.#store = new SqliteStore(file.database, path);
      this.#close = () => file[Symbol.dispose]();
      this.#check = () => file.check();
    } else {
      const database = openForReading(ledgerPath(path));
      if (versionOf(database) < FIRST_WITH_KEYS) {
        database.close();
        throw new StorageError(
          `Cannot read recipients by address in the ledger '${path}' as an earlier version of this program created it; the next 'send' or 'bounces' that writes to it upgrades it`,
        );
      }
      this.#store = new SqliteStore(database, path);
      this.#close = () => database.close();
      this.#check = () => {};
    }
    try {
      this.#keys = this.#read(() => new KeyIndex(this.#store));
      this.campaign = this.#read(() => campaignIn(this.#store));
      this.verpSecret = this.#read(() => verpSecretIn(this.#store));
      this.hasCopies = this.#read(() => this.#store.fact(HAS_COPIES) === true);
    } catch (error) {
      this.#close();
      throw error;
    }
  }

  byMailbox(mailbox: string): Promise<readonly Mailed[]> {
    return this.#reading(() => this.#keys.rowsOf(mailbox).map((id) => this.#mailed(id)));
  }

  byTokens(tokens: readonly string[]): Promise<ReadonlyMap<string, Mailed>> {
    return this.#reading(() => {
      if (tokens.length === 0) return new Map();
      const rows = this.#store.statement(sql.FIND_MESSAGES).all(JSON.stringify(tokens));
      const found = rows.map((row) => mailedOf(row as unknown as StoredMailed));
      return new Map(found.map((mailed) => [mailed.token!, mailed]));
    });
  }

  byDerivedTokens(
    tokens: readonly string[],
    derive: (messageToken: string) => string,
  ): Promise<ReadonlyMap<string, Mailed>> {
    return this.#reading(() => {
      const wanted = new Set(tokens);
      const found = new Map<string, Mailed>();
      if (wanted.size === 0) return found;
      for (const row of this.#store.statement(sql.ALL_MESSAGES).iterate()) {
        const { id, token } = row as { id: number; token: string };
        const derived = derive(token);
        if (wanted.has(derived)) found.set(derived, this.#mailed(id));
      }
      return found;
    });
  }

  note(bounces: readonly Bounce[]): Promise<readonly BounceEffect[]> {
    return promised(() => {
      if (bounces.length === 0) return [];
      const effects = this.#store.commit(() => this.#noteAll(bounces));
      this.#check();
      return effects;
    });
  }

  foresee(bounces: readonly Bounce[]): Promise<readonly BounceEffect[]> {
    return this.#reading(() => {
      const { n } = this.#store.statement(sql.HAS_BOUNCES).get() as { n: number };
      return bounces.map((bounce): BounceEffect => {
        const before = n === 0 ? 0 : this.#soft(bounce.recipient.id);
        if (n !== 0 && this.#isKnown(bounce)) return { kind: "known", soft: before };
        const fails = isFailure(bounce, bounce.recipient.state);
        return {
          kind: fails ? "failed" : "noted",
          soft: before + (bounce.kind === "soft" ? 1 : 0),
        };
      });
    });
  }

  [Symbol.dispose](): void {
    this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return promised(this.#close);
  }

  #noteAll(bounces: readonly Bounce[]): BounceEffect[] {
    this.#store.statement(sql.CREATE_BOUNCES).run();
    const { counts } = readTally(this.#store);
    const effects = bounces.map((bounce) => this.#noteOne(bounce, counts));
    this.#store.statement(WRITE_COUNTS).run(JSON.stringify(counts));
    return effects;
  }

  #noteOne(bounce: Bounce, counts: StateCounts): BounceEffect {
    const { recipient: { id }, report, kind, at, status, diagnostic } = bounce;
    if (this.#isKnown(bounce)) return { kind: "known", soft: this.#soft(id) };
    const words = diagnostic.slice(0, LONGEST_TEXT);
    this.#store.statement(sql.NOTE_BOUNCE).run(id, report, kind, at, status ?? null, words);
    const state = this.#stateOf(bounce);
    if (!isFailure(bounce, state)) return { kind: "noted", soft: this.#soft(id) };
    const reason = `Bounced: ${words || status || "no reason given"}`.slice(0, LONGEST_TEXT);
    this.#store.statement(sql.FAIL_BOUNCED)
      .run(wallTime(), bounce.code ?? null, status ?? null, words, reason, id);
    counts.move(state, "failed");
    return { kind: "failed", soft: this.#soft(id) };
  }

  #mailed(id: number): Mailed {
    return mailedOf(this.#store.statement(sql.READ_MAILED).get(id) as unknown as StoredMailed);
  }

  #isKnown({ recipient, among = [recipient], report }: Bounce): boolean {
    // When it was read before, fewer mails may have been accepted for the mailbox.
    return among.some(({ id }) =>
      this.#store.statement(sql.FIND_BOUNCE).get(id, report) !== undefined
    );
  }

  #soft(id: number): number {
    return (this.#store.statement(sql.COUNT_SOFT).get(id) as { n: number }).n;
  }

  /** Reads the current state, which an earlier report of the same batch may have changed. */
  #stateOf({ recipient }: Bounce): State {
    const row = this.#store.statement(sql.READ_MAILED).get(recipient.id) as { state: number };
    return stateOf(row.state);
  }

  #reading<T>(run: () => T): Promise<T> {
    return promised(() => this.#read(run));
  }

  #read<T>(run: () => T): T {
    return guarded(`Cannot read the ledger '${this.#path}'`, run);
  }
}

/** Returns whether a report means that the recipient, who is in this state, has failed. */
function isFailure({ kind, among }: Bounce, state: State): boolean {
  return kind === "hard" && among === undefined && ACCEPTED.includes(state);
}

function campaignIn(store: SqliteStore): string {
  return (store.fact("campaign") as CampaignFacts | undefined)?.campaign ?? "";
}

function verpSecretIn(store: SqliteStore): string | undefined {
  const secret = store.fact(VERP_SECRET);
  return typeof secret === "string" ? secret : undefined;
}

interface StoredMailed {
  readonly id: number;
  readonly key: string;
  readonly state: number;
  readonly at: number | null;
  readonly stage: string | null;
  readonly message_id: string | null;
}

function mailedOf({ id, key, state, at, stage, message_id }: StoredMailed): Mailed {
  const hasBounced = state === stateNumber("failed") && stage === "bounce";
  return {
    id,
    key,
    state: stateOf(state),
    at: at ?? undefined,
    wasMailed: ACCEPTED.includes(stateOf(state)) || hasBounced,
    token: message_id?.slice(1, message_id.indexOf("@")).toLowerCase(),
  };
}
