import type { Composer } from "../../compose/composer.ts";
import type { Signer } from "../../compose/dkim/signer.ts";
import type { Mail } from "../../model/mail.ts";
import type { Channel } from "../channel.ts";
import type { Job } from "../../model/recipient.ts";
import type { RetryPolicy } from "../../policy/judge.ts";
import { SET_ASIDE } from "../../model/outcome.ts";
import type { Outcome } from "../../model/outcome.ts";
import type { Recorder } from "../../ledger/recorder.ts";
import { now } from "../../time/steady_time.ts";
import { every, monotonic } from "../../time/clock.ts";
import type { Attempt } from "../../model/attempt.ts";
import type { SmtpClient } from "../../smtp/smtp_client.ts";
import { deliveryOf, type DeliveryReporter } from "./delivery.ts";
import type { RelayController } from "../relay/relay_controller.ts";
import { openClient } from "./open_client.ts";
import { type ConnectionSlot, newSession, type SessionCounts } from "./connection_slot.ts";
import type { Stop } from "../../model/stop.ts";

/** What all consumers of a run share. */
export interface Consumption {
  readonly channel: Channel<Job>;
  readonly composer: Composer;
  /** undefined: mails leave unsigned. */
  readonly signer?: Pick<Signer, "sign"> | undefined;
  readonly recorder: Recorder;
  readonly policy: RetryPolicy;
  readonly stop: Stop;
  /** Aborted when not even what is on the wire is to be waited for. */
  readonly abandon: AbortSignal;
  readonly reporter: DeliveryReporter;
  /** Mails on one connection before a new one is opened; 0: no limit. */
  readonly maxPerConnection: number;
  /** Mails under way on one connection, at the most; undefined: as the lane finds out. */
  readonly window: number | undefined;
  /** Told of each mail that is given to a connection (1), and of its end there (-1). */
  readonly onUnderWay?: (change: 1 | -1) => void;
  /** Told of each recipient that came to a state; for the progress line. */
  readonly onSettled: (outcome: Outcome) => void;
}

/** A connection held this long without a mail is closed: the server would, and what it then gets might be lost. */
const IDLE_MS = 5_000;
/** Looks this often; a timer for each job would cost a tenth of a core at 20,000 mails a second. */
const LOOK_FOR_IDLENESS_MS = 1_000;

/** A recipient left to another relay is offered again after so long. */
const ELSEWHERE_MS = 500;

/** Why a run ends that meets a bug of ours. */
export const INTERNAL_ERROR = "Internal error: the run ends so that nothing is lost";

/** How often in a row the connection broke under a mail, by the recipient's row in the ledger; shared by all consumers. */
export type Losses = Map<number, number>;

/** One worker: takes jobs, makes mails of them, hands them to its connection, and notes what became of them. */
export class Consumer implements ConnectionSlot {
  readonly number: number;
  readonly #shared: Consumption;
  readonly #controller: RelayController;
  readonly #losses: Losses;
  readonly #underWay = new Set<Promise<void>>();
  #client: SmtpClient | undefined;
  #eightBit = false;
  #session: SessionCounts = newSession(0, { chunking: false, pipelining: false });
  #idleTimer: Disposable | undefined;
  /** Since when it waits for a job; undefined: it has one. */
  #waitingSince: number | undefined;
  /** The last session's end; whoever ends waits for it. */
  #left: Promise<void> = Promise.resolve();
  /** A bug in the sending of a mail; thrown when all else has ended. */
  #fault: { readonly error: unknown } | undefined;

  constructor(
    shared: Consumption,
    controller: RelayController,
    number: number,
    losses: Losses = new Map(),
  ) {
    this.number = number;
    this.#shared = shared;
    this.#controller = controller;
    this.#losses = losses;
  }

  get connected(): boolean {
    return this.#client !== undefined;
  }

  /**
   * Works until the channel is drained, the relay is given up, or the run stops; all it began is settled then.
   *
   * @returns whether the channel is drained
   */
  async run(): Promise<boolean> {
    const drained = await this.#work().finally(async () => {
      await this.leave();
      await Promise.all(this.#underWay);
    });
    if (this.#fault !== undefined) throw this.#fault.error;
    return drained;
  }

  async #work(): Promise<boolean> {
    while (await this.#controller.admission.admit(this)) {
      const job = await this.#take();
      if (job === undefined) return true;
      await this.#offer(job);
    }
    return false;
  }

  /** Ends the connection in order, when what it carries is answered. */
  leave(): Promise<void> {
    if (this.#client !== undefined) {
      this.#left = Promise.all([this.#left, this.#end(this.#client)]).then(() => {});
    }
    return this.#left;
  }

  async #end(client: SmtpClient): Promise<void> {
    this.#idleTimer?.[Symbol.dispose]();
    this.#client = undefined;
    const session = this.#session;
    const { limits } = this.#controller;
    if (client.end?.kind === "broken") limits.brokenBy(client.end.cause, session);
    this.#controller.leaving();
    await client.close();
    if (client.pipeliningSuspect) limits.suspectPipelining();
    limits.ended(session);
    this.#controller.disconnected();
  }

  /** The next job; undefined when there is none any more, or the run stops. */
  async #take(): Promise<Job | undefined> {
    this.#waitingSince = monotonic();
    try {
      return await this.#shared.channel.receive();
    } catch (error) {
      if (this.#shared.stop.signal.aborted) return undefined;
      throw error;
    } finally {
      this.#waitingSince = undefined;
    }
  }

  async #offer(job: Job): Promise<void> {
    switch (this.#controller.refusals.passesOver(job)) {
      case "set-aside":
        return this.#giveBack(job, "Set aside: others of this domain were refused", SET_ASIDE);
      case "elsewhere":
        return this.#giveBack(job, "Left to another relay: refused here", now() + ELSEWHERE_MS);
      case undefined:
        return await this.#carry(job);
    }
  }

  async #carry(job: Job): Promise<void> {
    for (let paced = false;;) {
      // While the job was waited for, the relay may have asked for fewer connections, or been given up.
      const client = await this.#controller.admission.admitWithMail(this)
        ? await this.#usableClient()
        : undefined;
      if (client === undefined) return this.#giveBack(job);
      const { composer, signer } = this.#shared;
      const bare = composer.compose(job.recipient, { eightBit: this.#eightBit });
      if ("reason" in bare) return this.#settle(job, "", { state: "invalid", reason: bare.reason });
      const mail = signer === undefined ? bare : await signer.sign(bare);
      if (!paced && !(paced = await this.#controller.pace())) return this.#giveBack(job);
      // At a low rate the wait can outlast the server's patience with an idle connection.
      if (client.end !== undefined) continue;
      return await this.#hand(client, job, mail);
    }
  }

  /** Gives a mail to the connection, and waits for what becomes of it only on trial. */
  async #hand(client: SmtpClient, job: Job, mail: Mail): Promise<void> {
    const { onUnderWay } = this.#shared;
    onUnderWay?.(1);
    const underWay = this.#send(client, job, mail)
      .catch((error) => this.#fail(error))
      .finally(() => {
        this.#underWay.delete(underWay);
        onUnderWay?.(-1);
      });
    this.#underWay.add(underWay);
    if (!this.#controller.admission.onTrial) return;
    // One mail alone, until the relay has judged one by its merits.
    this.#controller.admission.holdTrial(this, true);
    await underWay;
    this.#controller.admission.holdTrial(this, false);
  }

  /** A bug: the run ends now, as its recipient would be waited for without end. */
  #fail(error: unknown): void {
    this.#fault ??= { error };
    this.#shared.stop.request(INTERNAL_ERROR);
  }

  async #send(client: SmtpClient, job: Job, mail: Mail): Promise<void> {
    const { recorder } = this.#shared;
    const dispatch = { id: job.id, relay: this.#controller.relay.name, messageId: mail.messageId };
    const sentAt = now();
    const session = this.#session;
    const mailsBefore = session.given++;
    let attempt: Attempt;
    try {
      attempt = await client.send(mail, () => recorder.handOver(dispatch));
    } catch (error) {
      // The ledger could not record the hand-over, so nothing was sent; the run is stopping for that very reason.
      if (recorder.failure !== undefined) return;
      throw error;
    }
    this.#controller.observe(attempt, {
      session,
      mailsBefore,
      sentAt,
      first: job.attempt === 1,
      job,
      lost: this.#losses.get(job.id) ?? 0,
      client,
      policy: this.#shared.policy,
      settle: (outcome) => {
        this.#countLosses(job, attempt);
        this.#settle(job, mail.messageId, outcome);
      },
    });
  }

  #countLosses({ id }: Job, { kind }: Attempt): void {
    if (kind === "broken") this.#losses.set(id, (this.#losses.get(id) ?? 0) + 1);
    else this.#losses.delete(id);
  }

  /** This connection, or a new one; undefined when there is none to be had now. */
  async #usableClient(): Promise<SmtpClient | undefined> {
    if (this.#client !== undefined) {
      if (!this.#isSpent() && await this.#client.ready()) return this.#client;
      await this.leave();
    }
    const opened = await openClient(this.#controller, this.#shared);
    if (opened === undefined) return undefined;
    this.#session = opened.counts;
    this.#eightBit = opened.eightBit;
    this.#idleTimer = every(LOOK_FOR_IDLENESS_MS, () => this.#leaveWhenIdle());
    this.#client = opened.client;
    return this.#client;
  }

  #leaveWhenIdle(): void {
    const since = this.#waitingSince;
    if (since !== undefined && monotonic() - since >= IDLE_MS) void this.leave();
  }

  /** The session has carried its mails, or uses what is not to be used with this relay any more. */
  #isSpent(): boolean {
    const { maxPerConnection } = this.#shared;
    const { limits } = this.#controller;
    const most = Math.min(maxPerConnection || Infinity, limits.mailsOn(this.#session));
    return this.#session.given >= most || this.#session.exhausted || limits.outdated(this.#session);
  }

  /** Back to the ledger, untried. When the run stops the ledger itself gives back what is left. */
  #giveBack(job: Job, reason = "No connection to the relay", notBefore = now()): void {
    if (this.#shared.stop.signal.aborted) return;
    this.#settle(job, "", { state: "deferred", counted: false, notBefore, reason });
  }

  #settle(job: Job, messageId: string, outcome: Outcome): void {
    const relay = this.#controller.relay.name;
    this.#shared.recorder.settle({ id: job.id, relay, messageId }, outcome);
    this.#shared.onSettled(outcome);
    this.#shared.reporter.delivery(deliveryOf(job.recipient, relay, outcome));
  }
}
