import type { Attempt, Stage } from "../../model/attempt.ts";
import type { Disconnect, TlsReason } from "../wire/disconnect.ts";
import { Connection } from "../wire/connection.ts";
import { dial } from "../wire/dial.ts";
import { DialogueBroken } from "./dialogue.ts";
import type { Relay } from "../../model/relay.ts";
import { PortWatch } from "../wire/port_watch.ts";
import { type Lacking, openSession, type Session, SessionRefused } from "./session.ts";
import { TIMEOUTS, type Timeouts } from "../wire/timeouts.ts";

/** Why there is no session: the facts, without a judgement. */
export interface ConnectFailure {
  readonly kind: "connect-failure";
  /** The step that failed. */
  readonly stage: Stage;
  /** What the server said, how the connection ended, or what the relay's URL requires and the server lacks. */
  readonly attempt: Extract<Attempt, { kind: "refused" | "broken" }> | {
    readonly kind: "lacking";
    readonly stage: Stage;
    readonly lacks: Lacking;
    readonly detail: string;
  };
  /** What is wrong with the certificate, if that is the cause. */
  readonly tlsReason: TlsReason | undefined;
  /** The last address that was tried, such as "192.0.2.1:587"; undefined if the name does not resolve. */
  readonly address: string | undefined;
}

export interface ConnectOptions {
  readonly signal: AbortSignal;
  /** Replaces some of `TIMEOUTS`. */
  readonly timeouts?: Partial<Timeouts>;
  /** Whether there has been a session with this relay before, so that a missing greeting is only late. */
  readonly hadSession?: boolean;
}

/**
 * Connects to the relay, trying each address of its name in turn (RFC 5321, 5.1), and opens a session with
 * `openSession()`.
 *
 * A failure is a value.
 *
 * @returns A session whose connection the caller must end: pass it to an `SmtpClient`, or dispose of
 * `session.connection`.
 * @throws The signal's reason when the signal aborts.
 */
export async function connectRelay(
  relay: Relay,
  options: ConnectOptions,
): Promise<Session | ConnectFailure> {
  const { signal } = options;
  signal.throwIfAborted();
  const timeouts = { ...TIMEOUTS, ...options.timeouts };
  const dialled = await dial(relay, timeouts.connect, signal);
  if ("why" in dialled) return broken("connect", dialled.why, dialled.address);
  const connection = new Connection(dialled.conn, timeouts);
  const abort = () => connection.end("cancelled", "Connection was given up");
  signal.addEventListener("abort", abort, { once: true });
  // The signal may have aborted while the connection was being made.
  if (signal.aborted) abort();
  const watch = options.hadSession
    ? undefined
    : new PortWatch(relay, dialled.conn.remoteAddr, connection);
  try {
    return await openSession(relay, connection, timeouts, () => watch?.[Symbol.dispose]());
  } catch (error) {
    connection[Symbol.dispose]();
    signal.throwIfAborted();
    return failureOf(error, dialled.address);
  } finally {
    watch?.[Symbol.dispose]();
    signal.removeEventListener("abort", abort);
  }
}

function failureOf(error: unknown, address: string): ConnectFailure {
  if (error instanceof DialogueBroken) return broken(error.stage, error.why, address);
  if (!(error instanceof SessionRefused)) throw error;
  const { stage, why } = error;
  const attempt = "reply" in why
    ? { kind: "refused" as const, stage, reply: why.reply }
    : { kind: "lacking" as const, stage, lacks: why.lacks, detail: why.detail };
  return { kind: "connect-failure", stage, attempt, tlsReason: undefined, address };
}

function broken(stage: Stage, why: Disconnect, address: string | undefined): ConnectFailure {
  const { cause, detail, tlsReason } = why;
  return {
    kind: "connect-failure",
    stage,
    attempt: { kind: "broken", stage, cause, handedOver: false, detail },
    tlsReason,
    address,
  };
}
