/** A part of the source whose mutants are judged together. */
export interface Room {
  /** Folders and files of the project. */
  readonly paths: readonly string[];
  /**
   * Tests of whole campaigns, and tests that start the program as a process. They are listed here because imports
   * connect them only distantly, or not at all. They are few and quick, as they run last, for each mutant that no other
   * test has noticed.
   */
  readonly lastTests: readonly string[];
}

const SIMULATION = "tests/simulation/scenarios_test.ts";

const PROGRAM_TESTS = [
  "tests/e2e/settings_test.ts",
  "tests/e2e/list_forms_test.ts",
  "tests/e2e/retry_test.ts",
];

const COMMAND_TESTS = [...PROGRAM_TESTS, "tests/e2e/command_line_test.ts"];

/** Every room that `--room` knows. */
export const ROOMS: Readonly<Record<string, Room>> = {
  pipeline: { paths: ["src/pipeline"], lastTests: [SIMULATION] },
  policy: { paths: ["src/policy"], lastTests: [SIMULATION] },
  campaign: { paths: ["src/campaign"], lastTests: [SIMULATION, ...PROGRAM_TESTS] },
  ledger: { paths: ["src/ledger", "src/sqlite"], lastTests: [] },
  list: { paths: ["src/list", "src/suppression", "src/keys"], lastTests: [] },
  smtp: { paths: ["src/smtp"], lastTests: [] },
  compose: { paths: ["src/compose"], lastTests: [] },
  check: { paths: ["src/check"], lastTests: [] },
  bounces: { paths: ["src/bounces"], lastTests: [] },
  unsubscribe: { paths: ["src/unsubscribe"], lastTests: [] },
  report: { paths: ["src/report"], lastTests: PROGRAM_TESTS },
  cli: { paths: ["src/cli", "src/main.ts"], lastTests: COMMAND_TESTS },
};

/** The default without `--room` and `--file`: the rooms in which a fault could lose or repeat mail. */
export const DEFAULT_ROOMS = ["pipeline", "policy", "campaign", "ledger", "smtp"];

/** Tests that take minutes, or need servers or a browser: they are not run for mutants. */
export const TOO_LONG = [
  "tests/servers",
  "tests/recipes",
  "tests/endurance",
  "tests/newsletters",
  "tests/histories",
  "tests/campaign/long",
  "tests/e2e/long",
  "tests/simulation/long",
];

/** The name of the room that a file belongs to, or "other". */
export function roomOf(path: string): string {
  const found = Object.entries(ROOMS).find(([, { paths }]) => paths.some((one) => isIn(path, one)));
  return found?.[0] ?? "other";
}

/** Whether a file is `place` or lies below it. */
export function isIn(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`);
}
