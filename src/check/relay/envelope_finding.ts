import type { Mail } from "../../model/mail.ts";
import { hintOf } from "../../policy/replies/known_codes.ts";
import { judgeReply } from "../../policy/replies/judge_reply.ts";
import type { Relay } from "../../model/relay.ts";
import { replyLine } from "../../model/reply.ts";
import type { Reply } from "../../model/reply.ts";
import { adviceOf, type Finding, type Level } from "../finding.ts";

/** What follows from the refusal. One recipient alone does not show whose fault it is. */
type Conclusion = Pick<Finding, "level" | "why" | "fix">;

/** The finding of a relay that refuses the envelope of a mail. */
export function envelopeFinding(
  relay: Relay,
  { stage, reply }: { readonly stage: "mail" | "rcpt"; readonly reply: Reply },
  { envelope }: Mail,
): Finding {
  const isMail = stage === "mail";
  const who = isMail ? `sender ${envelope.sender}` : `recipient ${envelope.recipient}`;
  return {
    check: isMail ? "relay.sender" : "relay.recipient",
    what: `The relay refuses the ${who}: ${replyLine(reply)}`,
    where: { relay: relay.name },
    ...(reply.code < 500 ? temporary(stage, reply) : permanent(stage, reply)),
  };
}

function temporary(stage: "mail" | "rcpt", reply: Reply): Conclusion {
  const { kind } = judgeReply(stage, reply);
  const level: Level = kind === "slow-down" || kind === "limit" ? "warning" : "note";
  return {
    level,
    why: "RFC 5321, 4.2.1: a 4yz reply is temporary; greylisting (RFC 6647) gives such replies too",
    fix: "Nothing needs to be done: 'send' tries again",
  };
}

function permanent(stage: "mail" | "rcpt", reply: Reply): Conclusion {
  const meaning = judgeReply(stage, reply);
  if (stage === "mail" || meaning.kind === "refuses-us") {
    return {
      level: "error",
      why: `RFC 5321, ${stage === "mail" ? "4.1.1.2" : "4.1.1.3"}: others would get the same reply`,
      fix: adviceOf("hint" in meaning ? meaning.hint : hintOf(reply)),
    };
  }
  if (meaning.kind === "recipient") {
    return {
      level: "warning",
      why: "RFC 3463, 3.2: this mailbox is refused; others may be accepted",
      fix: "Correct the address, or remove the row",
    };
  }
  return {
    level: "error",
    why:
      "RFC 5321, 4.2.3: the relay may refuse this mailbox, or us; one recipient does not show which",
    fix: `${adviceOf(hintOf(reply))}. If the relay accepts others, the fault is with this address`,
  };
}
