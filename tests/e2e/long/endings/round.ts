/** Runs a scenario with the real program and a real server, and collects what each run left behind. */
import { parse } from "csv-parse/stream";
import {
  CountingServer,
  GROUPS,
  type Noted,
  type SinkOptions,
} from "../../../support/counting_server.ts";
import { inFolder } from "../../../support/folder.ts";
import { type Ended, type Running, runProgram, startProgram } from "../../../support/program.ts";
import { sleep } from "../../../../src/time/sleep.ts";
import { chosen, filesOf, listOf, type Row, SIZE_LIMIT } from "./list.ts";
import { type End, RETRIES, type Scenario } from "./scenario.ts";

/** Far more than any of these runs takes: they have at most 60 recipients. */
const DEADLINE_MS = 90_000;
/** How long a run continues without its relay. */
const WITHOUT_RELAY_MS = 700;

/** A row of `export`: the list's columns, and `_state` and so on. */
export type Exported = Readonly<Record<string, string>>;

/** What a run left behind, and what the commands that read the ledger say about it. */
export interface Run {
  readonly end: End;
  readonly ended: Ended;
  readonly status: Ended;
  /** Of `export --format jsonl`. */
  readonly rows: readonly Exported[];
  /** Of the CSV form, which only the last run has; undefined: it was not exported. */
  readonly csv: readonly Exported[] | undefined;
  /** All that the server has logged so far, earlier runs included. */
  readonly log: readonly Noted[];
}

/** Runs the scenario, and calls `check` after each run. */
export async function play(
  scenario: Scenario,
  check: (run: Run, list: readonly Row[]) => void,
): Promise<void> {
  const list = listOf(scenario);
  await inFolder(filesOf(list, scenario.firstRetry), async (cwd) => {
    const [server] = await Promise.all([
      CountingServer.start({ ...healthy(scenario), ...troubleOf(scenario.end) }),
      unsubscribe(list, cwd),
    ]);
    await using _server = server;
    const place = { list, server, cwd };
    const end = withinList(scenario.end, list.length);
    check(await oneRun(scenario, end, !scenario.again, place), list);
    if (!scenario.again) return;
    await server.kill();
    await server.restart(healthy(scenario));
    check(await oneRun(scenario, { kind: "done" }, true, place), list);
  });
}

/** An `--offset` beyond the list is refused, before anything else happens. */
function withinList(end: End, rows: number): End {
  return end.kind === "offset" ? { ...end, count: Math.min(end.count, rows - 1) } : end;
}

interface RoundContext {
  readonly list: readonly Row[];
  readonly server: CountingServer;
  readonly cwd: string;
}

async function oneRun(
  scenario: Scenario,
  end: End,
  last: boolean,
  place: RoundContext,
): Promise<Run> {
  const { server, cwd } = place;
  if (end.kind === "gone" && end.after === 0) await server.kill();
  const args = ["send", "--smtp", server.url, ...flagsOf(scenario), ...flagsOfEnd(end, place.list)];
  const running = startProgram(args, { cwd, deadlineMs: DEADLINE_MS });
  await bringAbout(end, running, server);
  const ended = await running.ended;
  const [status, jsonLines, csv] = await Promise.all([
    runProgram(["status", "--json"], { cwd }),
    runProgram(["export", "--format", "jsonl"], { cwd }),
    last ? runProgram(["export"], { cwd }) : undefined,
  ]);
  return {
    end,
    ended,
    status,
    rows: jsonLines.stdout.split("\n").filter((line) => line !== "").map((line) =>
      JSON.parse(line)
    ),
    csv: csv && await parseCsv(csv.stdout),
    log: await server.log(),
  };
}

function healthy({ chunking, latencyMs }: Scenario): SinkOptions {
  const extensions = [...GROUPS, `SIZE ${SIZE_LIMIT}`, ...(chunking ? ["CHUNKING"] : [])];
  return { extensions, latencyMs, fates: true };
}

function troubleOf(end: End): Partial<SinkOptions> {
  if (end.kind === "refuses-us") return { refuseUsFrom: end.after };
  return end.kind === "gone" && end.after > 0 ? { goneAfter: end.after } : {};
}

function flagsOf({ connections, window }: Scenario): string[] {
  return [
    ...["--json", "--yes", "--progress", "none", "--suppress", "left.csv"],
    ...["--connections", String(connections), "--retries", String(RETRIES)],
    ...(window === undefined ? [] : ["--window", String(window)]),
  ];
}

function flagsOfEnd(end: End, list: readonly Row[]): string[] {
  switch (end.kind) {
    case "until":
      // Slow enough that some recipients are left.
      return ["--until", new Date(Date.now() + end.ms).toISOString(), "--rate", "20/s"];
    case "sigterm":
      return ["--rate", "50/s"];
    case "no-wait":
      return ["--no-wait"];
    case "limit":
      return ["--limit", String(end.count)];
    case "offset":
      return ["--offset", String(end.count)];
    case "only":
      return [...chosen(list, end)].flatMap((key) => ["--only", key]);
    case "done":
    case "refuses-us":
    case "gone":
      return [];
  }
}

/** Ends a run if its end comes from outside. */
async function bringAbout(end: End, running: Running, server: CountingServer): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  const ended = running.ended.then(() => {}, () => {}).finally(() => over.abort());
  if (end.kind === "sigterm") {
    while (!signal.aborted && server.taken < end.after) await sleep(2, signal);
  } else if (end.kind === "gone") {
    // A relay that was never there is noticed once the run has started.
    const noticed = end.after === 0
      ? running.seen(/^Cannot connect/m).then(() => {}, () => {})
      : server.ended();
    await Promise.race([ended, noticed.then(() => sleep(WITHOUT_RELAY_MS, signal))]);
  } else return;
  try {
    if (!signal.aborted) running.kill("SIGTERM");
  } catch {
    // It has ended at this very moment.
  }
}

/** Adds the recipients who unsubscribed to the default suppression list. */
async function unsubscribe(list: readonly Row[], cwd: string): Promise<void> {
  const left = list.filter(({ suppressed }) => suppressed === "by-list").map(({ key }) => key!);
  if (left.length === 0) return;
  const { code, stderr } = await runProgram(["unsubscribe", "add", ...left], { cwd });
  if (code !== 0) throw new Error(stderr);
}

async function parseCsv(text: string): Promise<Exported[]> {
  const parser = parse({ columns: true }) as unknown as ReadableWritablePair<Exported, Uint8Array>;
  const bytes = ReadableStream.from([new TextEncoder().encode(text)]);
  return await Array.fromAsync(bytes.pipeThrough(parser));
}
