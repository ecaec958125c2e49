import { wallTime } from "../time/clock.ts";
import type { ReporterOptions } from "./reporter_options.ts";
import { now } from "../time/steady_time.ts";
import { deliveryLine } from "./delivery_line.ts";
import { escapeLine } from "../text/escape.ts";
import { type Log, type LogFacts, openLog, plainFacts, SILENT_LOG } from "./log/log.ts";
import { Pace } from "./pace.ts";
import type { Plan } from "./plan.ts";
import { planText } from "./plan_text.ts";
import { progressLine, type ProgressMoment, progressWords } from "./progress.ts";
import { summaryJson } from "./json/summary_json.ts";
import { headline, type Summary, summaryText } from "./summary.ts";
import type { Progress, Reporter } from "./reporter.ts";
import type { Delivery } from "../pipeline/consumer/delivery.ts";

/** Where messages go: stderr, as main passes it in. */
export interface TerminalOutput {
  /** A person may be looking, and cursor sequences work. */
  readonly isTerminal: boolean;
  /** Width now; asked before each drawing, as a window may be resized. */
  columns(): number;
  /** Takes the text at once. Never throws: a closed stderr must not stop a campaign. */
  write(text: string): void;
}

/** Often enough to look alive, rarely enough to cost nothing. */
const DRAW_EVERY_MS = 200;
/** In a log, six lines a minute are enough. */
const WORDS_EVERY_MS = 10_000;
/** ECMA-48: to the first column, erase to the end of the line. */
const ERASE_LINE = "\r\x1b[K";
const LOG_LEVELS = {
  "sent": "debug",
  "skipped": "debug",
  "deferred": "info",
  "failed": "warning",
  "invalid": "warning",
  "in-doubt": "warning",
} as const;

/**
 * Opens the reporter of a run: progress and messages on the terminal, events in the log file.
 *
 * @param clock Milliseconds since the epoch, never running backwards: for how often to draw, and for due times.
 * @param wall Milliseconds since the epoch: for the log's times.
 * @throws {InputError} if the log file cannot be opened.
 */
export async function openReporter(
  options: ReporterOptions,
  terminal: TerminalOutput,
  clock: () => number = now,
  wall: () => number = wallTime,
): Promise<Reporter> {
  const screen = new Screen(terminal);
  const log = options.log === undefined ? SILENT_LOG : await openLog(
    options.log,
    options.logFormat,
    (error) => {
      screen.print(`error: Cannot write to the log file any longer: ${escapeLine(error.message)}`);
    },
    wall,
    clock,
  );
  return new TerminalReporter(options, terminal.isTerminal, screen, log, clock);
}

/** A terminal whose last line can be a progress line; messages are printed above it. */
class Screen {
  readonly #terminal: TerminalOutput;
  #line = "";

  constructor(terminal: TerminalOutput) {
    this.#terminal = terminal;
  }

  columns(): number {
    return this.#terminal.columns();
  }

  print(text: string): void {
    const line = this.#line;
    this.#terminal.write(line === "" ? `${text}\n` : `${ERASE_LINE}${text}\n${line}`);
  }

  draw(line: string): void {
    // After a resize, the line may be half erased, so it is drawn even if it has not changed.
    this.#terminal.write(`${ERASE_LINE}${line}`);
    this.#line = line;
  }

  erase(): void {
    if (this.#line === "") return;
    this.#line = "";
    this.#terminal.write(ERASE_LINE);
  }
}

class TerminalReporter implements Reporter {
  readonly #verbosity: number;
  readonly #mode: "bar" | "plain" | "none";
  readonly #screen: Screen;
  readonly #log: Log;
  readonly #clock: () => number;
  readonly #pace = new Pace();
  /** undefined: never. */
  #drawnAt: number | undefined;
  /** When progress was last put in words; at first, when it was first reported: a line of zeros says nothing. */
  #wordsAt: number | undefined;
  /** The newest state, if it has not been put in words yet. */
  #unwritten: { readonly progress: Progress; readonly moment: ProgressMoment } | undefined;
  #ended = false;

  constructor(
    options: ReporterOptions,
    isTerminal: boolean,
    screen: Screen,
    log: Log,
    clock: () => number,
  ) {
    this.#verbosity = options.verbosity;
    this.#mode = modeOf(options, isTerminal);
    this.#screen = screen;
    this.#log = log;
    this.#clock = clock;
  }

  info(message: string, facts?: LogFacts): void {
    this.#log.write("info", message, facts);
    if (this.#verbosity >= 0) this.#say(message, facts);
  }

  detail(message: string, facts?: LogFacts): void {
    this.#log.write("info", message, facts);
    if (this.#verbosity > 0) this.#say(message, facts);
  }

  warn(message: string, facts?: LogFacts): void {
    this.#log.write("warning", message, facts);
    if (this.#verbosity >= 0) this.#say(`warning: ${message}`, facts);
  }

  plan(plan: Plan): void {
    this.#log.write("info", "Plan", planFacts(plan));
    if (this.#verbosity >= 0) this.#screen.print(planText(plan));
  }

  delivery(delivery: Delivery): void {
    const { state } = delivery;
    const level = LOG_LEVELS[state];
    if (level !== "debug" || this.#verbosity > 0) this.#log.write(level, state, { ...delivery });
    if (this.#verbosity > 0) this.#screen.print(deliveryLine(delivery));
  }

  progress(progress: Progress): void {
    this.#log.tick();
    if (this.#ended) return;
    const now = this.#clock();
    const perSecond = this.#pace.observe(progress.settled, progress.elapsedMs);
    const moment = { now, perSecond };
    this.#unwritten = { progress, moment };
    if (this.#mode === "bar" && now - (this.#drawnAt ?? -Infinity) >= DRAW_EVERY_MS) {
      this.#drawnAt = now;
      this.#screen.draw(progressLine(progress, this.#screen.columns(), moment));
    }
    this.#wordsAt ??= now;
    if (now - this.#wordsAt >= WORDS_EVERY_MS) this.#writeProgress(now);
  }

  summary(summary: Summary): void {
    this.#end();
    const level = summary.exitCode === 0 ? "info" : "warning";
    const all = Object.entries(summaryJson(summary)).filter(([, value]) => value !== null);
    this.#log.write(level, headline(summary), Object.fromEntries(all));
    if (this.#verbosity >= 0 || summary.exitCode !== 0) this.#screen.print(summaryText(summary));
  }

  close(): Promise<void> {
    this.#end();
    this.#log.close();
    return Promise.resolve();
  }

  #say(message: string, facts: LogFacts = {}): void {
    const details = this.#verbosity < 2 ? [] : Object.entries(plainFacts(facts));
    const shown = details.map(([name, value]) => ` ${name}=${JSON.stringify(value)}`).join("");
    this.#screen.print(escapeLine(message) + escapeLine(shown));
  }

  #writeProgress(now: number): void {
    if (this.#unwritten === undefined) return;
    const { progress, moment } = this.#unwritten;
    this.#unwritten = undefined;
    this.#wordsAt = now;
    if (progress.goal === 0) return; // The summary says that nothing is left to send.
    this.#log.write("info", "Progress", progressFacts(progress, moment));
    if (this.#mode === "plain") this.#screen.print(progressWords(progress, moment));
  }

  /** The last line in words stays readable; a bar is removed, as the summary says it better. */
  #end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#screen.erase();
    this.#writeProgress(this.#clock());
  }
}

function modeOf(options: ReporterOptions, isTerminal: boolean): "bar" | "plain" | "none" {
  if (options.verbosity < 0) return "none";
  if (options.progress !== "auto") return options.progress;
  return isTerminal ? "bar" : "plain";
}

function planFacts(plan: Plan): LogFacts {
  return {
    campaign: plan.campaign,
    list: plan.list,
    rows: plan.scan?.rows,
    invalid: plan.scan?.invalid,
    duplicates: plan.scan?.duplicates,
    owed: plan.toSend,
    settled: plan.settled,
    in_doubt: plan.inDoubt,
    relays: plan.relays.join(" "),
    connections: plan.connections,
    ledger: plan.ledger,
    changes: plan.changes.join("; "),
  };
}

function progressFacts(
  { tally, goal, settled }: Progress,
  { perSecond }: ProgressMoment,
): LogFacts {
  return {
    settled,
    goal,
    per_second: Number(perSecond.toFixed(1)),
    failed: tally.failed,
    in_doubt: tally.inDoubt,
    deferred: tally.deferred,
  };
}
