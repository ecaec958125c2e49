/** A part of the source whose mutants are judged together. */
export interface Room {
  /** Folders and files of the project. */
  readonly paths: readonly string[];
  /**
   * Tests that start the program as a process: no import leads from them to the source, so they are named here. Few and
   * quick ones, as they run last, for each mutant that nothing else has noticed.
   */
  readonly programTests: readonly string[];
}

const PROGRAM_TESTS = [
  "tests/e2e/settings_test.ts",
  "tests/e2e/list_forms_test.ts",
  "tests/e2e/retry_test.ts",
];

const COMMAND_TESTS = [...PROGRAM_TESTS, "tests/e2e/command_line_test.ts"];

/** Every room that `--room` knows. */
export const ROOMS: Readonly<Record<string, Room>> = {
  pipeline: { paths: ["src/produce", "src/consume"], programTests: [] },
  policy: { paths: ["src/policy"], programTests: [] },
  campaign: { paths: ["src/campaign", "src/campaign.ts"], programTests: PROGRAM_TESTS },
  ledger: { paths: ["src/record"], programTests: [] },
  smtp: { paths: ["src/smtp"], programTests: [] },
  compose: { paths: ["src/compose"], programTests: [] },
  check: { paths: ["src/check"], programTests: [] },
  bounces: { paths: ["src/bounces"], programTests: [] },
  unsubscribe: { paths: ["src/unsubscribe"], programTests: [] },
  report: { paths: ["src/report"], programTests: PROGRAM_TESTS },
  cli: { paths: ["src/cli", "src/main.ts"], programTests: COMMAND_TESTS },
};

/** Without `--room` and `--file`: where a fault loses or repeats mail. */
export const DEFAULT_ROOMS = ["pipeline", "policy", "campaign", "ledger", "smtp"];

/** Tests that take minutes, or need servers or a browser: no mutant runs them. */
export const TOO_LONG = [
  "tests/servers",
  "tests/endurance",
  "tests/newsletters",
  "tests/histories",
  "tests/campaign/long",
  "tests/e2e/long",
];

/** The name of the room that a file belongs to; "other" where none claims it. */
export function roomOf(path: string): string {
  const found = Object.entries(ROOMS).find(([, { paths }]) => paths.some((one) => isIn(path, one)));
  return found?.[0] ?? "other";
}

/** Whether a file is `place`, or lies below it. */
export function isIn(path: string, place: string): boolean {
  return path === place || path.startsWith(`${place}/`);
}
