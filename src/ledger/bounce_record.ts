import type { State } from "../model/state.ts";

/** A recipient of the ledger, as the reader of reports sees it. */
export interface Mailed {
  readonly id: number;
  readonly key: string;
  readonly state: State;
  /** When its state was recorded (ms since the epoch). */
  readonly at: number | undefined;
  /** A server has accepted its mail, as far as the ledger knows: only then can a report be about it. */
  readonly wasMailed: boolean;
  /** Local part of its mail's Message-ID, in lower case; undefined where no mail was handed over. */
  readonly token: string | undefined;
}

/** What a report says of a recipient. */
export interface Bounce {
  readonly recipient: Mailed;
  readonly kind: "hard" | "soft" | "complaint";
  /** Tells the report from all others. */
  readonly report: string;
  /** ms since the epoch. */
  readonly at: number;
  readonly status: string | undefined;
  readonly code: number | undefined;
  readonly diagnostic: string;
}

/**
 * What a bounce changed. failed: the recipient's state. noted: it is counted, the state stays. known: nothing, as this report
 * was read before.
 */
export interface BounceEffect {
  readonly kind: "failed" | "noted" | "known";
  /** Soft bounces of this recipient, this one included. */
  readonly soft: number;
}

/**
 * The part of the contract for what comes back after a mail was accepted. While it is open for writing, nobody can send from
 * the ledger.
 *
 * Every method rejects with a `StorageError` when the store cannot be read or written.
 */
export interface BounceRecord extends AsyncDisposable {
  /** The campaign whose ledger it is. */
  readonly campaign: string;
  /** Makes the tokens in return paths; undefined where the ledger is older than they are. */
  readonly verpSecret: string | undefined;
  byKey(key: string): Promise<Mailed | undefined>;
  /** Recipients whose Message-ID has one of these local parts, by it. Reads the whole ledger: ask for many at once. */
  byTokens(tokens: readonly string[]): Promise<ReadonlyMap<string, Mailed>>;
  /**
   * Recipients whose Message-ID's token makes one of these, by it. Reads the whole ledger, as `byTokens` does.
   *
   * @param derive The token of a return path, from that of a Message-ID.
   */
  byDerivedTokens(
    tokens: readonly string[],
    derive: (messageToken: string) => string,
  ): Promise<ReadonlyMap<string, Mailed>>;
  /** Records all of them or none; the effects are in the same order. */
  note(bounces: readonly Bounce[]): Promise<readonly BounceEffect[]>;
  /** What `note` would return, each for itself: of two reports about one recipient, both may foresee its failure. */
  foresee(bounces: readonly Bounce[]): Promise<readonly BounceEffect[]>;
}
