import type { RelayController } from "../../src/pipeline/relay/relay_controller.ts";
import type { Pacer } from "../../src/policy/pace/pacer.ts";
import {
  type ConnectionSlot,
  newSession,
  type SendContext,
  type SessionCounts,
} from "../../src/pipeline/consumer/connection_slot.ts";
import type { Job } from "../../src/model/recipient.ts";
import { SET_ASIDE } from "../../src/model/outcome.ts";
import { now } from "../../src/time/steady_time.ts";
import type { Attempt } from "../../src/model/attempt.ts";
import type { Line, RelayWorld } from "./relay_world.ts";
import type { Run } from "./run.ts";
import type { Actor } from "./virtual_time.ts";

/** As `Consumer` and `Trial` have them. */
const ELSEWHERE_MS = 500;
const SLOW_MS = 10_000;

const CLIENT = { dismissed: false, refusesBehindDot: false };

/** One slot at a relay: what `Consumer` does in which order, with the real `Gate`, over a relay that is simulated. */
export class Consuming {
  readonly #run: Run;
  readonly #controller: RelayController;
  readonly #world: RelayWorld;
  readonly #pacer: Pacer;
  readonly #slot: ConnectionSlot;
  #line: Line | undefined;
  #session: SessionCounts = newSession(0, { chunking: false, pipelining: false });
  #underWay = 0;

  /** @param pacer of the relay's learnt rate, shared by its slots */
  constructor(
    run: Run,
    controller: RelayController,
    world: RelayWorld,
    pacer: Pacer,
    number: number,
  ) {
    this.#run = run;
    this.#controller = controller;
    this.#world = world;
    this.#pacer = pacer;
    this.#slot = { number, connected: false, leave: () => Promise.resolve() };
  }

  *act(): Actor {
    while (yield* this.#admit()) {
      const job = yield* this.#take();
      if (job === undefined) break;
      const passed = this.#controller.refusals.passesOver(job);
      if (passed === undefined) yield* this.#carry(job);
      else this.#giveBack(job, passed === "set-aside" ? SET_ASIDE : now() + ELSEWHERE_MS);
    }
    yield* this.#leave();
  }

  get #isOpen(): boolean {
    return this.#controller.allowed > 0 && !this.#run.stop.signal.aborted;
  }

  get #isConnected(): boolean {
    return this.#line !== undefined;
  }

  get #hasRoom(): boolean {
    return this.#controller.admission.hasRoomFor({
      number: this.#slot.number,
      connected: this.#isConnected,
    });
  }

  /** Until when to wait for the relay controller, at the longest. */
  get #lookAgainAt(): number {
    return this.#run.time.now + Math.max(1, this.#controller.admission.pauseMs || SLOW_MS);
  }

  *#admit(): Generator<number, boolean> {
    while (this.#isOpen && !(this.#run.closed && this.#run.channel.length === 0)) {
      if (this.#isConnected && !this.#controller.admission.keeps()) yield* this.#leave();
      if (this.#controller.admission.pauseMs === 0 && this.#hasRoom) return true;
      yield this.#lookAgainAt;
    }
    return false;
  }

  *#admitWithMail(): Generator<number, boolean> {
    while (
      this.#isOpen && (this.#isConnected ? this.#controller.admission.keeps() : this.#hasRoom)
    ) {
      if (this.#controller.admission.pauseMs === 0) return true;
      yield this.#lookAgainAt;
    }
    return false;
  }

  *#take(): Generator<number, Job | undefined> {
    const { channel, receivers, stop, time } = this.#run;
    receivers.push(this);
    while (!stop.signal.aborted) {
      if (channel.length > 0 && receivers[0] === this) {
        receivers.shift();
        time.acted();
        return channel.shift();
      }
      if (this.#run.closed && channel.length === 0) return undefined;
      yield Infinity;
    }
    return undefined;
  }

  *#carry(job: Job): Actor {
    for (let paced = false;;) {
      const line = (yield* this.#admitWithMail()) ? yield* this.#usableLine() : undefined;
      if (line === undefined) return this.#giveBack(job, now());
      if (!paced && !(paced = yield* this.#pace())) return this.#giveBack(job, now());
      if (line.dead) continue;
      return yield* this.#hand(line, job);
    }
  }

  *#pace(): Generator<number, boolean> {
    const { time } = this.#run;
    for (;;) {
      this.#pacer.limit(this.#controller.ratePerSecond);
      const wait = this.#pacer.next(time.now) - time.now;
      if (wait < 1 || !this.#isOpen) break;
      yield time.now + wait;
    }
    this.#pacer.take(Math.max(time.now, this.#pacer.next(time.now)));
    return this.#isOpen;
  }

  *#usableLine(): Generator<number, Line | undefined> {
    const { limits } = this.#controller;
    if (this.#line !== undefined) {
      const spent = this.#session.given >= limits.mailsOn(this.#session) ||
        this.#session.exhausted;
      while (!spent && !this.#line.dead && this.#underWay >= this.#run.window) yield Infinity;
      if (!spent && !this.#line.dead) return this.#line;
      yield* this.#leave();
    }
    return yield* this.#connect();
  }

  *#connect(): Generator<number, Line | undefined> {
    const { time, roundTripMs } = this.#run;
    this.#controller.connecting();
    for (const until = time.now + roundTripMs; time.now < until;) yield until;
    const reply = this.#world.model.greeting?.(this.#world.at);
    time.acted();
    if (reply !== undefined) {
      const attempt = { kind: "refused", stage: "greeting", reply } as const;
      const failure = { kind: "connect-failure", stage: "greeting", attempt } as const;
      this.#controller.connectFailed({ ...failure, tlsReason: undefined, address: undefined });
      return undefined;
    }
    this.#session = newSession(this.#controller.connected(), { chunking: false, pipelining: true });
    this.#controller.limits.roundTrip(roundTripMs);
    return this.#line = { dead: false, arrivesAt: 0, heardAt: 0 };
  }

  *#leave(): Actor {
    if (this.#line === undefined) return;
    this.#controller.leaving();
    while (this.#underWay > 0) yield Infinity;
    this.#controller.limits.ended(this.#session);
    this.#line = undefined;
    this.#controller.disconnected();
    this.#run.time.acted();
  }

  *#hand(line: Line, job: Job): Actor {
    let heard = false;
    const session = this.#session;
    const place: SendContext = {
      session,
      mailsBefore: session.given++,
      sentAt: now(),
    };
    this.#underWay++;
    this.#world.send(line, job.recipient.address, this.#run.roundTripMs, (attempt) => {
      heard = true;
      this.#underWay--;
      if (attempt.kind === "broken" || isFarewell(attempt)) line.dead = true;
      this.#hear(attempt, job, place);
    });
    if (!this.#controller.admission.onTrial) return;
    this.#controller.admission.holdTrial(this.#slot, true);
    while (!heard) yield Infinity;
    this.#controller.admission.holdTrial(this.#slot, false);
    this.#run.time.acted();
  }

  #hear(attempt: Attempt, job: Job, context: SendContext): void {
    const { losses, policy, book } = this.#run;
    this.#controller.observe(attempt, {
      ...context,
      job,
      lost: losses.get(job.id) ?? 0,
      client: CLIENT,
      policy,
      settle: (outcome) => {
        if (attempt.kind === "broken") losses.set(job.id, (losses.get(job.id) ?? 0) + 1);
        else losses.delete(job.id);
        book.settle(job.id, outcome, now());
      },
    });
  }

  #giveBack(job: Job, notBefore: number): void {
    if (this.#run.stop.signal.aborted) return;
    const reason = "Given back";
    this.#run.book.settle(
      job.id,
      { state: "deferred", counted: false, notBefore, reason },
      now(),
    );
    this.#run.time.acted();
  }
}

function isFarewell(attempt: Attempt): boolean {
  return attempt.kind === "refused" && attempt.reply.code === 421;
}
