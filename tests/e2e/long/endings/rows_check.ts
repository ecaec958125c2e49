/** Compares the rows of `export` with the list and the server's log. */
import { recipientsOf, type Row } from "./list.ts";
import { chosenByEnd, type Fate, mailable, Oracle } from "./oracle.ts";
import type { Exported, Run } from "./round.ts";
import { mostUnderWay, type Scenario } from "./scenario.ts";

export const WAITING = ["queued", "deferred"];

/** The state of an exported row as the oracle calls it. */
function fateOf(row: Exported | undefined): string {
  if (row === undefined) return "absent";
  return WAITING.includes(row["_state"]!) ? "waiting" : row["_state"]!;
}

/** All that is wrong with what became of each row. */
export function rowFaults(scenario: Scenario, list: readonly Row[], run: Run): string[] {
  const oracle = new Oracle(scenario, run.log);
  const byLine = new Map(run.rows.map((row) => [Number(row["_line"]), row]));
  return [
    ...lineFaults(list, run, byLine),
    ...mailFaults(list, run, oracle),
    ...[...recipientsOf(list)].flatMap(([key, rows]) =>
      recipientFaults(key, rows, { run, list, oracle, byLine })
    ),
    ...limitFaults(list, run),
    ...doubtFaults(scenario, run, oracle),
  ];
}

/** One exported row at most for a row of the list, with its address, and invalid if and only if it makes no mail. */
function lineFaults(list: readonly Row[], run: Run, byLine: Map<number, Exported>): string[] {
  const faults = byLine.size === run.rows.length ? [] : ["export has two rows for one line"];
  const lines = new Map(list.map((row) => [row.line, row]));
  for (const [line, exported] of byLine) {
    const row = lines.get(line);
    const state = exported["_state"];
    if (row === undefined) faults.push(`export has line ${line}, which is not in the list`);
    else if (row.address !== exported["Email"]) {
      faults.push(`line ${line}: export has '${exported["Email"]}' for '${row.address}'`);
    } else if ((row.key === undefined) !== (state === "invalid")) {
      faults.push(`line ${line}: ${state}, '${row.text.slice(0, 80)}'`);
    }
  }
  return faults;
}

/** Mails went only to recipients who may get one and that the run was about, and to each only once. */
function mailFaults(list: readonly Row[], run: Run, oracle: Oracle): string[] {
  const recipients = recipientsOf(list);
  const about = chosenByEnd(run.end, list);
  return oracle.named.flatMap((key) => {
    const row = recipients.get(key)?.[0];
    if (row === undefined) return [`a mail for ${key}, who is not in the list`];
    if (row.suppressed !== undefined) return [`a mail for ${key}, who is suppressed`];
    if (row.fate === "too-large") return [`a mail for ${key}, larger than SIZE`];
    if (!about.has(key)) return [`a mail for ${key}, who is not part of this run`];
    const { accepted } = oracle.heard(key);
    return accepted > 1 ? [`${accepted} mails for ${key}`] : [];
  });
}

/** One row of each recipient has its state; the others are duplicates. */
function recipientFaults(
  key: string,
  rows: readonly Row[],
  { run, list, oracle, byLine }: {
    run: Run;
    list: readonly Row[];
    oracle: Oracle;
    byLine: ReadonlyMap<number, Exported>;
  },
): string[] {
  const [{ fate, suppressed }] = rows as [Row];
  const exported = rows.map(({ line }) => byLine.get(line)).filter((row) => row !== undefined);
  const own = exported.filter((row) => row["_state"] !== "skipped");
  const state = suppressed !== undefined && exported.length > 0 ? "skipped" : fateOf(own[0]);
  if (own.length > (suppressed === undefined ? 1 : 0)) {
    return [`${key}: rows are ${exported.map(fateOf).join(", ")}`];
  }
  const may: readonly Fate[] = suppressed === undefined
    ? oracle.mayBe(key, fate)
    : ["skipped", "absent"];
  const faults = [];
  if (!may.includes(state as Fate)) faults.push(`${key}: ${state}, may be ${may.join(", ")}`);
  if (state === "absent" && exported.length > 0) faults.push(`${key}: nothing but duplicates`);
  const settled = run.ended.code < 2 && run.end.kind !== "limit" &&
    chosenByEnd(run.end, list).has(key);
  if (settled && (state === "waiting" || state === "absent")) {
    faults.push(`${key}: ${state} at the end of a run that says it is done`);
  }
  const attempts = oracle.attempts(key, fate);
  if ((state === "sent" || state === "failed") && attempts !== undefined) {
    const found = Number(own[0]!["_attempts"]);
    // The last try does not count at a relay that had accepted nobody yet: the relay may have been at fault.
    const least = /^later/.test(fate) && state === "failed" ? 1 : attempts;
    if (found < least || found > attempts) faults.push(`${key}: ${found} tries, not ${attempts}`);
  }
  return faults;
}

/** `--limit` takes this many recipients, or all if there are fewer. */
function limitFaults(list: readonly Row[], { end, ended, rows }: Run): string[] {
  if (end.kind !== "limit" || ended.code > 1) return [];
  const taken = rows.filter(({ _state }) => _state !== "invalid" && _state !== "skipped").length;
  const most = Math.min(end.count, mailable(list));
  return taken === most ? [] : [`--limit ${end.count} took ${taken} recipients, not ${most}`];
}

/** Few are in doubt besides those whose own mail the server cut off: only those under way beside one. */
function doubtFaults(scenario: Scenario, run: Run, oracle: Oracle): string[] {
  const doubted = run.rows.filter(({ _state }) => _state === "in-doubt");
  const beside = doubted.filter(({ Email }) => oracle.heard(Email!.toLowerCase()).cut === 0);
  const underWay = mostUnderWay(scenario);
  const most = oracle.cuts * (underWay - 1) +
    (scenario.end.kind === "gone" ? scenario.connections * underWay : 0);
  return beside.length <= most ? [] : [`${beside.length} in doubt beside those cut off`];
}
