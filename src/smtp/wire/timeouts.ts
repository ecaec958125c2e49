import type { Stage } from "../../model/attempt.ts";

/**
 * How long each step may take, in milliseconds.
 *
 * RFC 5321, 4.5.3.2 requires at least these times. They are deadlines for a whole reply, however slowly its bytes come.
 */
export interface Timeouts {
  /** One address; not in the RFC. Long enough for three lost SYN packets (1 + 2 + 4 s, then 8 s). */
  readonly connect: number;
  /** TLS handshake; not in the RFC. */
  readonly handshake: number;
  /** 4.5.3.2.1 */
  readonly greeting: number;
  /** EHLO, STARTTLS, AUTH and RSET; not in the RFC, as for MAIL. */
  readonly command: number;
  /** 4.5.3.2.2 */
  readonly mail: number;
  /** 4.5.3.2.3 */
  readonly rcpt: number;
  /** 4.5.3.2.4: the reply to DATA. */
  readonly data: number;
  /** 4.5.3.2.5: one write. The server has stopped reading. */
  readonly write: number;
  /** 4.5.3.2.6: the reply to the final dot. Too short a time leads to duplicates (RFC 1047). */
  readonly body: number;
  /** Nothing depends on the reply to QUIT: all mails are settled. */
  readonly quit: number;
  /** Between a 421 and the end of the connection that it announces (3.8). */
  readonly closing: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

export const TIMEOUTS: Timeouts = {
  connect: 30 * SECOND,
  handshake: 30 * SECOND,
  greeting: 5 * MINUTE,
  command: 5 * MINUTE,
  mail: 5 * MINUTE,
  rcpt: 5 * MINUTE,
  data: 2 * MINUTE,
  write: 3 * MINUTE,
  body: 10 * MINUTE,
  quit: 2 * SECOND,
  closing: 5 * SECOND,
};

/** Returns the time for the reply to a step of a transaction. */
export function timeoutOf(
  step: Extract<Stage, "rset" | "mail" | "rcpt" | "data" | "body">,
  timeouts: Timeouts,
): number {
  return step === "rset" ? timeouts.command : timeouts[step];
}
