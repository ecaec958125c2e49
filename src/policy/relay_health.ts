import { namesRecipient, type Standing } from "../record/outcome.ts";
import { judgeReply } from "../record/reply_rules.ts";
import type { Attempt } from "../smtp/attempt.ts";
import { domainOf } from "../smtp/domain_of.ts";
import type { Reply } from "../smtp/reply.ts";
import { Outages } from "./outages.ts";
import type { Suspicion } from "./suspicion.ts";

/** So many recipients in a row, and nobody taken between, are told of a limit before it is the relay's and not theirs. */
const SEVERAL = 3;
/**
 * A recipient told so this often has a trouble of its own, and its tries count. One that is told so a second time, after as many
 * others were taken, slows nobody any more.
 */
const OFTEN = 5;
/** So many put off, and nobody taken between: the relay has trouble, and none of them is to pay for it. */
const MANY = 20;
/** A rest is this share of the time since the relay has taken nobody: it grows, and is never much too long. */
const SHARE = 1 / 6;
const LONGEST_REST_MS = 60_000;

/** Whom an attempt was for, and when. */
export interface Sent {
  /** The recipient's row in the ledger. */
  readonly id: number;
  readonly address: string;
  /** The connection, by its number. */
  readonly session: number;
  /** When it was given to it, ms. */
  readonly sentAt: number;
  /** When the recipient was first tried, ms. */
  readonly firstTriedAt: number;
}

/** What a relay that takes nobody is to be given. */
export type Rest =
  | { readonly kind: "rest"; readonly ms: number }
  /** It has taken nobody for longer than anyone waits. */
  | { readonly kind: "give-up"; readonly forMs: number };

/**
 * What the answers of one relay say about it rather than about its recipients: whether it refuses us (`Suspicion`), whether
 * a limit is reached, and for how long it has taken nobody.
 *
 * Pure: it is told what happened and when, and has neither clock nor socket.
 */
export class RelayHealth {
  readonly suspicion: Suspicion;
  readonly #patienceMs: number;
  readonly #hadTaken: boolean;
  /** Recipients told of a limit since the last one was taken. */
  readonly #limited = new Set<number>();
  /** How often a recipient was told so, and how many others had been taken the first time. */
  readonly #told = new Map<number, { times: number; readonly taken: number }>();
  /** Recipients put off since the last one was taken; not all, where they are many. */
  readonly #putOff = new Set<number>();
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

  /** Takes an attempt in, and says how a refusal is to be read. */
  hear(attempt: Attempt, sent: Sent, now: number): Standing {
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
      restedMs: this.#outages.within(sent.firstTriedAt, now),
    };
  }

  /** The relay judged a recipient by its merits. */
  judged(now: number): void {
    this.#outages.end(now);
  }

  /** The relay takes nobody: how long it is left alone for that. `random` is uniform in [0, 1). */
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
    this.#outages.end(now);
  }

  #refused({ stage, reply }: Attempt & { kind: "refused" }, { id }: Sent): void {
    const { kind } = judgeReply(stage, reply);
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
