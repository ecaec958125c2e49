import type { SendOptions } from "../../src/cli/options.ts";
import { Stop } from "../../src/consume/stop.ts";
import { Channel } from "../../src/produce/channel.ts";
import { produce, type Production } from "../../src/produce/producer.ts";
import type { BadRow, CsvRow, Job } from "../../src/produce/recipient.ts";
import { Selection } from "../../src/produce/selection.ts";
import type { Outcome } from "../../src/record/outcome.ts";
import { Recorder } from "../../src/record/recorder.ts";
import { SqliteLedger } from "../../src/record/sqlite.ts";
import { FACTS, OUTCOMES } from "../record/ledgers.ts";

type Choice = Partial<Pick<SendOptions, "offset" | "only" | "shard" | "limit" | "wait">>;

/** Rows `first` to `last` of a list: "r2@x.test" on line 2. */
export function rowsFrom(first: number, last: number): CsvRow[] {
  return Array.from({ length: last - first + 1 }, (_, at) => {
    const line = first + at;
    return { kind: "row", line, cells: [`r${line}@x.test`] };
  });
}

/** One run of a producer over a ledger of its own, whose consumer is the test. */
export class Run implements AsyncDisposable {
  readonly stop = new Stop();
  readonly ledger: SqliteLedger;
  readonly recorder: Recorder;
  readonly channel: Channel<Job>;
  readonly unmet: string[] = [];
  readonly waits: (number | undefined)[] = [];
  /** Rows the producer has taken out of the list. */
  taken = 0;
  readonly #choice: Choice;
  readonly #suppressed: ReadonlySet<string>;

  constructor(path: string, choice: Choice = {}, suppressed: readonly string[] = []) {
    this.#choice = choice;
    this.#suppressed = new Set(suppressed);
    this.ledger = new SqliteLedger({ path, facts: FACTS, resendInDoubt: false });
    this.recorder = new Recorder(this.ledger, { mostHandedOver: 100, onFailure: () => {} });
    this.channel = new Channel<Job>({ capacity: 8, signal: this.stop.signal });
  }

  produce(rows: readonly (CsvRow | BadRow)[], changes: Partial<Production> = {}): Promise<void> {
    const { offset = 0, only = [], shard, limit, wait = true } = this.#choice;
    const taken = (size: number) => this.taken += size;
    const stream = new ReadableStream<readonly (CsvRow | BadRow)[]>({
      start: (controller) => void (this.#at = 0, controller),
      pull: (controller) => {
        const batch = rows.slice(this.#at, this.#at += 4);
        taken(batch.length);
        if (batch.length === 0) controller.close();
        else controller.enqueue(batch);
      },
    }, { highWaterMark: 0 });
    return produce({
      rows: stream as Production["rows"],
      columns: { names: ["Email"], email: 0 },
      listName: "list.csv",
      required: [],
      selection: new Selection({ offset, only, shard, limit }),
      suppression: {
        why: (key: string) => this.#suppressed.has(key) ? "Suppressed by no.csv:1" : undefined,
      },
      resumeAfterLine: this.ledger.opened.resumeAfterLine,
      recorder: this.recorder,
      tally: () => this.ledger.tally(),
      channel: this.channel,
      claimSize: 4,
      stop: this.stop,
      wait,
      onWaiting: (until) => this.waits.push(until),
      onUnmet: (keys) => this.unmet.push(...keys),
      ...changes,
    });
  }

  /** Receives and settles until the producer is done; answers the lines, in the order they came. */
  async drain(outcomeOf: (job: Job) => Outcome = () => OUTCOMES.sent): Promise<number[]> {
    const lines: number[] = [];
    for (let job; (job = await this.channel.receive()) !== undefined;) {
      lines.push(job.recipient.line);
      this.recorder.settle({ id: job.id, relay: "mx.test", messageId: "" }, outcomeOf(job));
    }
    return lines;
  }

  #at = 0;

  async [Symbol.asyncDispose](): Promise<void> {
    await this.recorder[Symbol.asyncDispose]();
    await this.ledger[Symbol.asyncDispose]();
  }
}
