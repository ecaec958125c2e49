import type { RelayEvidence } from "../judgement.ts";
import { namesRecipient } from "../replies/describe_refusal.ts";
import { judgeReply, mayMeanUs } from "../replies/judge_reply.ts";
import type { Attempt } from "../../model/attempt.ts";
import { domainOf } from "../../text/domain_of.ts";
import type { Reply } from "../../model/reply.ts";
import { RecentAnswers } from "../pace/recent_answers.ts";
import { Outages } from "./outages.ts";
import type { Suspicion } from "./suspicion.ts";

/** When this many recipients in a row hit a limit with no mail accepted in between, the limit is the relay's, not theirs. */
const SEVERAL = 3;
/**
 * Refusals for a limit that do not count as a recipient's tries. Also the mails that the relay must accept between two
 * of them before the limit counts as the recipient's own and slows down nobody else.
 */
const OFTEN = 5;
/**
 * When this many recipients are deferred with no mail accepted in between, the relay is in trouble, and none of them
 * fails because of it.
 */
const MANY = 20;
/**
 * A rest is this share of the time for which the relay has accepted nobody, so that rests grow with it but never last
 * much too long.
 */
const SHARE = 1 / 6;
const LONGEST_REST_MS = 60_000;

/** The recipient and times of an attempt. */
export interface Sent {
  /** The recipient's row in the ledger. */
  readonly id: number;
  readonly address: string;
  /** Number of the connection. */
  readonly session: number;
  /** Time at which the mail was given to the connection, ms. */
  readonly sentAt: number;
  /** Time of the recipient's first try, ms. */
  readonly firstTriedAt: number;
}

/** What to do about a relay that accepts nobody. */
export type Rest =
  /** Pause it for this long. */
  | { readonly kind: "rest"; readonly ms: number }
  /** Stop using it: it has accepted nobody for longer than the run's patience. */
  | { readonly kind: "give-up"; readonly forMs: number };

/**
 * What the replies of a relay say about the relay rather than its recipients: whether it refuses us (`Suspicion`),
 * whether a limit is reached, and for how long it has accepted nobody.
 *
 * Pure: it is told what happened and when, and uses no clock or socket.
 */
export class RelayHealth {
  readonly suspicion: Suspicion;
  readonly #patienceMs: number;
  readonly #hadTaken: boolean;
  /** Recipients that hit a limit since the last mail was accepted. */
  readonly #limited = new Set<number>();
  /** How often each recipient hit a limit, and how many mails had been accepted at the first time. */
  readonly #told = new Map<number, { times: number; readonly taken: number }>();
  /** Recipients deferred since the last mail was accepted, up to `MANY`. */
  readonly #deferred = new Set<number>();
  readonly #recent = new RecentAnswers();
  readonly #outages = new Outages();
  #lastRefusal: Reply | undefined;
  #isAtQuota = false;

  /**
   * @param patienceMs how long a relay may accept nobody before it is given up
   * @param hadTaken whether mail of this campaign was accepted in an earlier run
   */
  constructor(suspicion: Suspicion, patienceMs: number, hadTaken: boolean) {
    this.suspicion = suspicion;
    this.#patienceMs = patienceMs;
    this.#hadTaken = hadTaken;
  }

  /** The last reply that asked to try later or reported a limit. */
  get lastRefusal(): Reply | undefined {
    return this.#lastRefusal;
  }

  /** Whether that reply reported a quota, which only time or the provider changes, rather than asked to try later. */
  get isAtQuota(): boolean {
    return this.#isAtQuota;
  }

  /** Notes an attempt. Returns what is then known about the relay, for judging the attempt. */
  hear(attempt: Attempt, sent: Sent, now: number): RelayEvidence {
    if (attempt.kind === "accepted") this.#took(sent, now);
    else if (attempt.kind === "refused") this.#refused(attempt, sent);
    const { suspicion } = this;
    const { id, session, address } = sent;
    return {
      blame: (reply) =>
        suspicion.refused({ id, domain: domainOf(address), reply, session, at: now }),
      takes: suspicion.taken > 0,
      hasTaken: (this.#hadTaken || suspicion.taken > 0) && this.#deferred.size < MANY,
      atLimit: this.#limited.size >= SEVERAL,
      isSeldom: (this.#told.get(id)?.times ?? 0) <= OFTEN,
      isOwnLimit: this.#isOwnLimit(id),
      isAlone: (tries) => this.#recent.isAlone(id, tries),
      restedMs: this.#outages.within(sent.firstTriedAt, now),
    };
  }

  /** Notes that the relay judged a recipient on its merits. */
  judged(now: number): void {
    this.#outages.end(now);
  }

  /**
   * Notes that the relay again accepted nobody.
   *
   * @param random uniform in [0, 1): a rest is up to a quarter longer, so that runs do not resume in step
   */
  takesNobody(now: number, random: number): Rest {
    const forMs = this.#outages.begin(now);
    if (forMs > this.#patienceMs) return { kind: "give-up", forMs };
    const ms = Math.min(LONGEST_REST_MS, forMs * SHARE) * (1 + random / 4);
    return { kind: "rest", ms };
  }

  #took(sent: Sent, now: number): void {
    this.suspicion.took(sent);
    this.#limited.clear();
    this.#deferred.clear();
    this.#told.delete(sent.id);
    this.#recent.accepted(sent.id);
    this.#outages.end(now);
  }

  #refused({ stage, reply }: Attempt & { kind: "refused" }, { id }: Sent): void {
    const { kind } = judgeReply(stage, reply);
    if (namesRecipient(stage) && mayMeanUs({ stage, reply })) this.#recent.deferred(id);
    if (kind === "later" && this.#deferred.size < MANY) this.#deferred.add(id);
    if (kind === "later" || kind === "slow-down" || kind === "limit") {
      this.#lastRefusal = reply;
      this.#isAtQuota = kind === "limit" && reply.code >= 500;
    }
    if (kind !== "slow-down" && kind !== "limit") return;
    if (!namesRecipient(stage)) return;
    this.#limited.add(id);
    const told = this.#told.get(id);
    if (told !== undefined) told.times++;
    else this.#told.set(id, { times: 1, taken: this.suspicion.taken });
  }

  #isOwnLimit(id: number): boolean {
    const told = this.#told.get(id);
    return told !== undefined && told.times > 1 && this.suspicion.taken - told.taken > OFTEN;
  }
}
