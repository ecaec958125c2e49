import type { Stage } from "../../model/attempt.ts";

/** The replies a transaction awaits, in order; "rset" only where an earlier one was left open. */
export type Step = Extract<Stage, "rset" | "mail" | "rcpt" | "data" | "body">;
