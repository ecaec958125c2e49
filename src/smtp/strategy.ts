import type { Capabilities } from "./capabilities.ts";
import { Chunking } from "./chunking.ts";
import { DataGroups } from "./data_groups.ts";
import type { Flow, Strategy } from "./flow.ts";
import { LockStep } from "./lock_step.ts";
import { Window } from "./window.ts";

/** What the consumer may say about how mails share round trips. */
export interface StrategyOptions {
  /** Most mails handed over and unanswered at once, where CHUNKING allows several; undefined: 32. */
  readonly window?: number | undefined;
  /** One command at a time although the server offers PIPELINING: it has proved not to work with this host. */
  readonly lockStep?: boolean | undefined;
}

/** The fastest way the server offers. CHUNKING without PIPELINING saves no round trip, so it counts for nothing. */
export function chooseStrategy(
  { pipelining, chunking }: Capabilities,
  { lockStep = false, window }: StrategyOptions,
  flow: Flow,
): Strategy {
  if (lockStep || !pipelining) return new LockStep(flow);
  return chunking ? new Chunking(flow, new Window(window)) : new DataGroups(flow);
}
