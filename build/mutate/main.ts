// deno-lint-ignore-file no-console -- a script for the terminal
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Excuse, excuses, excusesIn } from "./excuses.ts";
import { ImportGraph } from "./import_graph.ts";
import { Judge } from "./judge.ts";
import type { Mutant } from "./mutant.ts";
import { mutantsOf } from "./mutate_source.ts";
import { sourceFiles } from "./project.ts";
import { type Result, scoreOf, survivorLine, tableOf } from "./result.ts";
import { DEFAULT_ROOMS, isIn, ROOMS } from "./rooms.ts";
import { sample } from "./sample.ts";
import { Workspace } from "./workspace.ts";

const USAGE = `Usage: deno task mutate [--room NAMES | --file FILES] [options]

Makes small faults in the source, one at a time, and runs the tests nearest to each: a fault that no test notices
is a test that is missing.

  --room NAMES    comma-separated: ${Object.keys(ROOMS).join(", ")}
                  (default: ${DEFAULT_ROOMS.join(",")})
  --file FILES    comma-separated paths in the project
  --count N       mutants of each room or file, chosen at random (default: 40)
  --seed N        which ones (default: 1)
  --nearest N     test files run for a mutant (default: 30)
  --jobs N        mutants at a time (default: 1)
  --at-least P    the score that each room must reach, in percent (default: 90)
  --json FILE     writes every mutant and what became of it
  --list          shows the mutants; runs nothing
  --project DIR   (default: the project this script lies in)

Exit code: 0, 1 where a score is too low, 2 where tests fail before anything is changed, or an option is wrong.`;

interface Settings {
  readonly project: string;
  readonly groups: readonly string[];
  readonly count: number;
  readonly seed: number;
  readonly nearest: number;
  readonly jobs: number;
  readonly atLeast: number;
  readonly json: string | undefined;
  readonly list: boolean;
}

const text = { type: "string" } as const;

function settingsOf(args: string[]): Settings | "help" {
  const { values } = parseArgs({
    args,
    options: {
      help: { type: "boolean", short: "h", default: false },
      list: { type: "boolean", default: false },
      room: text,
      file: text,
      project: text,
      json: text,
      count: { ...text, default: "40" },
      seed: { ...text, default: "1" },
      nearest: { ...text, default: "30" },
      jobs: { ...text, default: "1" },
      "at-least": { ...text, default: "90" },
    },
  });
  if (values.help) return "help";
  const rooms = values.room?.split(",") ?? (values.file === undefined ? DEFAULT_ROOMS : []);
  const stranger = rooms.find((room) => !(room in ROOMS));
  if (stranger !== undefined) throw new Error(`--room must be one of the rooms: found ${stranger}`);
  return {
    project: resolve(values.project ?? join(dirname(fileURLToPath(import.meta.url)), "../..")),
    groups: [...rooms, ...values.file?.split(",") ?? []],
    count: numberOf("--count", values.count),
    seed: numberOf("--seed", values.seed),
    nearest: numberOf("--nearest", values.nearest),
    jobs: Math.max(1, numberOf("--jobs", values.jobs)),
    atLeast: numberOf("--at-least", values["at-least"]),
    json: values.json,
    list: values.list,
  };
}

function numberOf(flag: string, value: string): number {
  if (!/^\d+$/.test(value)) throw new Error(`${flag} must be a whole number: found ${value}`);
  return Number(value);
}

/** Returns a signal that aborts on SIGINT and SIGTERM, so that neither tests nor copies are left behind. */
function signalled(): AbortSignal {
  const controller = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(name, () => controller.abort(new Error(`Stopped by ${name}`)));
  }
  return controller.signal;
}

interface Task {
  readonly group: string;
  readonly mutant: Mutant;
}

/** Returns the mutants of a room or a file that this run tries, in the order of the text. */
function tasksOf(
  group: string,
  settings: Settings,
  sources: ReadonlyMap<string, string>,
  judge: Judge,
): Task[] {
  const places = ROOMS[group]?.paths ?? [group];
  const files = [...sources].filter(([path]) => places.some((place) => isIn(path, place)));
  if (files.length === 0) throw new Error(`Nothing to mutate in ${settings.project}: no ${group}`);
  const all = files.flatMap(([path, source]) => mutantsOf(path, source));
  const { count, seed } = settings;
  return sample(all, { count, seed, accepts: (mutant) => judge.isRunnable(mutant) })
    .sort((a, b) => a.path < b.path ? -1 : a.path > b.path ? 1 : a.start - b.start)
    .map((mutant) => ({ group, mutant }));
}

/** Judges mutants, `jobs` at a time, each job in its own copy. */
async function judgeAll(
  tasks: readonly Task[],
  { judge, known, newWorkspace, jobs }: {
    judge: Judge;
    known: readonly Excuse[];
    newWorkspace: () => Promise<Workspace>;
    jobs: number;
  },
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = tasks.values();
  const work = async () => {
    await using workspace = await newWorkspace();
    for (const { group, mutant } of queue) {
      const verdict = await judge.judge(mutant, workspace);
      const excused = verdict === "survived" && known.some((one) => excuses(one, mutant));
      const result = { group, mutant, verdict: excused ? "excused" as const : verdict };
      results.push(result);
      console.error(
        `${results.length}/${tasks.length} ${result.verdict}: ${mutant.path}:${mutant.line}`,
      );
      if (result.verdict === "survived") console.log(survivorLine(result));
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return results;
}

async function knownExcuses(project: string): Promise<Excuse[]> {
  try {
    return excusesIn(await Deno.readTextFile(join(project, "docs/testing.md")));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

async function mutate(settings: Settings): Promise<number> {
  const sources = sourceFiles(settings.project);
  const judge = new Judge(sources, new ImportGraph(sources), settings.nearest);
  const tasks = settings.groups.flatMap((group) => tasksOf(group, settings, sources, judge));
  if (settings.list) {
    for (const task of tasks) console.log(survivorLine({ ...task, verdict: "survived" }));
    return 0;
  }
  const known = await knownExcuses(settings.project);
  const signal = signalled();
  const newWorkspace = () => Workspace.copyOf(settings.project, signal);
  {
    await using workspace = await newWorkspace();
    console.error("Running the tests with nothing changed…");
    await judge.measure([...new Set(tasks.map(({ mutant }) => mutant.path))], workspace);
  }
  const results = await judgeAll(tasks, { judge, known, newWorkspace, jobs: settings.jobs });
  console.log(tableOf(settings.groups, results));
  const { json, seed, groups, atLeast } = settings;
  if (json !== undefined) {
    await Deno.writeTextFile(json, JSON.stringify({ seed, results }, null, 2));
  }
  const low = groups.filter((group) =>
    scoreOf(results.filter((result) => result.group === group)) < atLeast
  );
  for (const group of low) console.error(`${group}: the score is below ${atLeast} %`);
  return low.length > 0 ? 1 : 0;
}

try {
  const settings = settingsOf(Deno.args);
  if (settings === "help") console.log(USAGE);
  else Deno.exitCode = await mutate(settings);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  Deno.exitCode = 2;
}
