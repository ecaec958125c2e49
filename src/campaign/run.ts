/**
 * A whole campaign on one screen:
 *
 *     list -> produce -> channel -> consume -> relay
 *                |                     |
 *                +------> ledger <-----+
 *
 * Everything is opened here in the order of use, and closed in reverse order whatever happens.
 */
import { openContent } from "./content/content.ts";
import { type RelayControllers, relayControllersOf } from "./relays/relay_controllers.ts";
import { warnOfLostLedger } from "./previous/lost_ledger.ts";
import { refuseOtherKey, refuseRetryOfNobody } from "./previous/mismatched_ledger.ts";
import { readPreviousRun } from "./previous/previous_run.ts";
import { watchInterruption } from "./interruption.ts";
import { Meter } from "./meter.ts";
import { consumerContextOf, type Opened, producerContextOf } from "./pipeline_options.ts";
import { planOf } from "./plan.ts";
import { Rates } from "./relays/rates.ts";
import { openRelays } from "./relays/relays.ts";
import { openSigner } from "./signer.ts";
import { bothOrNone, stopIfChanged, stopOnFailure, stopOnRequest, stopWith } from "./stopping.ts";
import { CANCELLED, type Delivered, summaryOf, unsentSummary } from "./run_summary.ts";
import type { SendOptions } from "./send_options.ts";
import { type Prepared, untilStart } from "./waiting.ts";
import { Pacer } from "../policy/pace/pacer.ts";
import { connectionsOfEach, consume } from "../pipeline/consumer/pool.ts";
import { Stop } from "../model/stop.ts";
import { Channel } from "../pipeline/channel.ts";
import { produce } from "../pipeline/producer/producer.ts";
import type { Job } from "../model/recipient.ts";
import { ReturningRecipients } from "../pipeline/producer/returning_recipients.ts";
import { Selection } from "../pipeline/producer/selection.ts";
import { holdLedger } from "../ledger/open.ts";
import type { HeldLedger } from "../ledger/held_ledger.ts";
import type { Ledger } from "../ledger/ledger.ts";
import type { Missing } from "../ledger/returning.ts";
import { rowsLeft } from "../ledger/rows_left.ts";
import { unlessBroken } from "../ledger/unless_broken.ts";
import { mostInDoubt, Recorder } from "../ledger/recorder.ts";
import { countOf } from "../text/quantity.ts";
import type { Summary } from "../report/summary.ts";
import type { Reporter } from "../report/reporter.ts";
import { perSecondOf } from "../model/rate.ts";
import type { CampaignDependencies } from "./campaign_dependencies.ts";

/**
 * Delivers the campaign, or what is left of it, and returns how it ended.
 *
 * @throws {InputError} if list, template or options cannot be used: nothing was sent
 * @throws {StorageError} if the ledger cannot be opened: nothing was sent
 */
export async function runCampaign(
  options: SendOptions,
  dependencies: CampaignDependencies,
): Promise<Summary> {
  const { reporter, confirm } = dependencies;
  const previous = await readPreviousRun(options);
  if (previous === undefined) refuseRetryOfNobody(options);
  await using planned = await openContent(options, dependencies, previous);
  refuseOtherKey(options, previous, planned.facts);
  const { plan, before } = planOf(options, planned, previous);
  reporter.plan(plan);
  if (previous === undefined) warnOfLostLedger(options, reporter);
  if (options.dryRun) return unsentSummary(plan, before, undefined);
  const isAsked = plan.toSend !== 0 || plan.changedSinceDone.length > 0;
  if (isAsked && !await confirm(plan)) {
    return unsentSummary(plan, before, CANCELLED);
  }

  const stop = new Stop();
  using _ends = stopWith(stop, dependencies.signal, options.until);
  await using held = await holdLedger(options);
  using requests = stopOnRequest(stop, held);
  const planning = { content: planned, plan, previous, held, stop };
  await using ready = await untilStart(options, dependencies, planning);
  if (ready.stopped !== undefined) return unsentSummary(plan, before, ready.stopped);
  const asked = { ...dependencies, stopRequested: requests.signal };
  return await begin(options, asked, { ...ready, held, stop });
}

/** Takes the ledger over, delivers, and says how that ended. */
async function begin(
  options: SendOptions,
  dependencies: CampaignDependencies,
  { content, plan, held, stop }: Prepared & { readonly held: HeldLedger; readonly stop: Stop },
): Promise<Summary> {
  const { reporter } = dependencies;
  await using ledger = await held.begin(content.facts);
  content.composer.useVerpSecret(ledger.opened.verpSecret);
  reportInDoubt(reporter, ledger);
  await using relays = await openRelays(options, stop.signal);
  const opened = { content, plan, stop, ledger, relays: relays.relays };
  const delivered = await deliver(options, dependencies, opened);
  if (!delivered.limited) await stopIfChanged(stop, content.list, options.recipients);
  // Only the ledger knows how the run ended: the last writes of `deliver` may have failed.
  await ledger.release();
  return await summaryOf(options, ledger, ledger.facts, { ...delivered, stop: stop.reason });
}

/** Runs the pipeline until everybody is settled, or until a stop is requested and the mails under way are settled. */
async function deliver(
  options: SendOptions,
  dependencies: CampaignDependencies,
  opened: Opened,
): Promise<Omit<Delivered, "stop">> {
  const { reporter } = dependencies;
  const { content, plan, stop, ledger, relays } = opened;
  const slots = connectionsOfEach(relays, options.connections);
  const connections = slots.reduce((sum, count) => sum + count, 0);
  const selection = new Selection(options, content.scan === undefined);
  await using recorder = openRecorder(ledger, connections, stop, () => returns);
  const returns = new ReturningRecipients(recorder, selection, options.inDoubt === "resend");
  const { controllers, doubts, rates } = await controlRelays(options, opened, slots, reporter);
  using _reload = dependencies.onReload((news) => rates.apply(news));
  using signer = openSigner(options, connections);
  using meter = new Meter({ reporter, ledger, controllers, connections, goal: plan.toSend });
  using interruption = watchInterruption(dependencies, () => meter.underWay);
  const { abandon } = interruption;
  const claimSize = Math.min(MOST_CLAIMED, Math.max(LEAST_CLAIMED, 4 * connections));
  const channel = new Channel<Job>({ capacity: claimSize, signal: stop.signal });
  const parts = { channel, claimSize, recorder, meter, reporter };

  let missing: Missing | undefined;
  const onMissing = (found: Missing) => void (missing = found);
  const chosen = { selection, returns, doubts, onMissing };
  const producing = produce(producerContextOf(options, opened, parts, chosen));
  const consuming = consume(
    consumerContextOf(options, opened, parts, { signer, abandon }),
    controllers,
  );
  await bothOrNone(stop, producing, consuming);
  interruption[Symbol.dispose]();
  await meter.report();
  await recorder[Symbol.asyncDispose]();
  reportLost(reporter, recorder);
  const limited = selection.room <= 0 && !await isWholeListMet(ledger);
  const { sent: sentNow, elapsedMs: durationMs } = meter;
  return { sentNow, durationMs, missing, limited, narrow: selection.isNarrow };
}

/** Returns whether `--limit` left no rows out, as far as that is known. */
async function isWholeListMet(ledger: Ledger): Promise<boolean> {
  const rest = ledger.countListRows().then((entered) => rowsLeft(ledger.facts, entered));
  return (await unlessBroken(rest))?.notReached === 0;
}

function openRecorder(
  ledger: Ledger,
  connections: number,
  stop: Stop,
  returns: () => ReturningRecipients,
): Recorder {
  return new Recorder(ledger, {
    mostHandedOver: mostInDoubt(connections),
    watcher: {
      deferred: (id, due) => returns().deferred(id, due),
      inDoubt: (id) => returns().inDoubt(id),
    },
    onFailure: (error) => stopOnFailure(stop, error),
  });
}

/** One controller for each relay, and the rates that they share. */
async function controlRelays(
  options: SendOptions,
  { relays, ledger, stop }: Opened,
  slots: readonly number[],
  reporter: Reporter,
): Promise<RelayControllers & { readonly rates: Rates }> {
  const pacer = new Pacer(perSecondOf(options.rate));
  const { controllers, doubts } = relayControllersOf(relays, slots, {
    stop,
    pacer,
    reporter,
    patienceMs: options.patienceMs,
    hadTaken: (await ledger.tally()).sent > 0,
  });
  return { controllers, doubts, rates: new Rates(options.rate, pacer, controllers, reporter) };
}

/** Rows claimed ahead of the consumers: enough that no connection waits for a row, few enough to be released quickly. */
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
    `${countOf(lost, "reply", "replies")} could not be recorded in the ledger: ${
      lost === 1 ? "its recipient is" : "their recipients are"
    } in doubt`,
  );
}
