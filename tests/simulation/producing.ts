import { Reserve } from "../../src/pipeline/producer/reserve.ts";
import type { Job } from "../../src/model/recipient.ts";
import { now } from "../../src/time/steady_time.ts";
import { jobOf, type Run } from "./run.ts";
import type { Actor } from "./virtual_time.ts";

const CLAIM_SIZE = 32;
/** As `src/campaign/run.ts` has it. */
const HELD_BACK = 3;

/** The order of `produce()`: the list, those held back, those that fall due, rounds of those set aside. */
export function* producing(run: Run): Actor {
  const reserve = new Reserve(HELD_BACK);
  yield* returning(run, reserve);
  for (;;) {
    const lines = run.book.claimNew(CLAIM_SIZE);
    if (lines.length === 0 || run.stop.signal.aborted) break;
    for (const line of lines) yield* offer(run, reserve.exchange(jobOf(line)));
    yield* returning(run, reserve);
  }
  yield* heldBack(run, reserve, "clear");
  yield* deferred(run, reserve);
  run.closed = true;
  run.time.acted();
}

function* offer({ channel, stop, time }: Run, jobs: readonly Job[]): Actor {
  for (const job of jobs) {
    while (channel.length >= CLAIM_SIZE && !stop.signal.aborted) yield Infinity;
    if (stop.signal.aborted) return;
    channel.push(job);
    time.acted();
  }
}

function* returning(run: Run, reserve?: Reserve): Generator<number, number> {
  const lines = run.book.claimDue(now(), CLAIM_SIZE);
  const jobs = lines.map(jobOf);
  yield* offer(run, reserve === undefined ? jobs : jobs.flatMap((job) => reserve.exchange(job)));
  return lines.length;
}

function* heldBack(run: Run, reserve: Reserve, until: "clear" | "empty"): Actor {
  const { book, doubts, stop } = run;
  while (reserve.size > 0 && !stop.signal.aborted) {
    while (book.claimed > reserve.size && !stop.signal.aborted) yield Infinity;
    const kept = until === "clear" && book.waiting > 0;
    if (kept && !doubts.open && doubts.taken) return;
    yield* offer(run, doubts.open || kept ? reserve.take(1) : reserve.take());
  }
}

function* deferred(run: Run, reserve: Reserve): Actor {
  const { book, doubts, stop, time } = run;
  let learntBefore: number | undefined;
  while (!stop.signal.aborted) {
    const last = learntBefore === undefined ? reserve : undefined;
    if ((yield* returning(run, last)) > 0) continue;
    if (book.claimed > reserve.size) {
      yield Infinity;
      continue;
    }
    if (learntBefore === undefined || doubts.learnt > learntBefore) {
      learntBefore = doubts.learnt;
      doubts.lastRound(reserve.size > 0);
      book.beginRound();
      if ((yield* setAside(run, reserve)) > 0) continue;
    }
    const due = book.nextDue;
    if (due === undefined && !book.anySetAside) return;
    if (due === undefined) {
      if (!doubts.conclude()) return;
      learntBefore = undefined;
      continue;
    }
    yield time.now + Math.max(1, due - now());
  }
}

function* setAside(run: Run, reserve: Reserve): Generator<number, number> {
  let offered = reserve.size;
  const kept = offered > 0;
  while (!run.stop.signal.aborted) {
    const lines = run.book.claimSetAside(CLAIM_SIZE);
    if (lines.length === 0) break;
    for (const line of lines) {
      yield* offer(run, kept ? [jobOf(line)] : reserve.exchange(jobOf(line)));
    }
    offered += lines.length;
  }
  yield* heldBack(run, reserve, "empty");
  return offered;
}
