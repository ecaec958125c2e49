import { random } from "../../time/clock.ts";
import { hintOf } from "../../policy/replies/known_codes.ts";
import { RelayHealth, type Rest } from "../../policy/health/relay_health.ts";
import type { Suspicion } from "../../policy/health/suspicion.ts";
import type { Job } from "../../model/recipient.ts";
import type { RelayEvidence } from "../../policy/judgement.ts";
import { judgeReply } from "../../policy/replies/judge_reply.ts";
import { LATER_HINT } from "../../policy/replies/reply_rules.ts";
import { now } from "../../time/steady_time.ts";
import { countOf, durationText } from "../../text/quantity.ts";
import type { Attempt } from "../../model/attempt.ts";
import { replyLine } from "../../model/reply.ts";
import type { StopKind } from "../../model/stop_kind.ts";
import type { SendContext } from "../consumer/connection_slot.ts";

/** What judging a relay's refusals depends on. */
export interface RefusalOptions {
  /** What this relay has refused, and whether it accepts others. */
  readonly suspicion: Suspicion;
  /** How long a relay that answers may accept nobody, in ms. */
  readonly patienceMs: number;
  /** Whether a relay accepted mail of this campaign in an earlier run. */
  readonly hadTaken: boolean;
}

/** Why a relay is no longer used, and what to do about it. */
export interface GivingUp {
  readonly kind: StopKind;
  readonly reason: string;
  readonly hint: string;
}

/** What a relay's refusals say about it and its recipients: adds the clock and messages to `RelayHealth` and `Suspicion`. */
export class Refusals {
  readonly #relay: string;
  readonly #suspicion: Suspicion;
  readonly #health: RelayHealth;

  constructor(relay: string, { suspicion, patienceMs, hadTaken }: RefusalOptions) {
    this.#relay = relay;
    this.#suspicion = suspicion;
    this.#health = new RelayHealth(suspicion, patienceMs, hadTaken);
  }

  /** Notes an attempt. Returns what is then known about the relay, for judging the attempt. */
  hear(attempt: Attempt, job: Job, { sentAt, session }: SendContext): RelayEvidence {
    const { id, recipient: { address }, firstTriedAt = sentAt } = job;
    const sent = { id, address, session: session.number, sentAt, firstTriedAt };
    return this.#health.hear(attempt, sent, now());
  }

  /** Notes that the relay accepted a mail, or judged a recipient individually. */
  judged(at: number): void {
    this.#health.judged(at);
  }

  /** Returns whether this recipient must wait for others to go first, or for another relay. */
  passesOver({ id, recipient: { address } }: Job): "set-aside" | "elsewhere" | undefined {
    if (this.#suspicion.leavesToOthers(id)) return "elsewhere";
    return this.#suspicion.passesOver(address) ? "set-aside" : undefined;
  }

  /** Whether so many were refused, with nobody accepted, that the relay must mean us. */
  get refusesUs(): boolean {
    return this.#suspicion.refusesUs;
  }

  /** Whether the relay has refused some and accepted nobody since, so that its refusals may be about us. */
  get isDoubted(): boolean {
    return this.#suspicion.size > 0 && !this.#suspicion.takesMail;
  }

  /** Returns why a relay that refused recipients and accepted nobody since is given up; undefined if it refused none. */
  whyDoubted(): GivingUp | undefined {
    const { size, reply, taken } = this.#suspicion;
    if (reply === undefined) return undefined;
    const whom = size === 1 ? "a recipient" : `${countOf(size, "recipient")} one after another`;
    const since = taken === 0 ? "accepted none" : "accepted none since";
    return {
      kind: judgeReply("rcpt", reply).kind === "limit" ? "quota" : "refused-by-relay",
      reason: `${this.#relay} refused ${whom} and ${since}: ${replyLine(reply)}`,
      hint: hintOf(reply),
    };
  }

  /** Notes that the relay again accepted nobody. Returns how long to pause it, or why it is given up. */
  takesNobody(at: number): Rest & { readonly kind: "rest" } | GivingUp {
    const rest = this.#health.takesNobody(at, random());
    if (rest.kind === "rest") return rest;
    const reply = this.#health.lastRefusal;
    const reason = `${this.#relay} has accepted no mail for ${durationText(rest.forMs)}`;
    const kind = this.#health.isAtQuota ? "quota" : "relay-busy";
    return reply === undefined
      ? { kind, reason, hint: LATER_HINT }
      : { kind, reason: `${reason}: ${replyLine(reply)}`, hint: hintOf(reply) };
  }

  /** Notes that the relay is no longer used. */
  retire(): void {
    this.#suspicion.retired = true;
  }
}
