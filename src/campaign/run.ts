/**
 * The whole way of a campaign on one screen:
 *
 *     list -> produce -> channel -> consume -> relay
 *                |                     |
 *                +------> ledger <-----+
 *
 * Everything is opened here, in the order of use, and closed in the reverse order, whatever happens.
 */
import { type Content, openContent } from "./content/content.ts";
import { stopOnBrokenContent } from "./content/stop_on_broken_content.ts";
import { relayControllersOf } from "./relay_controllers.ts";
import { readPreviousRun, refuseRetryOfNobody } from "./previous_run.ts";
import { watchInterruption } from "./interruption.ts";
import { Meter } from "./meter.ts";
import { planOf } from "./plan.ts";
import { Rates } from "./rates.ts";
import { openRelays } from "./relays.ts";
import { openSigner } from "./signer.ts";
import { bothOrNone, sleepUntil, stopIfChanged, stopOnFailure, stopWith } from "./stopping.ts";
import { type Delivered, summaryOf, unsentSummary } from "./run_summary.ts";
import type { SendOptions } from "./send_options.ts";
import { Pacer } from "../policy/pace/pacer.ts";
import { connectionsOfEach, consume } from "../pipeline/consumer/pool.ts";
import { Stop } from "../model/stop.ts";
import { Channel } from "../pipeline/channel.ts";
import { produce } from "../pipeline/producer/producer.ts";
import type { Job } from "../model/recipient.ts";
import { Reserve } from "../pipeline/producer/reserve.ts";
import { Returns } from "../pipeline/producer/returns.ts";
import { Selection } from "../pipeline/producer/selection.ts";
import { openLedger } from "../ledger/open.ts";
import type { Ledger, Missing } from "../ledger/ledger.ts";
import { FIRST_RETRY_MS } from "../policy/backoff.ts";
import { mostInDoubt, Recorder } from "../ledger/recorder.ts";
import type { Plan } from "../report/plan.ts";
import { countOf } from "../text/quantity.ts";
import type { Summary } from "../report/summary.ts";
import type { Reporter } from "../report/reporter.ts";
import { perSecondOf } from "../model/rate.ts";
import type { Relay } from "../model/relay.ts";
import type { CampaignDependencies } from "./campaign_context.ts";

/**
 * Delivers the campaign, or what is left of it, and tells how it ended.
 *
 * @throws {InputError} when list, template or options cannot be used: nothing was sent
 * @throws {LedgerError} when the ledger cannot be opened: nothing was sent
 */
export async function runCampaign(
  options: SendOptions,
  dependencies: CampaignDependencies,
): Promise<Summary> {
  const { reporter, signal, confirm } = dependencies;
  const previous = readPreviousRun(options);
  if (previous === undefined) refuseRetryOfNobody(options);
  await using content = await openContent(options, dependencies, previous);
  const { plan, tally } = planOf(options, content, previous);
  reporter.plan(plan);
  if (options.dryRun) return unsentSummary(plan, tally, undefined);
  if (plan.owed !== 0 && !await confirm(plan)) {
    return unsentSummary(plan, tally, { reason: "Nothing was sent, as asked", hint: undefined });
  }

  const stop = new Stop();
  using _ends = stopWith(stop, signal, options.until);
  if (options.startAt !== undefined) await sleepUntil(options.startAt, stop.signal);
  // Minutes or hours may have gone by since the plan: a list that was corrected meanwhile is not sent as it was.
  if (!options.snapshot) await stopIfChanged(stop, content.list, options.recipients);

  await using ledger = await openLedger(options, content.facts);
  content.composer.useVerpSecret(ledger.opened.verpSecret);
  reportInDoubt(reporter, ledger);
  await using relays = await openRelays(options, stop.signal);
  const delivered = await deliver(options, dependencies, {
    content,
    plan,
    stop,
    ledger,
    relays: relays.relays,
  });
  if (!delivered.limited) await stopIfChanged(stop, content.list, options.recipients);
  // The last word is the ledger's: what `deliver` closed may have failed to write.
  await ledger.release();
  return await summaryOf(options, ledger, content.facts, { ...delivered, stop: stop.reason });
}

/** What `deliver` has been given to work with. */
interface Opened {
  readonly content: Content;
  readonly plan: Plan;
  readonly stop: Stop;
  readonly ledger: Ledger;
  readonly relays: readonly Relay[];
}

/** The pipeline: runs until nobody is owed a mail, or the stop is given and what was on the wire is settled. */
async function deliver(
  options: SendOptions,
  dependencies: CampaignDependencies,
  { content, plan, stop, ledger, relays }: Opened,
): Promise<Omit<Delivered, "stop">> {
  const { reporter, onReload } = dependencies;
  const slots = connectionsOfEach(relays, options.connections);
  const connections = slots.reduce((sum, count) => sum + count, 0);
  const selection = new Selection(options, content.scan === undefined);
  await using recorder = new Recorder(ledger, {
    mostHandedOver: mostInDoubt(connections),
    watcher: {
      deferred: (id, due) => returns.deferred(id, due),
      inDoubt: (id) => returns.inDoubt(id),
    },
    onFailure: (error) => stopOnFailure(stop, error),
  });
  const returns = new Returns(recorder, selection, options.inDoubt === "resend");
  const pacer = new Pacer(perSecondOf(options.rate));
  const { controllers, doubts } = relayControllersOf(relays, slots, {
    stop,
    pacer,
    reporter,
    patienceMs: options.patienceMs,
    hadTaken: ledger.tally().sent > 0,
  });
  const rates = new Rates(options.rate, pacer, controllers, reporter);
  using _reload = onReload((news) => rates.apply(news));
  using signer = openSigner(options, connections);
  using meter = new Meter({ reporter, ledger, controllers, connections, goal: plan.owed });
  using interruption = watchInterruption(dependencies, () => meter.underWay);
  const claimSize = Math.min(MOST_CLAIMED, Math.max(LEAST_CLAIMED, 4 * connections));
  const channel = new Channel<Job>({ capacity: claimSize, signal: stop.signal });

  let missing: Missing | undefined;
  const producing = produce({
    list: content.list,
    columns: content.columns,
    listName: options.recipients,
    required: content.composer.required,
    selection,
    returns,
    suppression: content.suppression,
    resumeAfterLine: ledger.opened.resumeAfterLine,
    recorder,
    tally: () => ledger.tally(),
    channel,
    claimSize,
    stop,
    wait: options.wait,
    doubts,
    // Of what comes as it is written, none is kept waiting for more.
    reserve: new Reserve(content.facts.scan === undefined ? 0 : HELD_BACK),
    dropMissing: options.dropMissing,
    onWaiting: (until) => meter.waiting(until),
    onUnmet: (keys) =>
      reporter.warn(`Asked for with --only and not in the list: ${keys.join(", ")}`),
    onMissing: (found) => missing = found,
  });
  const consuming = consume({
    channel,
    composer: stopOnBrokenContent(content.composer, stop),
    signer,
    recorder,
    stop,
    abandon: interruption.abandon,
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
  }, controllers);
  await bothOrNone(stop, producing, consuming);
  interruption[Symbol.dispose]();
  meter.tell();
  await recorder[Symbol.asyncDispose]();
  reportLost(reporter, recorder);
  return {
    sentNow: meter.sent,
    durationMs: meter.elapsedMs,
    missing,
    limited: selection.room <= 0,
    narrow: selection.isNarrow,
  };
}

/** Recipients at the end of the list who tell whether earlier refusals were about us; one of them may be refused as well. */
const HELD_BACK = 3;

/** Rows claimed ahead of the consumers: enough that no connection waits for a row, few enough to be given back quickly. */
const LEAST_CLAIMED = 32;
const MOST_CLAIMED = 256;

function reportInDoubt(reporter: Reporter, { opened }: Ledger): void {
  if (opened.newlyInDoubt === 0) return;
  reporter.warn(
    `The last run ended abruptly: ${
      countOf(opened.newlyInDoubt, "recipient")
    } had been handed over without a recorded reply and ${
      opened.newlyInDoubt === 1 ? "is" : "are"
    } in doubt`,
  );
}

function reportLost(reporter: Reporter, { lost }: Recorder): void {
  if (lost === 0) return;
  reporter.warn(
    `${countOf(lost, "reply", "replies")} came in that the ledger could not take: ${
      lost === 1 ? "its recipient is" : "their recipients are"
    } in doubt`,
  );
}
