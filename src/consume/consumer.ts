import type { Composer } from "../compose/composer.ts";
import type { Mail } from "../compose/mail.ts";
import type { Channel } from "../produce/channel.ts";
import type { Job } from "../produce/recipient.ts";
import { judge, type Outcome, type RetryPolicy } from "../record/outcome.ts";
import type { Recorder } from "../record/recorder.ts";
import type { Talk } from "../report/talk.ts";
import type { Attempt } from "../smtp/attempt.ts";
import { connectRelay } from "../smtp/client.ts";
import { Lane } from "../smtp/lane.ts";
import { deliveryOf } from "./delivery.ts";
import type { Gate } from "./gate.ts";
import type { Stop } from "./stop.ts";

/** What all consumers of a run share. */
export interface Consumption {
  readonly channel: Channel<Job>;
  readonly composer: Composer;
  readonly recorder: Recorder;
  readonly policy: RetryPolicy;
  readonly stop: Stop;
  /** Aborted when not even what is on the wire is to be waited for. */
  readonly abandon: AbortSignal;
  readonly talk: Talk;
  /** Mails on one connection before a new one is opened; 0: no limit. */
  readonly maxPerConnection: number;
  /** Mails under way on one connection, at the most; undefined: as the lane finds out. */
  readonly window: number | undefined;
  /** Told of each recipient that came to a state; for the progress line. */
  readonly onSettled: (outcome: Outcome) => void;
}

/** A connection held this long without a mail is closed: the server would, and what it then gets might be lost. */
const IDLE_MS = 5_000;

/** One worker: takes jobs, makes mails of them, hands them to its connection, and notes what became of them. */
export class Consumer {
  readonly #shared: Consumption;
  readonly #gate: Gate;
  readonly #seat: number;
  readonly #underWay = new Set<Promise<void>>();
  #lane: Lane | undefined;
  #eightBit = false;
  /** Mails given to the present lane. */
  #carried = 0;

  constructor(shared: Consumption, gate: Gate, seat: number) {
    this.#shared = shared;
    this.#gate = gate;
    this.#seat = seat;
  }

  /**
   * Works until the channel is drained, the relay is given up, or the run stops; all it began is settled then.
   *
   * @returns whether the channel is drained
   */
  async run(): Promise<boolean> {
    try {
      while (await this.#gate.admit(this.#seat)) {
        const job = await this.#take();
        if (job === undefined) return true;
        await this.#carry(job);
      }
      return false;
    } finally {
      await this.#leave();
      await Promise.all(this.#underWay);
    }
  }

  /** The next job; undefined when there is none any more, or the run stops. */
  async #take(): Promise<Job | undefined> {
    const idle = setTimeout(() => void this.#leave(), IDLE_MS);
    try {
      return await this.#shared.channel.receive();
    } catch (error) {
      if (this.#shared.stop.signal.aborted) return undefined;
      throw error;
    } finally {
      clearTimeout(idle);
    }
  }

  async #carry(job: Job): Promise<void> {
    const lane = await this.#usableLane(job);
    if (lane === undefined) return;
    const mail = this.#shared.composer.compose(job.recipient, { eightBit: this.#eightBit });
    if ("reason" in mail) return this.#settle(job, "", { state: "invalid", reason: mail.reason });
    if (!await this.#gate.pace()) return;
    const underWay = this.#send(lane, job, mail);
    this.#underWay.add(underWay);
    void underWay.finally(() => this.#underWay.delete(underWay));
    if (this.#gate.onTrial) await this.#trial(underWay);
  }

  /** One mail alone, until the relay has judged one by its merits. */
  async #trial(underWay: Promise<void>): Promise<void> {
    this.#gate.holdTrial(true);
    try {
      await underWay;
    } finally {
      this.#gate.holdTrial(false);
    }
  }

  async #send(lane: Lane, job: Job, mail: Mail): Promise<void> {
    const { recorder } = this.#shared;
    const dispatch = { id: job.id, relay: this.#gate.relay.name, messageId: mail.messageId };
    const firstTriedAt = job.firstTriedAt ?? Date.now();
    const mailsBefore = this.#carried++;
    let attempt: Attempt;
    try {
      attempt = await lane.send(mail, () => recorder.handOver(dispatch));
    } catch (error) {
      // The ledger could not note the hand-over, so nothing was sent; the run is stopping for that very reason.
      if (recorder.failure !== undefined) return;
      throw error;
    }
    const tried = { attempt: job.attempt, firstTriedAt, now: Date.now(), random: Math.random() };
    const { outcome, sign } = judge(attempt, tried, this.#shared.policy);
    this.#settle(job, mail.messageId, outcome);
    this.#gate.heed(sign, job.id, mailsBefore);
    if (sign.kind === "refuses-us" && outcome.state === "deferred") {
      this.#gate.refused(`${this.#gate.relay.name} refuses us: ${outcome.reason}`, sign.hint);
    }
  }

  /** This connection, or a new one; without either the job goes back to the ledger, untried. */
  async #usableLane(job: Job): Promise<Lane | undefined> {
    if (this.#lane !== undefined) {
      const spent = this.#carried >= this.#mostMails() || !this.#gate.keeps(this.#seat);
      if (!spent && await this.#lane.ready()) return this.#lane;
      await this.#leave();
    }
    const { stop } = this.#shared;
    const session = await connectRelay(this.#gate.relay, { signal: stop.signal }).catch((error) => {
      if (stop.signal.aborted) return undefined;
      throw error;
    });
    if (session === undefined) return undefined;
    if (session.kind === "connect-failure") {
      this.#gate.connectFailed(session);
      const notBefore = Date.now();
      this.#settle(job, "", {
        state: "deferred",
        counted: false,
        notBefore,
        reason: "No connection to the relay",
      });
      return undefined;
    }
    this.#gate.connected();
    this.#carried = 0;
    this.#eightBit = session.capabilities.eightBitMime;
    const { window, abandon } = this.#shared;
    this.#lane = new Lane(session, { signal: abandon, window, lockStep: this.#gate.lockStep });
    return this.#lane;
  }

  #mostMails(): number {
    const { maxPerConnection } = this.#shared;
    return Math.min(
      maxPerConnection === 0 ? Infinity : maxPerConnection,
      this.#gate.mailsPerSession,
    );
  }

  /** Ends the connection in order, when what it carries is answered. */
  async #leave(): Promise<void> {
    const lane = this.#lane;
    if (lane === undefined) return;
    this.#lane = undefined;
    const carried = this.#carried;
    await lane.close();
    if (lane.pipeliningSuspect) this.#gate.suspectPipelining();
    this.#gate.disconnected(carried, lane.end?.kind === "dismissed");
  }

  #settle(job: Job, messageId: string, outcome: Outcome): void {
    const relay = this.#gate.relay.name;
    this.#shared.recorder.settle({ id: job.id, relay, messageId }, outcome);
    this.#shared.onSettled(outcome);
    this.#shared.talk.delivery(deliveryOf(job.recipient, relay, outcome));
  }
}
