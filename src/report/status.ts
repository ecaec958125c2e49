import { escapeLine } from "../text/escape.ts";
import { countOf, countText, durationText, speedText } from "../text/quantity.ts";
import type { ExitCode } from "../model/exit_code.ts";
import { momentText } from "../time/local_time.ts";
import type { Tally } from "../model/tally.ts";
import { suppressedPart, tallyJson } from "./json/tally_json.ts";

/** What a ledger says now. */
export interface Status {
  readonly campaign: string;
  /** Names of the relays of the last run; empty if none has begun. */
  readonly relays: readonly string[];
  readonly tally: Tally;
  /** How many of the skipped are suppressed. */
  readonly suppressed: number;
  /** Rows of the list that no run has reached yet; undefined: unknown. */
  readonly notReached: number | undefined;
  /** Recipients of an earlier list whom no run has reached, at least. */
  readonly leftBehind?: number;
  /** Rows of the list that no run has chosen; undefined: unknown. */
  readonly notChosen?: number | undefined;
  /** Recipients who wait, and whom the last run did not choose. */
  readonly waitingNotChosen?: number;
  /** The process that is sending; undefined: none. */
  readonly running:
    | {
      readonly pid: number;
      readonly host: string;
      readonly since: string;
      /** ISO 8601; only while it waits for the time of --start-at. */
      readonly waitingUntil?: string;
    }
    | undefined;
  /** Mails accepted a second, right now. */
  readonly perSecond: number;
  /** The exit code that `send` would end with now. */
  readonly exitCode: ExitCode;
}

const ROWS = [
  ["total", "Recipients"],
  ["sent", "Sent"],
  ["queued", "Queued"],
  ["claimed", "Under way"],
  ["deferred", "Deferred"],
  ["failed", "Failed"],
  ["invalid", "Invalid"],
  ["skipped", "Skipped"],
  ["inDoubt", "In doubt"],
] as const;

/** The status as people read it; no final line end. */
export function statusText(status: Status): string {
  const { campaign, relays, tally, suppressed, running, perSecond } = status;
  const { notReached = 0, leftBehind = 0 } = status;
  const counts: (readonly [string, number])[] = ROWS
    .filter(([key]) => key === "total" || key === "sent" || tally[key] > 0)
    .map(([key, label]) => [label, tally[key]]);
  if (notReached > 0) counts.push(["Not reached", notReached]);
  if (leftBehind > 0) counts.push(["Left behind", leftBehind]);
  if ((status.notChosen ?? 0) > 0) counts.push(["Not chosen", status.notChosen!]);
  const width = Math.max(...counts.map(([, count]) => countText(count).length));
  const rows = counts.map(([label, count]) =>
    `  ${label.padEnd(12)}${countText(count).padStart(width)}` +
    (label === "Skipped" ? suppressedPart(suppressed) : "")
  );
  const waiting = waitingOf(status);
  const news = running === undefined
    ? (waiting + notReached + leftBehind > 0
      ? "Not running: run send again to continue"
      : doneText(status))
    : `Running: process ${running.pid} on ${escapeLine(running.host)} since ${running.since}, ${
      doingText(running, perSecond, waiting + notReached)
    }`;
  const through = relays.length > 0 ? `, through ${escapeLine(relays.join(", "))}` : "";
  return [`Campaign ${escapeLine(campaign)}${through}`, ...rows, news].join("\n");
}

function doingText(
  { waitingUntil }: NonNullable<Status["running"]>,
  perSecond: number,
  left: number,
): string {
  if (waitingUntil !== undefined) return `waiting until ${momentText(Date.parse(waitingUntil))}`;
  const rest = perSecond > 0 && left > 0 ? `, ${durationText(left / perSecond * 1_000)} left` : "";
  return speedText(perSecond) + rest;
}

/** How many wait whom the last run was to mail. */
function waitingOf({ tally, waitingNotChosen = 0 }: Status): number {
  return Math.max(0, tally.queued + tally.claimed + tally.deferred - waitingNotChosen);
}

function doneText({ waitingNotChosen = 0 }: Status): string {
  if (waitingNotChosen === 0) return "Done";
  const waiting = countOf(waitingNotChosen, "recipient");
  return `Done, but ${waiting} whom the last run did not choose ${
    waitingNotChosen === 1 ? "is" : "are"
  } still waiting`;
}

/** The status for programs: the counts by the names that `send --json` uses, and who is sending. */
export function statusJson(status: Status): Record<string, unknown> {
  const { campaign, relays, tally, suppressed, running, perSecond, exitCode } = status;
  const { notReached, notChosen, leftBehind = 0 } = status;
  const waiting = waitingOf(status) + (notReached ?? 0) + leftBehind;
  return {
    campaign,
    state: running === undefined ? (waiting > 0 ? "stopped" : "done") : "running",
    ...tallyJson(tally, suppressed),
    per_second: Math.round(perSecond * 10) / 10,
    exit_code: exitCode,
    relay: relays.join(", "),
    not_reached: notReached ?? null,
    left_behind: leftBehind,
    not_chosen: notChosen ?? null,
    running: running === undefined
      ? null
      : { pid: running.pid, host: running.host, since: running.since },
    waiting_until: running?.waitingUntil ?? null,
  };
}
