import type { Rate } from "../smtp/relay.ts";

/** What `send` is about to do, shown before the first mail. */
export interface Plan {
  readonly campaign: string;
  /** Path of the list, or "-". */
  readonly list: string;
  /** undefined where the list cannot be scanned (standard input). */
  readonly scan: {
    readonly rows: number;
    readonly invalid: number;
    readonly duplicates: number;
    /** The first few bad rows, to be named. */
    readonly examples: readonly { readonly line: number; readonly reason: string }[];
    readonly encoding: string;
    readonly delimiter: string;
  } | undefined;
  /** Recipients of this ledger that are settled already. */
  readonly settled: number;
  /** Recipients that will get a mail now; undefined for standard input. */
  readonly owed: number | undefined;
  readonly inDoubt: number;
  readonly ledger: string;
  readonly relays: readonly string[];
  /** Mail goes to this folder and nothing leaves the machine; undefined for real relays. */
  readonly outbox: string | undefined;
  readonly from: string;
  readonly subject: string;
  readonly connections: number;
  readonly rate: Rate | undefined;
  /** Time the rate alone makes it take, in ms; undefined without a rate. */
  readonly leastMs: number | undefined;
  /** What differs from the last run under this ledger: "template changed", one sentence each. */
  readonly changes: readonly string[];
}
