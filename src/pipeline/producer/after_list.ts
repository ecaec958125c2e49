import { sleep } from "../../time/sleep.ts";
import { now } from "../../time/steady_time.ts";
import { offerAgain, offerReturning, sendAll } from "./offer.ts";
import type { ProducerContext } from "./producer_context.ts";

/** Interval for checking whether mails under way are settled. */
const LOOK_AGAIN_MS = 20;

/** The same while there is nothing else to do. */
const LOOK_FOR_ANSWERS_MS = 2;

/** Longest wait of the last recipients for the replies to the others; the longer one if a relay may be refusing us. */
const SHORTEST_HOLD_MS = 1_000;

const LONGEST_HOLD_MS = 10_000;

/** Longest sleep until a due time, so that it is noticed soon if the machine itself has slept. */
const LONGEST_SLEEP_MS = 1_000;

/**
 * Offers the last recipients of the list, or of a round. If a relay has refused some and accepted nobody since, they go one by
 * one, each after all others have been answered: whether they are accepted shows whose fault it was. With "clear", those left
 * when that is known are kept for the round of those set aside, if there are any; but one of them goes first if no relay has
 * accepted mail in this run. Otherwise a round of recipients refused for their own sake would stop this run before it reached
 * these, and the next one as well.
 */
export async function offerReserve(
  production: ProducerContext,
  until: "clear" | "empty",
): Promise<void> {
  const { recorder, reserve, channel, tally, doubts, stop } = production;
  while (reserve.size > 0) {
    // A missing reply must not hold these up for the whole time that replies may take.
    const heldUntil = now() + (doubts.open ? LONGEST_HOLD_MS : SHORTEST_HOLD_MS);
    while (recorder.claimed > reserve.size && !stop.signal.aborted && now() < heldUntil) {
      await sleep(LOOK_FOR_ANSWERS_MS, stop.signal);
    }
    const kept = until === "clear" && (await tally()).deferred > 0;
    if (kept && !doubts.open && doubts.taken) return;
    await sendAll(channel, doubts.open || kept ? reserve.take(1) : reserve.take());
  }
}

/** After the list: offers those that fall due, and then those set aside, until nobody is under way or waiting. */
export async function offerDeferred(production: ProducerContext): Promise<void> {
  const { recorder, returns, channel, stop, wait, onWaiting, doubts, reserve } = production;
  /** What had been learnt when the last round of those set aside began. */
  let learntBefore: number | undefined;
  const heldUntil = now() + LONGEST_HOLD_MS;
  while (!stop.signal.aborted) {
    const last = learntBefore === undefined ? reserve : undefined;
    if (await offerReturning(production, last) > 0) continue;
    if (recorder.claimed > reserve.size) {
      await sleep(LOOK_AGAIN_MS, stop.signal);
      if (now() >= heldUntil) await sendAll(channel, reserve.take());
      continue;
    }
    if (learntBefore === undefined || doubts.learnt > learntBefore) {
      learntBefore = doubts.learnt;
      doubts.lastRound(reserve.size > 0);
      returns.beginRound();
      if (await offerSetAside(production) > 0) continue;
    }
    const due = await returns.nextDue(now());
    // Nobody is left to mail: what the relays refused is settled.
    if (due === undefined && !await returns.anySetAside()) return;
    if (due === undefined || (!wait && due > now())) {
      if (!doubts.conclude()) return;
      learntBefore = undefined;
      continue;
    }
    onWaiting(due);
    await sleep(Math.min(due - now(), LONGEST_SLEEP_MS), stop.signal);
    onWaiting(undefined);
  }
}

/** Offers everybody set aside once, and those held back; others that fall due meanwhile wait. Returns the number offered. */
export async function offerSetAside(production: ProducerContext): Promise<number> {
  const { returns, claimSize, stop, reserve } = production;
  const kept = reserve.size > 0;
  let offered = reserve.size;
  while (!stop.signal.aborted) {
    const owed = await returns.claimSetAside(now(), claimSize);
    if (owed.length === 0) break;
    for (const one of owed) {
      await offerAgain(production, one, "skipped", kept ? undefined : reserve);
    }
    offered += owed.length;
  }
  await offerReserve(production, "empty");
  return offered;
}
