import type { ConnectFailure } from "../../smtp/session/connect_relay.ts";
import type { Attempt } from "../../model/attempt.ts";
import type { Rate, Relay } from "../../model/relay.ts";
import { ConnectPatience, PATIENCE_MS } from "../../policy/health/connect_patience.ts";
import { FailureTracker } from "../../policy/health/failure_tracker.ts";
import { judge } from "../../policy/judge.ts";
import type { RelayFeedback } from "../../policy/judgement.ts";
import { judgeConnect } from "../../policy/replies/connect_rules.ts";
import { countOf } from "../../text/quantity.ts";
import { random } from "../../time/clock.ts";
import { now } from "../../time/steady_time.ts";
import type { SendContext } from "../consumer/connection_slot.ts";
import { SlotAdmission } from "./slot_admission.ts";
import type { AttemptReport } from "./attempt_report.ts";
import { ConnectionLimits } from "./connection_limits.ts";
import { type GivingUp, Refusals } from "./refusals.ts";
import { RelayLimits } from "./relay_limits.ts";
import { Sessions } from "./sessions.ts";
import type { RelayControllerDependencies } from "./relay_controller_dependencies.ts";

/** The relay is given up after this many lost connections in a row without success for `PATIENCE_MS`. */
const LOSSES_TO_STOP = 10;
/** Pause after "slow down", so that the current burst ends before the lower rate begins. */
const SLOW_DOWN_PAUSE_MS = 250;

const LOSES_HINT = "Check the relay's log for our connections, then run again to continue.";

/**
 * Controls what one relay gets: how many connections, at what rate, or nothing for a while.
 *
 * It begins with a trial (`Trial`), so that a relay that refuses us sees one recipient, not one per connection. Health
 * (`Refusals`, `FailureTracker`), admission and limits are its parts; each attempt is observed once, here.
 */
export class RelayController {
  readonly relay: Relay;
  /** Number of connection slots. */
  readonly slots: number;
  /** What the relay supports on one connection. */
  readonly connectionLimits: ConnectionLimits;
  /** Interprets its refusals. */
  readonly refusals: Refusals;
  /** Decides which slots may begin now. */
  readonly admission: SlotAdmission;
  readonly #dependencies: RelayControllerDependencies;
  /** Limits of connections and mails per second. */
  readonly relayLimits: RelayLimits;
  readonly #sessions = new Sessions();
  readonly #failures = new FailureTracker(now());
  readonly #connectPatience: ConnectPatience;

  constructor(relay: Relay, slots: number, dependencies: RelayControllerDependencies) {
    this.relay = relay;
    this.slots = slots;
    this.#dependencies = dependencies;
    const { pacer, stop, patienceMs, onNews } = dependencies;
    this.#connectPatience = new ConnectPatience(patienceMs);
    const over = new AbortController();
    this.refusals = new Refusals(relay.name, dependencies);
    this.connectionLimits = new ConnectionLimits(relay.name, () => this.#sessions.opened, onNews);
    this.relayLimits = new RelayLimits(
      relay,
      slots,
      pacer,
      AbortSignal.any([stop.signal, over.signal]),
    );
    this.admission = new SlotAdmission({
      stop,
      over,
      relayLimits: this.relayLimits,
      sessions: this.#sessions,
      failures: this.#failures,
    });
  }

  /** Connections allowed now. */
  get allowed(): number {
    return this.admission.isGivenUp ? 0 : this.relayLimits.connections;
  }

  /** The learnt limit in mails per second; undefined if none is known. */
  get ratePerSecond(): number | undefined {
    return this.relayLimits.ratePerSecond;
  }

  /** Changes the rate limit from the relay's URL; undefined for none. */
  limit(rate: Rate | undefined): void {
    this.relayLimits.limit(rate);
  }

  /** Waits for this mail's turn under all rate limits; returns false if it must no longer go to this relay. */
  async pace(): Promise<boolean> {
    await this.relayLimits.pass();
    return this.admission.isOpen;
  }

  /** Notes that a session is being opened; `connected()` or `connectFailed()` follows. */
  connecting(): void {
    this.#sessions.connecting();
  }

  /** Notes that the session is open. Returns its number, counted from 1. */
  connected(): number {
    return this.#sessions.connected();
  }

  /** Notes that no session could be opened. */
  connectFailed(failure: ConnectFailure): void {
    this.#sessions.connectFailed();
    this.#judgeConnect(failure);
    this.admission.wakeForRoom();
  }

  /** Notes that a session is being ended; `disconnected()` follows. */
  leaving(): void {
    this.#sessions.leaving();
  }

  /** Notes that it has ended. */
  disconnected(): void {
    this.#sessions.left();
    this.admission.wakeForRoom();
  }

  /** Judges an attempt, settles its recipient, and acts on what it says about the relay. */
  observe(attempt: Attempt, report: AttemptReport): void {
    const { job, sentAt, lost, session, client, policy, settle } = report;
    const { outcome, feedback } = judge(attempt, {
      attempt: job.attempt,
      firstTriedAt: job.firstTriedAt ?? sentAt,
      now: now(),
      random: random(),
      lost,
      throttled: this.relayLimits.throttles(attempt, report),
      relay: this.refusals.hear(attempt, job, report),
      sessionOver: this.connectionLimits.refusedAtMail(attempt, report),
    }, policy);
    settle(outcome);
    this.connectionLimits.attempted(session, attempt, client);
    this.follow(feedback, report);
    if (feedback.kind === "refuses-us" && outcome.state === "deferred") {
      const reason = `${this.relay.name} refuses us: ${outcome.reason}`;
      this.giveUp({ kind: feedback.why, reason, hint: feedback.hint });
    }
  }

  /** Ends the use of a relay that has refused recipients and accepted nobody since; does nothing otherwise. */
  giveUpDoubted(): void {
    const why = this.refusals.whyDoubted();
    if (why !== undefined) this.giveUp(why);
  }

  #judgeConnect(failure: ConnectFailure): void {
    const verdict = judgeConnect(this.relay, failure, this.connectionLimits.hadSession);
    const why = { kind: verdict.why, reason: verdict.reason, hint: verdict.hint };
    if (verdict.kind === "give-up") return this.giveUp(why);
    const others = this.#sessions.all;
    if (verdict.kind === "fewer" && others > 0) {
      this.#fewerConnections(others);
      const left = countOf(this.relayLimits.connections, "connection");
      return this.#dependencies.onNews(`${verdict.reason}; continuing with ${left}`);
    }
    const pause = this.#failures.failed(now(), random());
    if (pause === undefined) return;
    const isOver = this.#connectPatience.failed({
      unasked: verdict.kind === "try-later" && verdict.unasked === true,
      // A relay that greets us and then lacks TLS or login may lack it permanently.
      busy: verdict.kind === "fewer" && failure.stage === "greeting",
      answered: this.#sessions.opened > 0,
      failingMs: this.#sessions.failingMs,
    });
    if (isOver) return this.giveUp(why);
    this.#dependencies.onNews(`${verdict.reason}; next try in ${(pause / 1_000).toFixed(1)} s`);
  }

  /** Acts on what an attempt said about the relay; `observe()` calls it. */
  follow(feedback: RelayFeedback, context: SendContext): void {
    const at = now();
    if (feedback.kind !== "lost" && feedback.kind !== "none") this.#failures.succeeded(at);
    switch (feedback.kind) {
      case "well":
        return this.#judged(at);
      case "suspect":
        return this.refusals.refusesUs ? this.giveUpDoubted() : undefined;
      case "slow-down":
        return this.#slowDown(feedback.of, at, context);
      case "lost":
        if (feedback.inDoubt && this.admission.isOpen) this.connectionLimits.lost(context.session);
        return this.#lost(context.session.number, at);
      case "refuses-us":
      case "none":
        return;
    }
  }

  #judged(at: number): void {
    const before = this.relayLimits.connections;
    this.admission.endTrial();
    this.refusals.judged(at);
    this.relayLimits.judged(at);
    if (this.relayLimits.connections > before) this.admission.wakeForRoom();
  }

  #fewerConnections(open: number): void {
    this.relayLimits.fewerConnections(now(), open);
    // Slots that already have a mail may have to leave it to others.
    this.admission.wake();
  }

  #slowDown(of: "connections" | "rate", at: number, { mailsBefore, session }: SendContext): void {
    this.#restIfTakesNobody(at);
    if (this.admission.isGivenUp) return;
    // A 421 on a used connection is taken for a limit of mails per connection first, and for a rate limit if the number varies.
    if (of === "connections" && mailsBefore > 0) {
      if (this.connectionLimits.dismissedAfter(mailsBefore, session)) return;
    } else if (of === "connections" && this.#sessions.carrying > 1) {
      return this.#fewerConnections(this.#sessions.carrying - 1);
    }
    // If there was a rate limit already, there is no burst to wait for.
    if (this.relayLimits.lowerRate(at)) {
      this.#failures.pauseFor(at, SLOW_DOWN_PAUSE_MS * (1 + random()));
    }
  }

  /** Pauses for longer and longer while the relay accepts nobody, and gives it up in the end. */
  #restIfTakesNobody(at: number): void {
    const rest = this.refusals.takesNobody(at);
    if ("reason" in rest) return this.giveUp(rest);
    if (this.#failures.pause(at) < rest.ms) this.#failures.pauseFor(at, rest.ms);
  }

  #lost(session: number, at: number): void {
    if (!this.#failures.lost(session, this.#sessions.opened, at, random())) return;
    if (this.#failures.inARow < LOSSES_TO_STOP || this.#failures.sinceSuccess(at) < PATIENCE_MS) {
      return;
    }
    this.giveUp({
      kind: "unreachable",
      reason: `${this.relay.name} drops every connection before replying to a message`,
      hint: LOSES_HINT,
    });
  }

  /** Ends the use of this relay for this run. */
  giveUp(why: GivingUp): void {
    if (this.admission.isGivenUp) return;
    this.refusals.retire();
    this.admission.giveUp();
    this.#dependencies.onGivenUp(why);
  }
}
