import type { OthersShown } from "../compose/headers/addresses/others_shown.ts";
import type { DifferingRows } from "../model/scan.ts";
import type { Rate } from "../model/relay.ts";
import type { SuppressedCount, SuppressionFacts } from "../suppression/suppression_facts.ts";

/** What `send` is about to do, shown before the first mail. */
export interface Plan {
  readonly campaign: string;
  /** Path of the list, or "-". */
  readonly list: string;
  /** The condition that chooses rows; undefined: all are chosen. */
  readonly where?: string | undefined;
  /** Undefined if the list cannot be scanned (standard input), unless a dry run has read it. */
  readonly scan: {
    /** Of the chosen ones. */
    readonly rows: number;
    readonly notChosen?: number;
    readonly recipients: number;
    readonly copies?: number;
    readonly invalid: number;
    readonly duplicates: number;
    readonly differing?: DifferingRows;
    /** The first few bad rows, to be named. */
    readonly examples: readonly { readonly line: number; readonly reason: string }[];
    readonly encoding: string;
    readonly delimiter: string | undefined;
  } | undefined;
  /** What recipients are left out by. */
  readonly suppression: SuppressionFacts;
  /** Recipients of the list who are left out, or those of them who are in the ledger already; undefined: unknown. */
  readonly suppressed: SuppressedCount | undefined;
  /** Recipients in this ledger who are already settled. */
  readonly settled: number;
  /** Recipients that will get a mail now; undefined if only the rows themselves show it: standard input, a list that changed. */
  readonly toSend: number | undefined;
  readonly inDoubt: number;
  /** Settled recipients in this ledger who are tried again all the same. */
  readonly again: number;
  /** Settled recipients whom an earlier run left out (no mail could be made, or they were suppressed), and who get one now. */
  readonly readmitted: number;
  /** Recipients waiting in the ledger who are not in the list; the first few by address. */
  readonly missing: { readonly count: number; readonly examples: readonly string[] };
  /** They are to be skipped. */
  readonly dropMissing: boolean;
  readonly ledger: string;
  readonly relays: readonly string[];
  /** How each of them is reached: "STARTTLS, login". */
  readonly links: readonly string[];
  /** Folder of the sandbox; undefined if all relays are real. */
  readonly outbox: string | undefined;
  readonly from: string;
  readonly subject: string;
  /** Headers that name others than the recipient, as they are written. */
  readonly shown: readonly Omit<OthersShown, "place">[];
  /** A recipient and the Subject of their mail; undefined if there is nobody to send to, or the list is not known yet. */
  readonly example: {
    readonly address: string;
    readonly subject: string | undefined;
    /** They are the first of this run; otherwise just one of the list, who may have got the mail before. */
    readonly first: boolean;
  } | undefined;
  readonly connections: number;
  readonly rate: Rate | undefined;
  /** The time zone of the sending time that the mails show; undefined if they do not show it. */
  readonly timezone: string | undefined;
  /** How long it takes because of the rate alone, in ms; undefined without a rate. */
  readonly leastMs: number | undefined;
  /** When the first mail may leave, and when the last one must have; ms since the epoch. */
  readonly startAt: number | undefined;
  readonly until: number | undefined;
  /** What the mails are made from that has changed although the campaign was done; empty: nothing. */
  readonly changedSinceDone: readonly string[];
  /** What differs from the last run with this ledger, one sentence each. */
  readonly changes: readonly string[];
}
