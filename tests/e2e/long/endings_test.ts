/**
 * However a run ends and whatever became of its rows, every report on it is true: exit code, JSON, summary, `status` and
 * `export`, compared with the list and the server's own log.
 *
 * ENDINGS_ROUNDS sets the number of random scenarios, ENDINGS_SEED their seed; ENDINGS_PATH repeats a single one of them.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Row } from "./endings/list.ts";
import { reportFaults } from "./endings/report_check.ts";
import { play, type Run } from "./endings/round.ts";
import { rowFaults } from "./endings/rows_check.ts";
import { type End, recipient, type Scenario, scenarios } from "./endings/scenario.ts";

const ROUNDS = Number(Deno.env.get("ENDINGS_ROUNDS") ?? 4);
const SEED = Number(Deno.env.get("ENDINGS_SEED") ?? Math.floor(Math.random() * 2 ** 31));
const PATH = Deno.env.get("ENDINGS_PATH");
/** Time for shrinking a failing scenario. */
const SHRINKING_MS = 60_000;

/** Fails with everything that is wrong with a run, its output and the server's log. */
function assertReportedCorrectly(scenario: Scenario, run: Run, list: readonly Row[]): void {
  // The time was over before the list was read: the run did not start.
  if (run.ended.code === 2 && run.end.kind === "until" && run.log.length === 0) {
    return assert.match(run.ended.stderr, /--until must be a time in the future/);
  }
  const faults = [...reportFaults(list, run), ...rowFaults(scenario, list, run)];
  if (faults.length === 0) return;
  const { ended, log, end } = run;
  assert.fail([
    `After the run that ended by ${JSON.stringify(end)}, with exit code ${ended.code}:`,
    ...faults.map((fault) => `- ${fault}`),
    `stdout:\n${ended.stdout}`,
    `stderr:\n${ended.stderr}`,
    `server:\n${log.map(({ what, of }) => `${what} ${of}`).join("\n")}`,
  ].join("\n"));
}

const property = fc.asyncProperty(
  scenarios,
  (scenario) => play(scenario, (run, list) => assertReportedCorrectly(scenario, run, list)),
);

/** Repeats one round; if it fails, shrinks its scenario as far as there is time, and returns a description. */
async function playAgain(path: string): Promise<string | undefined> {
  const { counterexample, counterexamplePath, errorInstance, failed } = await fc.check(property, {
    ...{ seed: SEED, path, numRuns: 1, interruptAfterTimeLimit: SHRINKING_MS },
  });
  if (!failed || counterexample === null) return undefined;
  return [
    `ENDINGS_SEED=${SEED} ENDINGS_PATH=${counterexamplePath} repeats this:`,
    JSON.stringify(counterexample[0]),
    String(errorInstance),
  ].join("\n");
}

Deno.test(`send reports the end of a run correctly, and the next run continues, with ${ROUNDS} random lists and endings`, async () => {
  if (PATH !== undefined) return assert.equal(await playAgain(PATH), undefined);
  const result = await fc.check(property, { numRuns: ROUNDS, seed: SEED, endOnFailure: true });
  if (!result.failed) return;
  const { counterexample, counterexamplePath, errorInstance, numRuns } = result;
  assert.fail([
    `Round ${numRuns} with ENDINGS_SEED=${SEED}: ${JSON.stringify(counterexample?.[0])}`,
    String(errorInstance),
    await playAgain(counterexamplePath ?? "") ?? "It passes when repeated.",
  ].join("\n"));
});

/** One sent, one refused and one invalid: this once gave exit code 2 or a crash, whatever ended the run. */
const MIXED: Scenario["rows"] = [
  recipient("sent"),
  recipient("refused-rcpt"),
  { kind: "bad-address", address: "not an address" },
];
const sent = (count: number) => Array.from({ length: count }, () => recipient("sent"));

const CASES: readonly (readonly [name: string, end: End, more: Scenario["rows"], code: number])[] =
  [
    ["by itself", { kind: "done" }, [], 1],
    ["by SIGTERM", { kind: "sigterm", after: 2 }, sent(200), 3],
    ["by --until", { kind: "until", ms: 5_000 }, sent(200), 3],
    ["by --no-wait", { kind: "no-wait" }, [recipient("later1-rcpt")], 3],
    ["by --limit", { kind: "limit", count: 3 }, sent(5), 1],
    ["by --only", { kind: "only", each: 1 }, [], 1],
    ["by a relay that refuses us", { kind: "refuses-us", after: 2 }, sent(5), 3],
    ["by a relay that has gone", { kind: "gone", after: 2 }, sent(5), 3],
  ];

for (const [name, end, more, code] of CASES) {
  Deno.test(`A run with one sent, one refused and one invalid, ended ${name}, exits with ${code} and reports all three`, async () => {
    const scenario: Scenario = {
      ...{ rows: [...MIXED, ...more], end, again: false, connections: 1, chunking: false },
      ...{ window: undefined, firstRetry: 60, latencyMs: 5 },
    };
    await play(scenario, (run, list) => {
      assertReportedCorrectly(scenario, run, list);
      assert.equal(run.ended.code, code);
      const states = run.rows.map((row) => row["_state"]);
      assert.deepEqual(states.slice(0, 3), ["sent", "failed", "invalid"], run.ended.stderr);
    });
  });
}
