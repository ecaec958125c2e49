import type { Stage } from "../../model/attempt.ts";
import type { Reply } from "../../model/reply.ts";

/** The replies a transaction awaits, in order; "rset" only if an earlier transaction was left open. */
export type Step = Extract<Stage, "rset" | "mail" | "rcpt" | "data" | "body">;

/**
 * Returns whether a refusal says that the command is unknown or not expected here (RFC 5321, 4.2.2: 500 to 503). If the commands
 * before it were accepted, that does not fit: the server has not read what was written.
 *
 * For RCPT, 500 and 501 can be about the address. A server without RSET says 502.
 */
export function outOfOrder(step: Step, { code }: Reply): boolean {
  if (step === "rcpt") return code === 502 || code === 503;
  return code >= 500 && code <= 503 && !(step === "rset" && code === 502);
}
