import type { SendOptions } from "../../../../src/campaign/send_options.ts";
import type { State } from "../../../../src/model/state.ts";
import type { MailingList } from "../mailing_list.ts";
import type { Observation } from "../observation.ts";
import type { End, Leftovers } from "../process.ts";
import type { Fate } from "../relays/relay_profile.ts";
import type { RunRecord } from "../relays/relay.ts";
import type { GroundTruth } from "../relays/ground_truth.ts";
import type { RunPlan } from "../scenario.ts";

/** All that is known about a run when it is over. */
export interface RunFacts {
  readonly run: number;
  readonly plan: RunPlan;
  readonly options: SendOptions;
  readonly end: End;
  readonly began: number;
  readonly endedAt: number;
  readonly signalledAt: number | undefined;
  /** The disk failed in this run. */
  readonly diskFailed: boolean;
  /** When it first failed to store something that must be recorded. */
  readonly struckAt: number | undefined;
  readonly leftovers: Leftovers;
  /** The list was changed while it was being sent. */
  readonly edited: boolean;
  /** The list, and what it was changed to while it was being sent, unless that was at the very end, after the last check. */
  readonly lists: readonly MailingList[];
  readonly suppressed: readonly string[];
  readonly before: Observation;
  readonly after: Observation;
  /** What the plan said about the previous run; undefined: there was no plan yet. */
  readonly changes: readonly string[] | undefined;
  /** What became of a second process that opened the ledger; undefined: there was none. */
  readonly intruder: { readonly result: unknown } | undefined;
  /** What happened at each relay. */
  readonly relays: readonly RunRecord[];
  /** How many mails a recipient may get, for those who may get more than one. */
  readonly allowed: ReadonlyMap<string, number>;
  /** By recipient: the runs in which the user had their mail resent. */
  readonly resent: ReadonlyMap<string, readonly number[]>;
  readonly fates: ReadonlyMap<string, Fate>;
  readonly truth: GroundTruth;
  /** The keys of all recipients that were ever in the list. */
  readonly everListed: ReadonlySet<string>;
}

/** Most mails under way on one connection, unless the user says otherwise. */
export const LARGEST_WINDOW = 32;

/** States of recipients that are not settled. */
export const OPEN: ReadonlySet<State> = new Set(["queued", "claimed", "handed-over", "deferred"]);
