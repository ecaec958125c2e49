import type { Composer } from "../../compose/composer.ts";
import type { Signer } from "../../compose/dkim/signer.ts";
import type { Mail } from "../../model/mail.ts";
import type { Channel } from "../channel.ts";
import type { Job } from "../../model/recipient.ts";
import type { RetryPolicy } from "../../policy/retry_policy.ts";
import { SET_ASIDE } from "../../model/outcome.ts";
import type { Outcome } from "../../model/outcome.ts";
import type { Recorder } from "../../ledger/recorder.ts";
import { now } from "../../time/steady_time.ts";
import { monotonic } from "../../time/clock.ts";
import type { Attempt } from "../../model/attempt.ts";
import type { SmtpClient } from "../../smtp/smtp_client.ts";
import type { Suppressing } from "../../suppression/suppression_files.ts";
import { deliveryOf, type DeliveryReporter } from "./delivery.ts";
import type { RelayController } from "../relay/relay_controller.ts";
import { HeldConnection } from "./held_connection.ts";
import type { ConnectionSlot } from "./connection_slot.ts";
import type { Stop } from "../../model/stop.ts";

/** Shared by all consumers of a run. */
export interface ConsumerContext {
  readonly channel: Channel<Job>;
  readonly composer: Composer;
  /** Undefined: mails are sent unsigned. */
  readonly signer?: Pick<Signer, "sign"> | undefined;
  readonly suppression: Suppressing;
  readonly recorder: Recorder;
  readonly policy: RetryPolicy;
  readonly stop: Stop;
  /** Aborted when the run no longer waits even for mails on the wire. */
  readonly abandon: AbortSignal;
  readonly reporter: DeliveryReporter;
  /** Mails on one connection before a new one is opened; 0: no limit. */
  readonly maxPerConnection: number;
  /** Most mails under way on one connection; undefined: the client decides. */
  readonly window: number | undefined;
  /** Called with 1 for each mail given to a connection, and with -1 when it is done. */
  readonly onUnderWay?: (change: 1 | -1) => void;
  /** Called for each recipient that reaches a state; for the progress line. */
  readonly onSettled: (outcome: Outcome) => void;
}

/** How an outcome is recorded and reported. */
interface Settling {
  /** Of the mail that was offered to the relay; undefined if none was. */
  readonly messageId?: string;
  /** The relay that `-v` and the log name. */
  readonly reported?: string;
}

/** Time until a recipient left to another relay is offered again. */
const ELSEWHERE_MS = 500;

/** Reason for a run that ends because of a bug. */
export const INTERNAL_ERROR = "Internal error: the run ends so that nothing is lost";

/** Consecutive connection losses during a mail, by the recipient's row in the ledger; shared by all consumers. */
export type Losses = Map<number, number>;

/** A worker that takes jobs, composes the mails, gives them to its connection, and records the outcomes. */
export class Consumer implements ConnectionSlot {
  readonly number: number;
  readonly #shared: ConsumerContext;
  readonly #controller: RelayController;
  readonly #losses: Losses;
  readonly #underWay = new Set<Promise<void>>();
  readonly #connection: HeldConnection;
  /** A bug in sending a mail; thrown when everything else has ended. */
  #fault: { readonly error: unknown } | undefined;

  constructor(
    shared: ConsumerContext,
    controller: RelayController,
    number: number,
    losses: Losses = new Map(),
  ) {
    this.number = number;
    this.#shared = shared;
    this.#controller = controller;
    this.#losses = losses;
    this.#connection = new HeldConnection(controller, shared);
  }

  get connected(): boolean {
    return this.#connection.isOpen;
  }

  /**
   * Works until the channel is drained, the relay is given up, or the run stops. Everything it began is settled by then.
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

  /** Ends the connection properly, once all its mails are answered. */
  leave(): Promise<void> {
    return this.#connection.leave();
  }

  /** Takes the next job; returns undefined when none is left, or the run stops. */
  async #take(): Promise<Job | undefined> {
    this.#connection.idleSince = monotonic();
    try {
      return await this.#shared.channel.receive();
    } catch (error) {
      if (this.#shared.stop.signal.aborted) return undefined;
      throw error;
    } finally {
      this.#connection.idleSince = undefined;
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
      // In the meantime, the relay may have asked for fewer connections, or been given up.
      const client = await this.#controller.admission.admitWithMail(this)
        ? await this.#connection.usable()
        : undefined;
      if (client === undefined) return this.#giveBack(job);
      const { composer, signer } = this.#shared;
      const bare = composer.compose(job.recipient, { eightBit: this.#connection.eightBit });
      if ("reason" in bare) return this.#settle(job, { state: "invalid", reason: bare.reason });
      const mail = signer === undefined ? bare : await signer.sign(bare);
      if (!paced && !(paced = await this.#controller.pace())) return this.#giveBack(job);
      // At a low rate, the server may have closed the idle connection during the wait.
      if (client.end !== undefined) continue;
      if (this.#isRuledOut(job)) return;
      return await this.#hand(client, job, mail);
    }
  }

  /** Returns whether the recipient was suppressed while the mail was waiting; if so, settles it. */
  #isRuledOut(job: Job): boolean {
    const { suppression } = this.#shared;
    if (suppression.version === job.clearedBy) return false;
    const reason = suppression.why(job.recipient.key);
    if (reason === undefined) return false;
    const { ruledOut: state = "skipped" } = job;
    // As in the producer, without a relay, because none has heard of this recipient.
    this.#settle(job, { state, reason }, { reported: "" });
    return true;
  }

  /** Gives a mail to the connection; waits for the outcome only during the trial. */
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
    // One mail at a time, until the relay has judged one on its merits.
    this.#controller.admission.holdTrial(this, true);
    await underWay;
    this.#controller.admission.holdTrial(this, false);
  }

  /** Ends the run because of a bug; otherwise it would wait for this recipient forever. */
  #fail(error: unknown): void {
    this.#fault ??= { error };
    this.#shared.stop.request("internal", INTERNAL_ERROR);
  }

  async #send(client: SmtpClient, job: Job, mail: Mail): Promise<void> {
    const { recorder } = this.#shared;
    const { messageId } = mail;
    const dispatch = { id: job.id, relay: this.#controller.relay.name, messageId };
    const content = { size: mail.bytes.length, attachments: mail.attachments };
    const sentAt = now();
    const { session } = this.#connection;
    const mailsBefore = session.given++;
    let attempt: Attempt;
    try {
      attempt = await client.send(mail, () => recorder.handOver({ ...dispatch, ...content }));
    } catch (error) {
      // The ledger could not record the hand-over, so nothing was sent; the run is already stopping for that reason.
      if (recorder.failure !== undefined) return;
      throw error;
    }
    this.#controller.observe(attempt, {
      session,
      mailsBefore,
      sentAt,
      job,
      lost: this.#losses.get(job.id) ?? 0,
      client,
      policy: this.#shared.policy,
      settle: (outcome) => {
        this.#countLosses(job, attempt);
        // A mail that the server could not carry was not offered to it.
        this.#settle(job, outcome, attempt.kind === "unsendable" ? {} : { messageId });
      },
    });
  }

  #countLosses({ id }: Job, { kind }: Attempt): void {
    if (kind === "broken") this.#losses.set(id, (this.#losses.get(id) ?? 0) + 1);
    else this.#losses.delete(id);
  }

  /** Returns a recipient to the ledger, untried. When the run stops, the ledger releases those that are left. */
  #giveBack(job: Job, reason = "No connection to the relay", notBefore = now()): void {
    if (this.#shared.stop.signal.aborted) return;
    this.#settle(job, { state: "deferred", counted: false, notBefore, reason });
  }

  #settle(
    job: Job,
    outcome: Outcome,
    { messageId, reported = this.#controller.relay.name }: Settling = {},
  ): void {
    const relay = messageId === undefined ? "" : this.#controller.relay.name;
    this.#shared.recorder.settle({ id: job.id, relay, messageId: messageId ?? "" }, outcome);
    this.#shared.onSettled(outcome);
    this.#shared.reporter.delivery(deliveryOf(job.recipient, reported, outcome));
  }
}
