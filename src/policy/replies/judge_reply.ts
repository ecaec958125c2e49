import type { Stage } from "../../model/attempt.ts";
import type { Reply } from "../../model/reply.ts";
import type { ReplyMeaning } from "./reply_meaning.ts";
import { RULES } from "./reply_rules.ts";

/**
 * Whether a reply that puts a recipient off may mean our pace instead, as it does where many come in a row: not where its
 * enhanced code names the address or the mailbox (RFC 3463, 3.2, 3.3).
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

/** What a reply that is not what the stage wants means. A code unknown to us counts by its first digit (RFC 5321, 4.3.2). */
export function judgeReply(stage: Stage, reply: Reply): ReplyMeaning {
  const detail = reply.enhanced?.slice(2) ?? "";
  const firstDigit = Math.floor(reply.code / 100);
  const rule = RULES.find((rule) =>
    (rule.stages === undefined || rule.stages.includes(stage)) &&
    (rule.codes === undefined || rule.codes.includes(reply.code)) &&
    (rule.class === undefined || rule.class === firstDigit) &&
    (rule.enhanced === undefined || rule.enhanced.test(detail))
  );
  // A 2yz or 3yz where it does not belong is a protocol error, which the client reports as broken; if one gets here, it
  // settles nothing for good.
  return rule?.means ?? { kind: "later" };
}
