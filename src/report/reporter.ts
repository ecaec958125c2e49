import type { Plan } from "./plan.ts";
import type { Summary } from "./summary.ts";
import type { Tally } from "../model/tally.ts";
import type { Delivery } from "../pipeline/consumer/delivery.ts";

/** What the progress line is made of. */
export interface Progress {
  readonly tally: Tally;
  /** Recipients that this run is to settle; undefined while unknown (standard input). */
  readonly goal: number | undefined;
  /** Of `goal`, settled so far in this run. */
  readonly settled: number;
  readonly elapsedMs: number;
  /** Connections allowed now and asked for; they differ while the relay wants fewer. */
  readonly connections: { readonly allowed: number; readonly wanted: number };
  /** Mails a second allowed now; undefined: no limit. */
  readonly ratePerSecond: number | undefined;
  /** Only deferred recipients are left; the next is due then (ms since the epoch). */
  readonly waitingUntil: number | undefined;
}

/** Everything a run reports to people: on stderr and in the log, never on stdout. */
export interface Reporter {
  info(message: string, facts?: Readonly<Record<string, unknown>>): void;
  /** Shown to those who ask for more (`-v`), and always logged. */
  detail(message: string, facts?: Readonly<Record<string, unknown>>): void;
  warn(message: string, facts?: Readonly<Record<string, unknown>>): void;
  plan(plan: Plan): void;
  delivery(delivery: Delivery): void;
  /** May be called often; the implementation draws at most a few times a second. */
  progress(progress: Progress): void;
  summary(summary: Summary): void;
  /** Removes the progress line and flushes the log. */
  close(): Promise<void>;
}
