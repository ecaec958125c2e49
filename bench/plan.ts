import type { Effort } from "./comparison.ts";

/** The parts that `--only` can select; "growth" includes resuming with its ledger. */
export const SECTIONS = ["throughput", "distance", "startup", "growth", "profile"] as const;

/** How much is measured. */
export interface Plan {
  readonly throughput: Effort;
  readonly distance: Effort;
  readonly startUpRounds: number;
  readonly sizes: readonly { readonly rows: number; readonly rounds: number }[];
  readonly resumeRounds: number;
  readonly profiledMails: number;
}

/** Takes about two minutes on two idle cores, which is enough to notice that something has become twice as slow. */
export const QUICK: Plan = {
  throughput: { rounds: 2, seconds: 2 },
  distance: { rounds: 1, seconds: 3 },
  startUpRounds: 3,
  sizes: [{ rows: 10_000, rounds: 1 }, { rows: 50_000, rounds: 1 }],
  resumeRounds: 1,
  profiledMails: 20_000,
};

/** Takes about half an hour. */
export const FULL: Plan = {
  throughput: { rounds: 7, seconds: 8 },
  distance: { rounds: 3, seconds: 15 },
  startUpRounds: 15,
  sizes: [
    { rows: 10_000, rounds: 7 },
    { rows: 100_000, rounds: 3 },
    { rows: 1_000_000, rounds: 1 },
  ],
  resumeRounds: 5,
  profiledMails: 200_000,
};
