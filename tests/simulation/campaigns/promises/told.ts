import type { SendOptions } from "../../../../src/campaign/send_options.ts";
import type { State } from "../../../../src/model/state.ts";
import type { MailingList } from "../mailing_list.ts";
import type { Observation } from "../observation.ts";
import type { End, Leftovers } from "../process.ts";
import type { Fate } from "../relays/relay_nature.ts";
import type { RunRecord } from "../relays/relay.ts";
import type { Truth } from "../relays/truth.ts";
import type { RunPlan } from "../scenario.ts";

/** All that is known of a run when it is over. */
export interface Told {
  readonly run: number;
  readonly plan: RunPlan;
  readonly options: SendOptions;
  readonly end: End;
  readonly began: number;
  readonly endedAt: number;
  readonly signalledAt: number | undefined;
  /** The disk failed in this run. */
  readonly diskFailed: boolean;
  /** When it first failed to take what is to be on record. */
  readonly struckAt: number | undefined;
  readonly leftovers: Leftovers;
  /** The list was changed while it was sent. */
  readonly edited: boolean;
  /** The list, and what it was changed into while it was sent; not where that was at the very end, when nobody looks any more. */
  readonly lists: readonly MailingList[];
  readonly suppressed: readonly string[];
  readonly before: Observation;
  readonly after: Observation;
  /** What the plan said of the ledger's last run; undefined: there was no plan yet. */
  readonly changes: readonly string[] | undefined;
  /** What a second process was told that opened the ledger; undefined: there was none. */
  readonly intruder: { readonly told: unknown } | undefined;
  /** What happened at each relay. */
  readonly relays: readonly RunRecord[];
  /** How many mails each may get who may get more than one. */
  readonly allowed: ReadonlyMap<string, number>;
  /** Runs in which the user had those sent again who were in doubt, by their keys. */
  readonly resent: ReadonlyMap<string, readonly number[]>;
  readonly fates: ReadonlyMap<string, Fate>;
  readonly truth: Truth;
  /** Everybody who has ever stood in the list. */
  readonly met: ReadonlySet<string>;
}

/** Most mails under way on one connection, unless the user says otherwise. */
export const LARGEST_WINDOW = 32;

/** States of somebody to whom a mail is owed. */
export const OPEN: ReadonlySet<State> = new Set(["queued", "claimed", "handed-over", "deferred"]);
