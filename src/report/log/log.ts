import { wallTime } from "../../time/clock.ts";
import {
  getJsonLinesFormatter,
  getLogfmtFormatter,
  type LogLevel,
  type LogRecord,
} from "@logtape/logtape";
import { now } from "../../time/steady_time.ts";
import { cut, escapeInvisibleInJson } from "../../text/escape.ts";
import { LogFile } from "./log_file.ts";

/** What an event says besides its message; anything that is not a plain value is omitted. */
export type LogFacts = Readonly<Record<string, unknown>>;

/** Where the events of a run are kept for later. */
export interface Log {
  /** Adds an event, on one line. */
  write(level: LogLevel, message: string, facts?: LogFacts): void;
  /** Writes lines that are waiting; call it now and then while nothing else is written. */
  tick(): void;
  /** Writes the rest and closes the file. */
  close(): void;
}

/** No value in the log is longer, in UTF-16 units: a cell of 50 MB must not become a line of 50 MB. */
const LONGEST_VALUE = 2_000;
const CATEGORY = ["email-dispatcher"] as const;
const NOTHING: LogFacts = {};

/** The log if none was asked for. */
export const SILENT_LOG: Log = { write() {}, tick() {}, close() {} };

/**
 * Opens the log of `--log FILE`: logfmt lines, or JSON lines with the facts under `facts`.
 *
 * LogTape makes the lines; its loggers are not used, as they are configured for the whole process at once.
 *
 * @param onFailure Called once when the file can no longer be written.
 * @param wall For the times in the log.
 * @param clock For how long lines wait; never runs backwards.
 * @throws {InputError} if the file cannot be opened.
 */
export async function openLog(
  path: string,
  format: "text" | "json",
  onFailure: (error: Error) => void,
  wall: () => number = wallTime,
  clock: () => number = now,
): Promise<Log> {
  const file = await LogFile.open(path, onFailure);
  const toLine = format === "json"
    ? getJsonLinesFormatter({ properties: "nest:facts" })
    : getLogfmtFormatter();
  return {
    write(level, message, facts = NOTHING) {
      const at = clock();
      file.add(escapeInvisibleInJson(toLine(recordOf(level, message, facts, wall()))), at);
      // A warning may be the last thing this process says.
      if (level !== "info" && level !== "debug") file.flush(at);
    },
    tick: () => file.flushIfDue(clock()),
    close: () => file.close(clock()),
  };
}

function recordOf(level: LogLevel, message: string, facts: LogFacts, at: number): LogRecord {
  const text = cut(message, LONGEST_VALUE);
  return {
    category: CATEGORY,
    level,
    message: [text],
    rawMessage: text,
    timestamp: at,
    properties: plainFacts(facts),
  };
}

/**
 * The facts that are plain values, and errors by their message. Objects stay out: only what a caller named on purpose is
 * logged, never what is attached to it (a relay and its password).
 */
export function plainFacts(facts: LogFacts): Record<string, string | number | boolean | null> {
  const plain: Record<string, string | number | boolean | null> = {};
  for (const [name, value] of Object.entries(facts)) {
    const seen = plainValue(value);
    if (seen !== undefined) plain[name] = seen;
  }
  return plain;
}

function plainValue(value: unknown): string | number | boolean | null | undefined {
  if (typeof value === "string") return cut(value, LONGEST_VALUE);
  if (typeof value === "number" || typeof value === "boolean" || value === null) return value;
  if (typeof value === "bigint") return value.toString();
  return value instanceof Error ? cut(value.message, LONGEST_VALUE) : undefined;
}
