import type { Composer } from "../../src/compose/composer.ts";
import type { ConsumerContext } from "../../src/pipeline/consumer/consumer.ts";
import { RelayController } from "../../src/pipeline/relay/relay_controller.ts";
import { Pacer } from "../../src/policy/pace/pacer.ts";
import { consume } from "../../src/pipeline/consumer/pool.ts";
import { sleep } from "../../src/time/sleep.ts";
import { Stop } from "../../src/model/stop.ts";
import { Channel } from "../../src/pipeline/channel.ts";
import type { Job } from "../../src/model/recipient.ts";
import { RunSuspicions } from "../../src/policy/health/run_suspicions.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import { SET_ASIDE } from "../../src/model/outcome.ts";
import { Recorder } from "../../src/ledger/recorder.ts";
import type { Reporter } from "../../src/report/reporter.ts";
import type { Relay } from "../../src/model/relay.ts";
import { FakeLedger } from "../ledger/fake_ledger.ts";
import { recipient } from "../ledger/ledgers.ts";
import { FOREVER, relayAt } from "../smtp/fixtures.ts";

export interface PipelineOptions {
  readonly count: number;
  readonly slots?: number;
  readonly relays: readonly (number | Relay)[];
  readonly perSecond?: number;
  readonly consumption?: Partial<ConsumerContext>;
  readonly composer?: Partial<Composer>;
}

/** Consumers between a list of `count` recipients and relays; deferred ones come back when they are due. */
export class Pipeline {
  readonly ledger = new FakeLedger();
  readonly stop = new Stop();
  readonly news: string[] = [];
  readonly givenUp: string[] = [];
  readonly suspicions = new RunSuspicions();
  /** The final outcome of each recipient, by address. */
  readonly ends = new Map<string, Outcome>();
  /** Every outcome, in order: "r1@x.test deferred". */
  readonly told: string[] = [];
  readonly recorder: Recorder;
  readonly controllers: readonly RelayController[];
  readonly channel: Channel<Job>;
  readonly #options: PipelineOptions;
  readonly #due: { job: Job; at: number }[] = [];
  #learntBefore = -1;
  readonly #jobs = new Map<string, Job>();

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.recorder = new Recorder(this.ledger as unknown as Ledger, {
      mostHandedOver: 100,
      onFailure: ({ message }) => this.stop.request("ledger", message),
    });
    const pacer = new Pacer(options.perSecond);
    this.controllers = options.relays.map((relay) =>
      new RelayController(typeof relay === "number" ? relayAt(relay) : relay, options.slots ?? 1, {
        stop: this.stop,
        pacer,
        onNews: (message) => this.news.push(message),
        suspicion: this.suspicions.ofRelay(),
        patienceMs: 3_600_000,
        hadTaken: false,
        onGivenUp: ({ kind, reason, hint }) => {
          this.givenUp.push(reason);
          if (this.controllers.every(({ allowed }) => allowed === 0)) {
            this.stop.request(kind, reason, hint);
          }
        },
      })
    );
    this.channel = new Channel<Job>({ capacity: 8, signal: this.stop.signal });
  }

  /** Runs to the end, or to the stop; answers whether all recipients are settled. */
  async run(): Promise<boolean> {
    const { channel, recorder, stop } = this;
    const reporter = { delivery: (delivery) => this.#tell(delivery.address) } as Partial<
      Reporter
    > as Reporter;
    let last: Outcome | undefined;
    const composer = {
      compose: ({ address, line }) => ({
        envelope: { sender: "s@a.test", recipient: address, smtpUtf8: false },
        messageId: `<${line}@a.test>`,
        bytes: new TextEncoder().encode("Subject: x\r\n\r\nHello\r\n"),
        eightBit: false,
      }),
      ...this.#options.composer,
    } as Partial<Composer> as Composer;
    this.#tell = (address) => this.#note(address, last!);
    const consuming = consume({
      channel,
      composer,
      recorder,
      stop,
      reporter,
      policy: { retries: 3, retryForMs: 60_000, firstRetryMs: 20 },
      abandon: FOREVER,
      suppression: { version: 0, why: () => undefined },
      maxPerConnection: 0,
      window: undefined,
      onSettled: (outcome) => last = outcome,
      ...this.#options.consumption,
    }, this.controllers);
    try {
      await Promise.all([this.#produce().catch(() => {}), consuming]);
    } finally {
      await recorder[Symbol.asyncDispose]();
    }
    return this.ends.size === this.#options.count;
  }

  #tell: (address: string) => void = () => {};

  async #produce(): Promise<void> {
    const { count } = this.#options;
    for (let line = 1; line <= count; line++) {
      await this.#offer({
        recipient: recipient(line),
        id: line,
        attempt: 1,
        firstTriedAt: undefined,
      });
    }
    while (this.ends.size < count && !this.stop.signal.aborted) {
      const at = this.#due.findIndex(({ at }) => at <= Date.now());
      if (at >= 0) await this.#offer(this.#due.splice(at, 1)[0]!.job);
      else if (this.#everybodyIsSetAside) await this.#offerRound();
      else await sleep(2, this.stop.signal);
    }
    if (!this.stop.signal.aborted) await this.channel.close();
  }

  get #everybodyIsSetAside(): boolean {
    return this.#due.length + this.ends.size === this.#options.count &&
      this.#due.every(({ at }) => at === SET_ASIDE);
  }

  /** Tries the set-aside recipients once more; if no mail was accepted since the last round, the relays are abandoned. */
  async #offerRound(): Promise<void> {
    const { suspicions } = this;
    if (suspicions.learnt === this.#learntBefore) {
      return this.controllers.forEach((controller) => controller.giveUpDoubted());
    }
    this.#learntBefore = suspicions.learnt;
    suspicions.lastRound = true;
    const round = this.#due.splice(0);
    const last = round.pop()!;
    for (const { job } of round) await this.#offer(job);
    // As the producer does with the last ones: when all others are answered.
    while (this.#due.length + this.ends.size < this.#options.count - 1) {
      await sleep(2, this.stop.signal);
      if (this.stop.signal.aborted) return;
    }
    await this.#offer(last.job);
  }

  async #offer(job: Job): Promise<void> {
    this.#jobs.set(job.recipient.address, job);
    await this.channel.send(job);
  }

  #note(address: string, outcome: Outcome): void {
    this.told.push(`${address} ${outcome.state}`);
    const job = this.#jobs.get(address)!;
    if (outcome.state !== "deferred") return void this.ends.set(address, outcome);
    const attempt = outcome.counted ? job.attempt + 1 : job.attempt;
    const firstTriedAt = outcome.counted ? job.firstTriedAt ?? Date.now() : job.firstTriedAt;
    this.#due.push({ at: outcome.notBefore, job: { ...job, attempt, firstTriedAt } });
  }
}

/** The addresses of the first recipients of a `Pipeline`. */
export function addresses(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `r${at + 1}@x.test`);
}

export function sorted(list: Iterable<string>): string[] {
  return [...list].sort();
}

/** How many recipients ended in each state. */
export function statesOf(pipeline: Pipeline): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { state } of pipeline.ends.values()) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}
