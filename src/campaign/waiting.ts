import type { HeldLedger } from "../ledger/held_ledger.ts";
import type { Stop, StopReason } from "../model/stop.ts";
import type { Plan } from "../report/plan.ts";
import { countOf } from "../text/quantity.ts";
import { momentText } from "../time/local_time.ts";
import type { CampaignDependencies } from "./campaign_dependencies.ts";
import { changedContentError } from "./content/changes/changed_content.ts";
import { type Content, openContent } from "./content/content.ts";
import { planOf } from "./plan.ts";
import type { PreviousRun } from "./previous/previous_run.ts";
import type { SendOptions } from "./send_options.ts";
import { sleepUntil, stopIfChanged } from "./stopping.ts";

/** What a run sends, to whom, and what it expects to do. */
export interface Prepared {
  readonly content: Content;
  readonly plan: Plan;
}

/** The same when the run may begin. */
export interface Ready extends Prepared, AsyncDisposable {
  /** Why the run ended while it waited; undefined if it did not. */
  readonly stopped: StopReason | undefined;
}

/**
 * Waits for `--start-at`, while the ledger is held, and reads list, template and suppressions again when the time has
 * come: what was shown in the plan may be hours old. What has changed is reported. Without `--start-at`, only the list is
 * compared with what was read.
 *
 * Closing the result closes its content, which may be the one that was given.
 *
 * @throws {InputError} if they cannot be used any more: nothing was sent
 */
export async function untilStart(
  options: SendOptions,
  dependencies: CampaignDependencies,
  { content, plan: planned, previous, held, stop }: Prepared & {
    readonly previous: PreviousRun | undefined;
    readonly held: HeldLedger;
    readonly stop: Stop;
  },
): Promise<Ready> {
  const { startAt, snapshot, recipients } = options;
  if (startAt === undefined) {
    // The question may have waited for minutes: if the list was corrected meanwhile, its old state is not sent.
    if (!snapshot) await stopIfChanged(stop, content.list, recipients);
    return readyWith({ content, plan: planned });
  }
  const { reporter } = dependencies;
  reporter.info(`Waiting until ${momentText(startAt)}`);
  await held.waitUntil(startAt);
  await sleepUntil(startAt, stop.signal);
  await held.waitUntil(undefined);
  if (stop.reason !== undefined) return readyWith({ content, plan: planned }, stop.reason);
  // A list that can be read only once is still unread; any other is read from its file as it is now.
  if (content.readOnce === undefined) await content[Symbol.asyncDispose]();
  await using opened = new AsyncDisposableStack();
  const now = opened.use(await openContent(options, dependencies, previous, content.readOnce));
  const { plan } = planOf(options, now, previous);
  // What was asked about before the wait is not asked again.
  const isChanged = plan.changedSinceDone.length > 0 && planned.changedSinceDone.length === 0;
  if (isChanged && !options.yesChanged) throw changedContentError(plan);
  const changes = changesWhileWaiting({ ...content, plan: planned }, { ...now, plan });
  for (const change of changes) reporter.warn(change);
  if (JSON.stringify(plan) !== JSON.stringify(planned)) reporter.plan(plan);
  const owner = opened.move();
  return {
    content: now,
    plan,
    stopped: undefined,
    [Symbol.asyncDispose]: () => owner.disposeAsync(),
  };
}

function readyWith({ content, plan }: Prepared, stopped?: StopReason): Ready {
  return { content, plan, stopped, [Symbol.asyncDispose]: () => content[Symbol.asyncDispose]() };
}

/** What is compared. */
type Compared = Pick<Content, "facts" | "scan"> & { readonly plan: Pick<Plan, "suppression"> };

/** What is not as it was in the plan, one sentence each. */
export function changesWhileWaiting(
  before: Compared,
  now: Compared,
): readonly string[] {
  const changes: string[] = [];
  if (before.facts.list !== now.facts.list) {
    const more = (now.scan?.rows ?? 0) - (before.scan?.rows ?? 0);
    const rows = more === 0
      ? "the number of rows is the same"
      : countOf(Math.abs(more), more > 0 ? "more row" : "fewer row");
    changes.push(`The list changed while waiting: ${rows}`);
  }
  if (before.facts.template !== now.facts.template) {
    changes.push("The template changed while waiting: the mails are made from the new one");
  }
  if (JSON.stringify(before.plan.suppression) !== JSON.stringify(now.plan.suppression)) {
    changes.push(
      "The suppression lists changed while waiting: recipients that they name now get no mail",
    );
  }
  return changes;
}
