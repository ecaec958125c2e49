import type { RelayEvidence } from "../judgement.ts";
import { namesRecipient } from "../replies/describe_refusal.ts";
import { judgeReply, mayMeanUs } from "../replies/judge_reply.ts";
import type { Attempt } from "../../model/attempt.ts";
import { domainOf } from "../../text/domain_of.ts";
import type { Reply } from "../../model/reply.ts";
import { RecentAnswers } from "../pace/recent_answers.ts";
import { Outages } from "./outages.ts";
import type { Suspicion } from "./suspicion.ts";

/** When this many recipients are told of a limit with no mail taken in between, the limit is the relay's and not theirs. */
const SEVERAL = 3;
/**
 * Refusals for a limit that cost a recipient no try. Also, mails that the relay has to take between two of them before the limit
 * counts as the recipient's own and slows down nobody else.
 */
const OFTEN = 5;
/** When this many recipients are deferred with no mail taken in between, the relay is in trouble, and none of them fails for it. */
const MANY = 20;
/** A rest is this share of the time for which the relay has taken nobody: rests grow with it, and none lasts much too long. */
const SHARE = 1 / 6;
const LONGEST_REST_MS = 60_000;

/** The recipient of an attempt, and when it was made. */
export interface Sent {
  /** The recipient's row in the ledger. */
  readonly id: number;
  readonly address: string;
  /** The connection, by its number. */
  readonly session: number;
  /** When the mail was given to the connection, ms. */
  readonly sentAt: number;
  /** When the recipient was first tried, ms. */
  readonly firstTriedAt: number;
}

/** What to do about a relay that takes nobody. */
export type Rest =
  /** Leave it alone for so long. */
  | { readonly kind: "rest"; readonly ms: number }
  /** Stop using it: it has taken nobody for longer than the run's patience. */
  | { readonly kind: "give-up"; readonly forMs: number };

/**
 * What the replies of one relay say about it rather than about its recipients: whether it refuses us (`Suspicion`), whether a
 * limit is reached, and for how long it has taken nobody.
 *
 * Pure: it is told what happened and when, and has neither clock nor socket.
 */
export class RelayHealth {
  readonly suspicion: Suspicion;
  readonly #patienceMs: number;
  readonly #hadTaken: boolean;
  /** Recipients told of a limit since the last mail was taken. */
  readonly #limited = new Set<number>();
  /** How often each recipient was told of a limit, and how many mails had been taken the first time. */
  readonly #told = new Map<number, { times: number; readonly taken: number }>();
  /** Recipients deferred since the last mail was taken; up to `MANY` of them. */
  readonly #putOff = new Set<number>();
  readonly #recent = new RecentAnswers();
  readonly #outages = new Outages();
  #lastRefusal: Reply | undefined;

  /**
   * @param patienceMs how long a relay may take nobody before it is given up
   * @param hadTaken mail of this campaign was taken by an earlier run
   */
  constructor(suspicion: Suspicion, patienceMs: number, hadTaken: boolean) {
    this.suspicion = suspicion;
    this.#patienceMs = patienceMs;
    this.#hadTaken = hadTaken;
  }

  /** The last reply that told somebody to try later or that a limit is reached. */
  get lastRefusal(): Reply | undefined {
    return this.#lastRefusal;
  }

  /** Notes an attempt. Returns what is known of the relay then, for judging it. */
  hear(attempt: Attempt, sent: Sent, now: number): RelayEvidence {
    if (attempt.kind === "accepted") this.#took(sent, now);
    else if (attempt.kind === "refused") this.#refused(attempt, sent);
    const { suspicion } = this;
    const { id, session, address } = sent;
    return {
      blame: (reply) =>
        suspicion.refused({ id, domain: domainOf(address), reply, session, at: now }),
      takes: suspicion.taken > 0,
      hasTaken: (this.#hadTaken || suspicion.taken > 0) && this.#putOff.size < MANY,
      atLimit: this.#limited.size >= SEVERAL,
      spared: (this.#told.get(id)?.times ?? 0) <= OFTEN,
      sick: this.#isSick(id),
      isAlone: (tries) => this.#recent.isAlone(id, tries),
      restedMs: this.#outages.within(sent.firstTriedAt, now),
    };
  }

  /** The relay judged a recipient by its merits. */
  judged(now: number): void {
    this.#outages.end(now);
  }

  /**
   * The relay took nobody again.
   *
   * @param random uniform in [0, 1): a rest is up to a quarter longer, so that runs do not come back in step
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
    this.#putOff.clear();
    this.#told.delete(sent.id);
    this.#recent.took(sent.id);
    this.#outages.end(now);
  }

  #refused({ stage, reply }: Attempt & { kind: "refused" }, { id }: Sent): void {
    const { kind } = judgeReply(stage, reply);
    if (namesRecipient(stage) && mayMeanUs({ stage, reply })) this.#recent.putOff(id);
    if (kind === "later" && this.#putOff.size < MANY) this.#putOff.add(id);
    if (kind === "later" || kind === "slow-down" || kind === "limit") this.#lastRefusal = reply;
    if (kind !== "slow-down" && kind !== "limit") return;
    if (!namesRecipient(stage)) return;
    this.#limited.add(id);
    const told = this.#told.get(id);
    if (told !== undefined) told.times++;
    else this.#told.set(id, { times: 1, taken: this.suspicion.taken });
  }

  #isSick(id: number): boolean {
    const told = this.#told.get(id);
    return told !== undefined && told.times > 1 && this.suspicion.taken - told.taken > OFTEN;
  }
}
