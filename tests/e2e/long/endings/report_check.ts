/** Compares exit codes, JSON and summary with each other and with the rows of `export`. */
import { COUNTS, type Counts, countsOf, suppressedOf, totalOf } from "./counts.ts";
import type { Row } from "./list.ts";
import { isUndecided } from "./oracle.ts";
import type { Exported, Run } from "./round.ts";
import { WAITING } from "./rows_check.ts";
import { summaryFaults } from "./summary_check.ts";

/** What `send --json` ends with, docs/exit-codes-and-json.md. */
const SEND = [
  ...["campaign", "state", "total", ...COUNTS, "suppressed", "not_chosen", "duration_s"],
  ...["per_second", "exit_code", "relay", "reason", "hint", "kind", "retryable"],
];
const STATUS = [
  ...["campaign", "state", "total", ...COUNTS, "suppressed", "not_chosen", "per_second"],
  ...["exit_code", "relay", "waiting_until", "left_behind"],
];

/** Ends after which exit code 3 is right even if nobody is left, because the end came with the last mail. */
const FROM_OUTSIDE = ["sigterm", "until", "refuses-us", "gone"];
/** Ends after which rows may be left although the run did not stop early. */
const OF_A_PART = ["limit", "only", "offset"];

/** All that is wrong with a run's report on itself. */
export function reportFaults(list: readonly Row[], run: Run): string[] {
  const { ended } = run;
  if (ended.signal !== null) return [`ended by ${ended.signal}`];
  if (/\(unexpected;|Internal error|panicked|^\s+at .*\.ts:/m.test(ended.stderr)) {
    return ["crashed"];
  }
  const counts = countsOf(run.rows);
  return [
    ...codeFaults(list, run, counts),
    ...jsonFaults(list, run, counts),
    ...statusFaults(list, run, counts),
    ...summaryFaults(run, counts),
    ...csvFaults(run),
  ];
}

/** The exit code that follows from the counts if nothing ended the run early. */
function verdictOf(counts: Counts, left: number): number {
  if (counts.deferred + counts.queued + left > 0) return 3;
  return counts.failed + counts.invalid + counts.in_doubt > 0 ? 1 : 0;
}

function codeFaults(list: readonly Row[], { end, ended, rows }: Run, counts: Counts): string[] {
  const left = OF_A_PART.includes(end.kind) ? 0 : list.length - rows.length;
  const wanted = verdictOf(counts, left);
  const mayBeStopped = ended.code === 3 && FROM_OUTSIDE.includes(end.kind);
  if (ended.code === wanted || mayBeStopped) {
    // Whose fault these refusals are is known only if others were accepted meanwhile.
    const decided = rows.every((row) =>
      !WAITING.includes(row["_state"]!) || !isUndecided(row["Email"]!)
    );
    const whole = end.kind === "done" && ended.code === 3 && decided;
    return whole ? ["exit 3 at the end of a run that nothing ended"] : [];
  }
  return [`exit ${ended.code}, not ${wanted}`];
}

function jsonFaults(list: readonly Row[], { ended, rows }: Run, counts: Counts): string[] {
  const [line, ...rest] = ended.stdout.split("\n");
  if (rest.join() !== "" || line === "") return [`stdout is not one line: '${ended.stdout}'`];
  const json = JSON.parse(line!);
  const state = ended.code === 3 || list.length > rows.length ? "stopped" : "done";
  const told = { campaign: "c", state, exit_code: ended.code, not_chosen: 0 };
  return [
    ...reasonFaults(json, ended.code === 3),
    ...objectFaults("send --json", json, {
      fields: SEND,
      optional: ["not_reached"],
      counts,
      rest: { ...told, suppressed: suppressedOf(rows) },
    }),
  ];
}

/** A run that ended early says why, and whether it makes sense to start it again; no other run does. */
function reasonFaults(json: Readonly<Record<string, unknown>>, isEarly: boolean): string[] {
  const { reason, kind, retryable } = json;
  const types = [typeof reason, typeof kind, typeof retryable].join();
  const wanted = isEarly ? "string,string,boolean" : "object,object,object";
  return types === wanted && (isEarly || (reason ?? kind ?? retryable) === null)
    ? []
    : [`send --json: reason ${reason}, kind ${kind}, retryable ${retryable}`];
}

function statusFaults(list: readonly Row[], { status, rows }: Run, counts: Counts): string[] {
  const left = list.length - rows.length;
  const code = verdictOf(counts, left);
  const state = code === 3 ? "stopped" : "done";
  const idle = {
    running: null,
    waiting_until: null,
    not_chosen: 0,
    left_behind: 0,
    not_reached: left,
  };
  const rest = { campaign: "c", state, exit_code: code, suppressed: suppressedOf(rows), ...idle };
  return [
    ...(status.code === code ? [] : [`status: exit ${status.code}, not ${code}: ${status.stderr}`]),
    ...objectFaults("status --json", JSON.parse(status.stdout || "{}"), {
      fields: [...STATUS, "not_reached", "running"],
      optional: [],
      counts,
      rest,
    }),
  ];
}

/** The object must have these fields, the counts of `export`, their sum, and `rest`. */
function objectFaults(
  name: string,
  json: Readonly<Record<string, unknown>>,
  { fields, optional, counts, rest }: {
    fields: readonly string[];
    optional: readonly string[];
    counts: Counts;
    rest: Readonly<Record<string, unknown>>;
  },
): string[] {
  const found = Object.keys(json).filter((field) => !optional.includes(field)).sort();
  const expected = { ...counts, total: totalOf(counts), ...rest };
  return [
    ...(found.join() === [...fields].sort().join() ? [] : [`${name} has the fields ${found}`]),
    ...Object.entries(expected).filter(([field, value]) => json[field] !== value)
      .map(([field, value]) => `${name}: ${field} is ${json[field]}, not ${value}`),
  ];
}

/** Both forms of `export` have the same content; in CSV an apostrophe keeps cells from being run as formulas. */
function csvFaults({ rows, csv }: Run): string[] {
  const plain = (cells: readonly Exported[]) =>
    cells.map((row) =>
      Object.entries(row).map(([name, cell]) => `${name}=${cell.replace(/^'(?=[=+\-@])/, "")}`)
        .join()
    ).join("\n");
  return csv === undefined || plain(rows) === plain(csv)
    ? []
    : ["export: CSV and JSON lines differ"];
}
