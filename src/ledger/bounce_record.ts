import type { State } from "../model/state.ts";

/** A recipient in the ledger, as far as bounce reports are concerned. */
export interface Mailed {
  readonly id: number;
  readonly key: string;
  readonly state: State;
  /** Time at which the state was recorded (ms since the epoch). */
  readonly at: number | undefined;
  /** A server has accepted the mail, as far as the ledger knows; only then can a report be about it. */
  readonly wasMailed: boolean;
  /** Local part of the mail's Message-ID, in lower case; undefined if no mail was handed over. */
  readonly token: string | undefined;
}

/** What a report says about a recipient. */
export interface Bounce {
  readonly recipient: Mailed;
  /**
   * All recipients whose mail it may be about, if it names a mailbox that several mails were accepted for. It is noted
   * for `recipient`, whose state stays; missing if it is certainly about that one.
   */
  readonly among?: readonly Mailed[];
  readonly kind: "hard" | "soft" | "complaint";
  /** Identifies the report. */
  readonly report: string;
  /** ms since the epoch. */
  readonly at: number;
  readonly status: string | undefined;
  readonly code: number | undefined;
  readonly diagnostic: string;
}

/**
 * What a bounce changed. failed: the recipient is now `failed`. noted: the bounce is counted and the state stays.
 * known: nothing, because this report was read before.
 */
export interface BounceEffect {
  readonly kind: "failed" | "noted" | "known";
  /** Soft bounces of this recipient, this one included. */
  readonly soft: number;
}

/**
 * The part of the ledger contract for bounces and complaints. While it is open for writing, no process can send from
 * the ledger.
 *
 * Every method rejects with a `StorageError` when the store cannot be read or written.
 */
export interface BounceRecord extends AsyncDisposable {
  /** The campaign of the ledger. */
  readonly campaign: string;
  /** The secret that return path tokens are made with; undefined if the ledger predates them. */
  readonly verpSecret: string | undefined;
  /** Some mails went to others too: a token alone does not say whose copy a report is about. */
  readonly hasCopies: boolean;
  /** Finds all recipients who have a mailbox, in the order of the ledger. */
  byMailbox(mailbox: string): Promise<readonly Mailed[]>;
  /** Finds recipients by the local parts of their Message-IDs. Reads the whole ledger, so look up many at once. */
  byTokens(tokens: readonly string[]): Promise<ReadonlyMap<string, Mailed>>;
  /**
   * Finds recipients by tokens derived from those of their Message-IDs. Reads the whole ledger, as `byTokens` does.
   *
   * @param derive Converts the token of a Message-ID to that of a return path.
   */
  byDerivedTokens(
    tokens: readonly string[],
    derive: (messageToken: string) => string,
  ): Promise<ReadonlyMap<string, Mailed>>;
  /** Records all bounces or none; the effects are in the same order. */
  note(bounces: readonly Bounce[]): Promise<readonly BounceEffect[]>;
  /** Returns what `note` would return for each bounce alone: two reports about one recipient can both foresee its failure. */
  foresee(bounces: readonly Bounce[]): Promise<readonly BounceEffect[]>;
}
