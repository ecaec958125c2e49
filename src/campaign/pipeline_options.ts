import type { Signer } from "../compose/dkim/signer.ts";
import { copiesOf } from "../list/copies.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Missing } from "../ledger/returning.ts";
import type { Recorder } from "../ledger/recorder.ts";
import type { Job } from "../model/recipient.ts";
import type { Relay } from "../model/relay.ts";
import type { Stop } from "../model/stop.ts";
import type { Channel } from "../pipeline/channel.ts";
import type { ConsumerContext } from "../pipeline/consumer/consumer.ts";
import type { RelayDoubts } from "../pipeline/producer/relay_doubts.ts";
import type { ProducerContext } from "../pipeline/producer/producer_context.ts";
import { Reserve } from "../pipeline/producer/reserve.ts";
import type { ReturningRecipients } from "../pipeline/producer/returning_recipients.ts";
import type { Selection } from "../pipeline/producer/selection.ts";
import { FIRST_RETRY_MS } from "../policy/backoff.ts";
import type { Plan } from "../report/plan.ts";
import type { Reporter } from "../report/reporter.ts";
import type { Content } from "./content/content.ts";
import { unmailableReason } from "./content/readmitted.ts";
import { stopOnBrokenContent } from "./content/stop_on_broken_content.ts";
import type { Meter } from "./meter.ts";
import type { SendOptions } from "./send_options.ts";

/** What a run has opened by the time it delivers. */
export interface Opened {
  readonly content: Content;
  readonly plan: Plan;
  readonly stop: Stop;
  readonly ledger: Ledger;
  readonly relays: readonly Relay[];
}

/** What producer and consumers share in a run. */
export interface PipelineParts {
  readonly channel: Channel<Job>;
  /** Rows claimed at a time. */
  readonly claimSize: number;
  readonly recorder: Recorder;
  readonly meter: Meter;
  readonly reporter: Reporter;
}

/** Recipients held back at the end of the list, to show whether earlier refusals were about us; one of them can be refused too. */
const HELD_BACK = 3;

/** Whom the producer puts into the channel. */
export function producerContextOf(
  options: SendOptions,
  { content, ledger, stop }: Opened,
  { channel, claimSize, recorder, meter, reporter }: PipelineParts,
  { selection, returns, doubts, onMissing }: {
    readonly selection: Selection;
    readonly returns: ReturningRecipients;
    readonly doubts: RelayDoubts;
    readonly onMissing: (missing: Missing) => void;
  },
): ProducerContext {
  return {
    list: content.list,
    columns: content.columns,
    listName: options.recipients,
    required: content.composer.required,
    ...(content.composer.copies !== undefined && {
      copies: (recipient) => copiesOf(recipient, content.composer),
    }),
    selection,
    returns,
    suppression: content.suppression,
    unmailable: (recipient) => unmailableReason(content.composer, recipient),
    resumeAfterLine: ledger.opened.resumeAfterLine,
    recorder,
    tally: () => ledger.tally(),
    noteChoice: (found) => ledger.noteChoice(found),
    channel,
    claimSize,
    stop,
    wait: options.wait,
    doubts,
    // Rows of a list that arrives as it is written are never held back.
    reserve: new Reserve(content.facts.scan === undefined ? 0 : HELD_BACK),
    dropMissing: options.dropMissing,
    onWaiting: (until) => meter.waiting(until),
    onNotFound: (keys) => reporter.warn(`Named by --only but not in the list: ${keys.join(", ")}`),
    onMissing,
  };
}

/** How the consumers make a mail of each job, and where they report what became of it. */
export function consumerContextOf(
  options: SendOptions,
  { content, stop }: Opened,
  { channel, recorder, meter, reporter }: PipelineParts,
  { signer, abandon }: {
    readonly signer: Signer | undefined;
    readonly abandon: AbortSignal;
  },
): ConsumerContext {
  return {
    channel,
    composer: stopOnBrokenContent(content.composer, stop),
    signer,
    suppression: content.suppression,
    recorder,
    stop,
    abandon,
    reporter,
    policy: {
      retries: options.retries,
      retryForMs: options.retryForMs,
      firstRetryMs: options.firstRetryMs ?? FIRST_RETRY_MS,
    },
    maxPerConnection: options.maxPerConnection,
    window: options.window,
    onUnderWay: (change) => meter.carries(change),
    onSettled: (outcome) => meter.settled(outcome),
  };
}
