import { Chunking } from "./chunking.ts";
import { DataGroups } from "./data_groups.ts";
import type { ClientContext, Strategy } from "./client_context.ts";
import { LockStep } from "./lock_step.ts";
import type { Session } from "../session/session.ts";
import { Window } from "./window.ts";

/** What the consumer may say about how mails share round trips. */
export interface StrategyOptions {
  /** Most mails handed over and unanswered at once, where CHUNKING allows several; undefined: 32. */
  readonly window?: number | undefined;
  /** The same, asked before each mail, as it may change while the session lasts. */
  readonly mostUnderWay?: (() => number) | undefined;
  /** false: DATA although the server offers CHUNKING; connections to this host have been lost with mails in doubt. */
  readonly chunking?: boolean | undefined;
  /** false: nothing follows a final dot in the same group; this host has refused what did. */
  readonly behindDot?: boolean | undefined;
  /** One command at a time although the server offers PIPELINING: it has proved not to work with this host. */
  readonly lockStep?: boolean | undefined;
}

/** The fastest way the server offers. CHUNKING without PIPELINING saves no round trip, so it counts for nothing. */
export function chooseStrategy(
  { capabilities, roundTripMs }: Pick<Session, "capabilities" | "roundTripMs">,
  { lockStep = false, chunking = true, behindDot = true, window, mostUnderWay }: StrategyOptions,
  context: ClientContext,
): Strategy {
  if (lockStep || !capabilities.pipelining) return new LockStep(context);
  if (!chunking || !capabilities.chunking) return new DataGroups(context, behindDot);
  return new Chunking(context, new Window(roundTripMs, window), mostUnderWay);
}
