import type { SendOptions } from "../../src/campaign/send_options.ts";
import { Stop } from "../../src/model/stop.ts";
import { Channel } from "../../src/pipeline/channel.ts";
import { produce } from "../../src/pipeline/producer/producer.ts";
import type { ProducerContext } from "../../src/pipeline/producer/producer_context.ts";
import type { BadRow, CsvRow, Job } from "../../src/model/recipient.ts";
import type { Batch } from "../../src/list/list.ts";
import { Reserve } from "../../src/pipeline/producer/reserve.ts";
import { ReturningRecipients } from "../../src/pipeline/producer/returning_recipients.ts";
import { Selection } from "../../src/pipeline/producer/selection.ts";
import type { SendingList } from "../../src/list/file/sending_list.ts";
import type { CampaignFacts } from "../../src/ledger/ledger.ts";
import type { Missing } from "../../src/ledger/returning.ts";
import type { Outcome } from "../../src/model/outcome.ts";
import { Recorder } from "../../src/ledger/recorder.ts";
import { SqliteLedger } from "../../src/ledger/sqlite/sqlite_ledger.ts";
import { deferred, FACTS, OUTCOMES } from "../ledger/ledgers.ts";

type Choice = Partial<
  Pick<SendOptions, "offset" | "only" | "shard" | "limit" | "wait" | "inDoubt" | "dropMissing">
>;

/** Rows `first` to `last` of a list: "r2@x.test" on line 2. */
export function rowsFrom(first: number, last: number): CsvRow[] {
  return Array.from({ length: last - first + 1 }, (_, at) => {
    const line = first + at;
    return { kind: "row", line, cells: [`r${line}@x.test`] };
  });
}

/** A list that is as it was scanned. */
export function listOf(rows: ReadableStream<Batch>): SendingList {
  return {
    rowsAfter: () => Promise.resolve({ rows, isAsScanned: () => true, notChosen: () => 0 }),
    news: () => Promise.resolve("as scanned"),
    hasChanged: () => Promise.resolve(false),
  };
}

/** One run of a producer over its own ledger, with the test as the consumer. */
export class Run implements AsyncDisposable {
  readonly stop = new Stop();
  readonly ledger: SqliteLedger;
  readonly recorder: Recorder;
  readonly channel: Channel<Job>;
  readonly unmet: string[] = [];
  readonly selection: Selection;
  readonly returns: ReturningRecipients;
  missing: Missing | undefined;
  readonly waits: (number | undefined)[] = [];
  /** Rows the producer has taken out of the list. */
  taken = 0;
  readonly #choice: Choice;
  readonly #suppressed: ReadonlySet<string>;

  constructor(
    path: string,
    choice: Choice = {},
    suppressed: readonly string[] = [],
    facts: Partial<CampaignFacts> = {},
  ) {
    this.#choice = choice;
    this.#suppressed = new Set(suppressed);
    this.ledger = new SqliteLedger({ path, facts: { ...FACTS, ...facts } });
    const { offset = 0, only = [], shard, limit } = choice;
    this.selection = new Selection({ offset, only, shard, limit });
    this.recorder = new Recorder(this.ledger, {
      mostHandedOver: 100,
      onFailure: () => {},
      watcher: {
        deferred: (id, due) => this.returns.deferred(id, due),
        inDoubt: (id) => this.returns.inDoubt(id),
      },
    });
    this.returns = new ReturningRecipients(
      this.recorder,
      this.selection,
      choice.inDoubt === "resend",
    );
    this.channel = new Channel<Job>({ capacity: 8, signal: this.stop.signal });
  }

  produce(
    rows: readonly (CsvRow | BadRow)[],
    changes: Partial<ProducerContext> = {},
  ): Promise<void> {
    const { wait = true, dropMissing = false } = this.#choice;
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
      list: listOf(stream),
      columns: { names: ["Email"], email: 0 },
      listName: "list.csv",
      required: [],
      unmailable: () => undefined,
      selection: this.selection,
      returns: this.returns,
      suppression: {
        version: 0,
        why: (key: string) => this.#suppressed.has(key) ? "Suppressed by no.csv:1" : undefined,
      },
      resumeAfterLine: this.ledger.opened.resumeAfterLine,
      recorder: this.recorder,
      tally: () => this.ledger.tally(),
      noteChoice: (found) => this.ledger.noteChoice(found),
      channel: this.channel,
      claimSize: 4,
      stop: this.stop,
      wait,
      doubts: { open: false, taken: true, learnt: 0, lastRound() {}, conclude: () => false },
      reserve: new Reserve(0),
      dropMissing,
      onWaiting: (until) => this.waits.push(until),
      onNotFound: (keys) => this.unmet.push(...keys),
      onMissing: (missing) => this.missing = missing,
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

/** A ledger in which `count` recipients wait, all of them due. */
export async function waiting(path: string, count: number, outcome = deferred(0)): Promise<void> {
  await using run = new Run(path);
  const producing = run.produce(rowsFrom(2, count + 1));
  const jobs = [];
  while (jobs.length < count) jobs.push((await run.channel.receive())!);
  run.stop.request("signal", "enough");
  for (const { id } of jobs) run.recorder.settle({ id, relay: "", messageId: "" }, outcome);
  await producing;
  await run.recorder.flush();
}
