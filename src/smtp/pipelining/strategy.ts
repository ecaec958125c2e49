import { Chunking } from "./chunking.ts";
import { DataGroups } from "./data_groups.ts";
import type { ClientContext, Strategy } from "./client_context.ts";
import { LockStep } from "./lock_step.ts";
import type { Session } from "../session/session.ts";
import { Window } from "./window.ts";

/** What the consumer may decide about how mails share round trips. */
export interface StrategyOptions {
  /** With CHUNKING, the largest window: most mails handed over and unanswered at once; undefined: 32. */
  readonly window?: number | undefined;
  /** Another such limit, which may change during the session: it is asked before each mail. */
  readonly mostUnderWay?: (() => number) | undefined;
  /** false: DATA even if the server offers CHUNKING, as connections to this host were lost with mails in doubt. */
  readonly chunking?: boolean | undefined;
  /** false: nothing follows a final dot in the same group, as this host has refused what did. */
  readonly behindDot?: boolean | undefined;
  /** One command at a time even if the server offers PIPELINING, as it does not work on this host. */
  readonly lockStep?: boolean | undefined;
}

/** Returns the fastest strategy the server allows. CHUNKING without PIPELINING saves no round trip, so it is not used. */
export function chooseStrategy(
  { capabilities, roundTripMs }: Pick<Session, "capabilities" | "roundTripMs">,
  { lockStep = false, chunking = true, behindDot = true, window, mostUnderWay }: StrategyOptions,
  context: ClientContext,
): Strategy {
  if (lockStep || !capabilities.pipelining) return new LockStep(context);
  if (!chunking || !capabilities.chunking) return new DataGroups(context, behindDot);
  return new Chunking(context, new Window(roundTripMs, window), mostUnderWay);
}
