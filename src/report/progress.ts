import { countText, remainingText, speedText } from "../text/quantity.ts";
import type { Progress } from "./reporter.ts";

/** What a line of progress needs besides the state of the run. */
export interface ProgressMoment {
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Recipients settled a second, recently. */
  readonly perSecond: number;
}

/** Below this a line has room for two or three short facts only. */
const NARROW = 60;
const NARROWEST_BAR = 8;
const WIDEST_BAR = 32;
const GAP = "  ";

/**
 * The progress line of a terminal: as much of bar, count, percentage, rate, problems and time left as fits.
 *
 * @param columns Width of the terminal; the line stays one column short of it, as a full line wraps on some terminals.
 */
export function progressLine(progress: Progress, columns: number, moment: ProgressMoment): string {
  const room = Math.max(0, Math.floor(columns) - 1);
  const parts = partsOf(progress, moment, room < NARROW);
  const kept = fitting(parts, room);
  const text = kept.map((part) => part.text).join(GAP);
  const share = shareDone(progress);
  const barRoom = Math.min(WIDEST_BAR, room - text.length - GAP.length);
  if (share === undefined || barRoom < NARROWEST_BAR || kept.length < parts.length) {
    return text.slice(0, room);
  }
  return `${bar(share, barRoom)}${GAP}${text}`;
}

/** The same for logs and pipes, in words: one line without control characters. */
export function progressWords(progress: Progress, moment: ProgressMoment): string {
  return partsOf(progress, moment, false).map((part) => part.text).join(", ");
}

interface Part {
  readonly text: string;
  /** Lower numbers stay longer when room is short. */
  readonly rank: number;
}

function partsOf(progress: Progress, moment: ProgressMoment, short: boolean): Part[] {
  const { tally, goal, settled, connections, ratePerSecond } = progress;
  const waiting = waitingText(progress, moment.now, short);
  const left = waiting === undefined ? leftText(progress, moment.perSecond) : undefined;
  const parts: (Part | undefined)[] = [
    { rank: 0, text: countDone(settled, goal) },
    part(percentText(progress), 3),
    waiting === undefined ? part(speedText(moment.perSecond), 2) : undefined,
    tally.failed > 0 ? part(`${countText(tally.failed)} failed`, 4) : undefined,
    tally.inDoubt > 0 ? part(`${countText(tally.inDoubt)} in doubt`, 5) : undefined,
    tally.deferred > 0 && waiting === undefined
      ? part(`${countText(tally.deferred)} deferred`, 6)
      : undefined,
    connections.allowed < connections.wanted
      ? part(`${connections.allowed}/${connections.wanted} connections`, 7)
      : undefined,
    ratePerSecond === undefined ? undefined : part(`limit ${speedText(ratePerSecond)}`, 8),
    part(left, 1),
    part(waiting, 1),
  ];
  return parts.filter((each) => each !== undefined);
}

function part(text: string | undefined, rank: number): Part | undefined {
  return text === undefined ? undefined : { text, rank };
}

/** Drops the parts that matter least until the others fit; the count stays whatever the width. */
function fitting(parts: readonly Part[], room: number): readonly Part[] {
  const width = parts.reduce((sum, each) => sum + each.text.length + GAP.length, -GAP.length);
  if (width <= room || parts.length <= 1) return parts;
  const least = Math.max(...parts.map((each) => each.rank));
  return fitting(parts.filter((each) => each.rank !== least), room);
}

function countDone(settled: number, goal: number | undefined): string {
  return goal === undefined
    ? `${countText(settled)} done`
    : `${countText(settled)}/${countText(goal)}`;
}

/** Settled share of the goal from 0 to 1; undefined if there is none. */
function shareDone({ settled, goal }: Progress): number | undefined {
  if (goal === undefined || goal <= 0) return undefined;
  return Math.min(1, Math.max(0, settled / goal));
}

function percentText(progress: Progress): string | undefined {
  const share = shareDone(progress);
  // Rounded down: 100% means that nothing is missing.
  return share === undefined ? undefined : `${Math.floor(share * 100)}%`;
}

function leftText({ goal, settled }: Progress, perSecond: number): string | undefined {
  if (goal === undefined || settled >= goal || !(perSecond > 0)) return undefined;
  return `${remainingText((goal - settled) * 1_000 / perSecond)} left`;
}

function waitingText({ waitingUntil, tally }: Progress, now: number, short: boolean) {
  if (waitingUntil === undefined) return undefined;
  const next = waitingUntil <= now ? "next now" : `next in ${remainingText(waitingUntil - now)}`;
  return short ? next : `waiting for ${countText(tally.deferred)} deferred, ${next}`;
}

/** `[=====>    ]`, `width` columns in all. */
function bar(share: number, width: number): string {
  const inner = width - 2;
  const filled = Math.floor(share * inner);
  const head = filled < inner ? ">" : "";
  return `[${"=".repeat(filled)}${head}`.padEnd(width - 1) + "]";
}
