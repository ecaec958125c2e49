import type { Tally } from "./tally.ts";

/** The verdict of a run; see the table of exit codes in the README. */
export type ExitCode = 0 | 1 | 2 | 3;

/** How a run ended. */
export interface Summary {
  readonly campaign: string;
  /** done: every recipient is settled. stopped: run again to go on. planned: `--dry-run`. */
  readonly state: "done" | "stopped" | "planned";
  readonly tally: Tally;
  /** Mails the relay accepted in this run. */
  readonly sentNow: number;
  readonly durationMs: number;
  readonly exitCode: ExitCode;
  /** Why the run stopped before its end, and the next step. */
  readonly stop: { readonly reason: string; readonly hint: string | undefined } | undefined;
  /** The first recipients of each state that needs a person: failed, invalid, in doubt. */
  readonly examples: readonly {
    readonly state: "failed" | "invalid" | "in-doubt";
    readonly line: number;
    readonly address: string;
    readonly reason: string;
  }[];
}
