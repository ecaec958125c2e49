import { escapeLine } from "../text/escape.ts";
import { countOf, countText, durationText, speedText } from "../text/quantity.ts";
import { shellWord } from "../text/quote.ts";
import { differingLines } from "../list/file/differing_rows.ts";
import type { DifferingRows } from "../model/scan.ts";
import type { Tally } from "../model/tally.ts";
import type { ExitCode } from "../model/exit_code.ts";
import type { StopReason } from "../model/stop.ts";
import type { Plan } from "./plan.ts";
import { suppressedPart } from "./json/tally_json.ts";

/** States of which the summary names recipients: a person has to do something about them. */
export const NAMED_STATES = ["failed", "invalid", "in-doubt"] as const;
/** How many recipients of each it names; `export` has the others. */
export const MOST_NAMED = 5;

/** How a run ended. */
export interface Summary {
  readonly campaign: string;
  /** Path of the ledger, for the commands to run next. */
  readonly ledger: string;
  /** Names of the relays of this run. */
  readonly relays: readonly string[];
  /** done: every row of the list is settled. stopped: run again to continue; with an exit code below 3, everybody chosen is settled. planned: `--dry-run`. */
  readonly state: "done" | "stopped" | "planned";
  readonly tally: Tally;
  /** How many of the skipped are suppressed; undefined: the ledger could not be read any more. */
  readonly suppressed: number | undefined;
  /** Rows of the list that a stopped or limited run has not reached; undefined: none, or unknown. */
  readonly notReached?: number | undefined;
  /** Rows of the list that are not in the ledger because no run has chosen them; undefined: unknown. */
  readonly notChosen?: number | undefined;
  /** Recipients of earlier runs who wait, and whom this run did not choose. */
  readonly waitingNotChosen?: number;
  /** Rows of the list that got no mail although they are not mere repetitions. */
  readonly differing?: DifferingRows | undefined;
  /** Mails the relay accepted in this run. */
  readonly sentNow: number;
  readonly durationMs: number;
  readonly exitCode: ExitCode;
  /** What a dry run found. */
  readonly planned?: Pick<Plan, "scan" | "toSend" | "changedSinceDone"> | undefined;
  /** Why the run stopped early, and the next step. */
  readonly stop: StopReason | undefined;
  /** Everybody still waiting was set aside by a relay that accepted others: a person may have to decide whose fault that is. */
  readonly undecided?: boolean;
  /** The first recipients of each state that needs a person: failed, invalid, in doubt. */
  readonly examples: readonly {
    readonly state: typeof NAMED_STATES[number];
    readonly line: number;
    readonly address: string;
    readonly reason: string;
  }[];
}

/** An address can have 254 octets (RFC 5321, 4.5.3.1.3); longer ones would push the reason out of sight. */
const LONGEST_ADDRESS = 64;
const TITLES = { "failed": "Failed", "invalid": "Invalid", "in-doubt": "In doubt" } as const;

/** How the run ended, for people: headline, counts, who needs attention, next step; no final line end. */
export function summaryText(summary: Summary): string {
  return [
    headline(summary),
    ...stopLines(summary),
    ...countLines(summary),
    ...differingLines(summary.differing).map((line, at) =>
      `  ${(at === 0 ? "Duplicate" : "").padEnd(10)}${line}`
    ),
    ...NAMED_STATES.flatMap((state) => exampleLines(summary, state)),
    ...nextSteps(summary),
  ].join("\n");
}

/** The first line of {@link summaryText}. */
export function headline(summary: Summary): string {
  const campaign = `Campaign ${escapeLine(summary.campaign)}`;
  if (summary.state === "planned") return `${campaign}: dry run, nothing was sent`;
  const sent = summary.sentNow === 0
    ? "nothing sent"
    : `${countText(summary.sentNow)} sent in ${durationText(summary.durationMs)} (${
      speedText(sentPerSecond(summary))
    })`;
  if (isPart(summary)) return `${campaign}: part of the list done, ${sent}`;
  if (summary.state === "stopped") return `${campaign}: stopped early, ${sent}`;
  return isNothingLeft(summary)
    ? `${campaign}: nothing left to send`
    : `${campaign}: done, ${sent}`;
}

/** Returns whether a run found nobody to mail, and no problems. */
function isNothingLeft({ state, sentNow, tally: { failed, invalid, inDoubt } }: Summary): boolean {
  return state === "done" && sentNow === 0 && failed + invalid + inDoubt === 0;
}

/** Returns whether the ledger is found by the campaign's id alone. */
function isNamedAfter({ ledger, campaign }: Summary): boolean {
  const name = ledger.replace(/^.*[\\/]/, "");
  return name === `${campaign}.ledger` || name === `${campaign}.sandbox.ledger`;
}

/** Everybody chosen is settled, but rows of the list are left. */
function isPart({ state, stop, exitCode }: Summary): boolean {
  return state === "stopped" && stop === undefined && exitCode !== 3;
}

function stopLines({ stop }: Summary): string[] {
  if (stop === undefined) return [];
  const hint = stop.hint === undefined ? [] : [`            ${escapeLine(stop.hint)}`];
  return [`  Reason    ${escapeLine(stop.reason)}`, ...hint];
}

/** The whole ledger on one line, without empty states: "Total: 25 recipients: 24 sent, 1 failed". */
function countLines({ tally, suppressed, ...summary }: Summary): string[] {
  const { notReached = 0, notChosen = 0, waitingNotChosen = 0 } = summary;
  const rest = [
    ...(notReached > 0 ? [`${countOf(notReached, "more row")} of the list not reached yet`] : []),
    ...(notChosen > 0 ? [`${countOf(notChosen, "more row")} of the list not chosen`] : []),
    ...(waitingNotChosen > 0
      ? [`${countOf(waitingNotChosen, "recipient")} of earlier runs not chosen, still waiting`]
      : []),
  ].map((line) => `            ${line}`);
  if (tally.total === 0) return rest;
  const counts: readonly (readonly [number, string])[] = [
    [tally.sent, "sent"],
    [tally.failed, "failed"],
    [tally.invalid, "invalid"],
    [tally.skipped, `skipped${suppressedPart(suppressed)}`],
    [tally.inDoubt, "in doubt"],
    [tally.deferred, "deferred"],
    [tally.queued + tally.claimed, "still to send"],
  ];
  const named = counts.filter(([count]) => count > 0).map(([count, what]) =>
    `${countText(count)} ${what}`
  );
  return [`  Total     ${countOf(tally.total, "recipient")}: ${named.join(", ")}`, ...rest];
}

function exampleLines({ examples, tally }: Summary, state: typeof NAMED_STATES[number]): string[] {
  const found = examples.filter((example) => example.state === state).slice(0, MOST_NAMED);
  if (found.length === 0) return [];
  const counted = { "failed": tally.failed, "invalid": tally.invalid, "in-doubt": tally.inDoubt };
  const more = counted[state] - found.length;
  const lineWidth = Math.max(...found.map(({ line }) => String(line).length));
  const addresses = found.map(({ address }) => escapeLine(address, LONGEST_ADDRESS));
  const addressWidth = Math.max(...addresses.map((address) => address.length));
  return [
    `  ${TITLES[state]}`,
    ...found.map(({ line, reason }, at) =>
      [
        `    line ${String(line).padEnd(lineWidth)}`,
        ...(addressWidth > 0 ? [(addresses[at] ?? "").padEnd(addressWidth)] : []),
        escapeLine(reason),
      ].join("  ")
    ),
    ...(more > 0 ? [`    and ${countText(more)} more`] : []),
  ];
}

function nextSteps(summary: Summary): string[] {
  const { state, stop, tally, ledger } = summary;
  if (state === "planned") return [];
  const from = `--ledger ${shellWord(escapeLine(ledger))}`;
  const steps = [
    ...(isPart(summary)
      ? ["run again for more of the list, or without --limit, --only and --offset for all of it"]
      : state === "stopped" && stop?.hint === undefined
      ? ["run the same command again to continue"]
      : []),
    ...(isNothingLeft(summary)
      ? [
        "to send an edited mail, give it a new id: --campaign NEW-ID, or id in campaign.toml" +
        (isNamedAfter(summary) ? "" : ", and a ledger of its own: --ledger FILE"),
      ]
      : []),
    ...(summary.undecided
      ? [
        `email-dispatcher export ${from} --state deferred --state queued`,
        `email-dispatcher settle EMAIL ${from} --state deferred --state queued --as failed     # if the refusal is the recipient's own`,
      ]
      : []),
    ...stepsFor(tally, from),
  ];
  return steps.map((step, at) => `  ${at === 0 ? "Next" : "    "}      ${step}`);
}

/** What to do about those who need attention. @param from The flag that names the ledger. */
function stepsFor(tally: Tally, from: string): string[] {
  return [
    ...(tally.failed > 0
      ? [
        `email-dispatcher export ${from} --state failed`,
        "email-dispatcher send --retry failed     # and the other options of this run",
      ]
      : []),
    ...(tally.invalid > 0
      ? [
        `email-dispatcher export ${from} --state invalid`,
        "correct these rows, or supply what they lack, and run the same command again",
      ]
      : []),
    ...(tally.inDoubt > 0
      ? [
        `email-dispatcher export ${from} --state in-doubt`,
        `email-dispatcher settle EMAIL ${from} --as sent     # or failed, queued`,
      ]
      : []),
  ];
}

/** Mails accepted in a run, a second. */
export function sentPerSecond({ sentNow, durationMs }: Summary): number {
  return durationMs > 0 ? sentNow * 1_000 / durationMs : 0;
}
