import type { Stage } from "../../model/attempt.ts";
import type { Reply } from "../../model/reply.ts";
import type { ReplyMeaning } from "./reply_meaning.ts";
import { RULES } from "./reply_rules.ts";

/**
 * Returns whether a reply that defers a recipient may be about our pace, as when many come in a row. It is not if its
 * enhanced code is about the address or the mailbox (RFC 3463, 3.2, 3.3).
 */
export function mayMeanPace(refusal: { stage: Stage; reply: Reply }): boolean {
  return judgeReply(refusal.stage, refusal.reply).kind === "later" && mayMeanUs(refusal);
}

/** Whether a reply that says "later" may be about us: our pace, a limit of ours, or the state of the server. */
export function mayMeanUs({ stage, reply }: { stage: Stage; reply: Reply }): boolean {
  const { kind } = judgeReply(stage, reply);
  if (kind === "later") return !/^4\.[12]\./.test(reply.enhanced ?? "");
  return kind === "limit" || kind === "slow-down";
}

/**
 * Returns what a reply other than the expected one means at a stage. An unknown code counts by its first digit (RFC
 * 5321, 4.3.2).
 */
export function judgeReply(stage: Stage, reply: Reply): ReplyMeaning {
  const detail = reply.enhanced?.slice(2) ?? "";
  const firstDigit = Math.floor(reply.code / 100);
  const rule = RULES.find((rule) =>
    (rule.stages === undefined || rule.stages.includes(stage)) &&
    (rule.codes === undefined || rule.codes.includes(reply.code)) &&
    (rule.class === undefined || rule.class === firstDigit) &&
    (rule.enhanced === undefined || rule.enhanced.test(detail))
  );
  // An unexpected 2yz or 3yz is a protocol error, which the client reports as broken; if one gets here, it settles nothing.
  return rule?.means ?? { kind: "later" };
}
