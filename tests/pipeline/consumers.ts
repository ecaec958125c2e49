import type { Composer } from "../../src/compose/composer.ts";
import {
  Consumer,
  type ConsumerContext,
  type Losses,
} from "../../src/pipeline/consumer/consumer.ts";
import { Channel } from "../../src/pipeline/channel.ts";
import type { Job } from "../../src/model/recipient.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import type { Dispatch, HandOver } from "../../src/ledger/dispatch.ts";
import type { Recorder } from "../../src/ledger/recorder.ts";
import type { Reporter } from "../../src/report/reporter.ts";
import type { Delivery } from "../../src/pipeline/consumer/delivery.ts";
import { FOREVER } from "../smtp/fixtures.ts";
import type { FakeTime } from "../support/fake_time.ts";
import { ControllerBench, type ControllerOptions, jobNumber } from "./controller_bench.ts";

export interface ConsumerOptions extends ControllerOptions {
  readonly consumption?: Partial<ConsumerContext>;
  readonly losses?: Losses;
}

/** Consumers of one relay controller for a local server, with what they report and write. */
export class ConsumerBench extends ControllerBench {
  readonly channel = new Channel<Job>({ capacity: 100, signal: this.stop.signal });
  readonly handedOver: HandOver[] = [];
  readonly settled: (Dispatch & { readonly outcome: Outcome })[] = [];
  readonly outcomes: Outcome[] = [];
  readonly told: Delivery[] = [];
  readonly underWay: number[] = [];
  readonly losses: Losses;
  readonly shared: ConsumerContext;
  #settling: () => void = () => {};

  constructor(port: number, { consumption, losses, ...options }: ConsumerOptions = {}) {
    super({ ...options, relay: { port, name: "mx.test:25", ...options.relay } });
    this.losses = losses ?? new Map();
    this.shared = {
      channel: this.channel,
      composer: COMPOSER,
      recorder: this.#recorder(),
      stop: this.stop,
      reporter: { delivery: (delivery) => this.told.push(delivery) } as Partial<
        Reporter
      > as Reporter,
      policy: { retries: 3, retryForMs: 3_600_000, firstRetryMs: 1_000 },
      abandon: FOREVER,
      suppression: { version: 0, why: () => undefined },
      maxPerConnection: 0,
      window: undefined,
      onUnderWay: (change) => this.underWay.push(change),
      onSettled: (outcome) => this.outcomes.push(outcome),
      ...consumption,
    };
  }

  consumer(slot = 0): Consumer {
    return new Consumer(this.shared, this.controller, slot, this.losses);
  }

  /** The outcomes of these jobs, in the order in which they ended. */
  async send(...jobs: readonly (number | Partial<Job>)[]): Promise<readonly Outcome[]> {
    for (const job of jobs) await this.channel.send(jobOf(job));
    await this.channel.close();
    await this.consumer().run();
    return this.outcomes;
  }

  /** Begins a run that is given its jobs later. */
  begin(): { readonly end: () => Promise<boolean> } {
    const running = this.consumer().run();
    return {
      end: async () => {
        await this.channel.close();
        return await running;
      },
    };
  }

  /** Gives a job to those that run, and waits until it is settled. */
  async give(id: number): Promise<void> {
    const settled = Promise.withResolvers<void>();
    this.#settling = settled.resolve;
    await this.channel.send(jobNumber(id));
    await settled.promise;
  }

  #recorder(): Recorder {
    const recorder: Partial<Recorder> = {
      failure: undefined,
      handOver: (dispatch) => {
        this.handedOver.push(dispatch);
        return Promise.resolve();
      },
      settle: (dispatch, outcome) => {
        this.settled.push({ ...dispatch, outcome });
        this.#settling();
      },
    };
    return recorder as Recorder;
  }
}

/** Job 1 of recipient r1@d1.test. */
export function jobOf(job: number | Partial<Job>): Job {
  return typeof job === "number" ? jobNumber(job) : { ...jobNumber(job.id ?? 1), ...job };
}

export const COMPOSER = {
  compose: ({ address, line }) => ({
    envelope: { sender: "s@a.test", recipient: address, smtpUtf8: false },
    messageId: `<${line}@a.test>`,
    bytes: new TextEncoder().encode(`Subject: ${line}\r\n\r\nHello\r\n`),
    eightBit: false,
  }),
} as Partial<Composer> as Composer;

/** Moves the time on until something is so; sockets act in between. */
export async function advanceUntil(
  time: FakeTime,
  what: string,
  isSo: () => boolean,
  stepMs = 2,
  mostSteps = 500,
): Promise<void> {
  for (let step = 0; !isSo(); step++) {
    if (step === mostSteps) throw new Error(`Waited ${step * stepMs} ms in vain: ${what}`);
    await time.advance(stepMs);
  }
}
