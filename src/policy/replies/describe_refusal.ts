import type { Stage } from "../../model/attempt.ts";
import type { Reply } from "../../model/reply.ts";

/** Returns whether the server knows the recipient at this stage. */
export function namesRecipient(stage: Stage): boolean {
  return stage === "rcpt" || stage === "data" || stage === "body";
}

/** Describes a refusal for people and the ledger: "RCPT was refused: 550 5.1.1 No such user". Nothing parses it. */
export function describeRefusal(stage: Stage, reply: Reply): string {
  const status = reply.enhanced === undefined ? "" : ` ${reply.enhanced}`;
  const what = stage === "body" ? "The message" : stage.toUpperCase();
  const verb = reply.code < 500 ? "was put off" : "was refused";
  return `${what} ${verb}: ${reply.code}${status} ${reply.text}`.trimEnd();
}
