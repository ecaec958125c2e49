import { judgeReply } from "./judge_reply.ts";
import type { ConnectFailure } from "../../smtp/session/connect_relay.ts";
import { connectHint } from "./connect_hint.ts";
import type { Relay } from "../../model/relay.ts";
import { replyLine } from "../../model/reply.ts";

/** What a failed connect means. */
export type ConnectVerdict =
  /** Another try would not help: the relay is given up. */
  | { readonly kind: "give-up"; readonly reason: string; readonly hint: string }
  /** The server wants fewer connections, or this process cannot open more; `hint` as below. */
  | { readonly kind: "fewer"; readonly reason: string; readonly hint: string }
  /**
   * The relay cannot be reached at the moment; `hint` is for the case that this does not change. With `unasked`, the
   * relay was not even contacted, so that a few failed tries say nothing about it.
   */
  | {
    readonly kind: "try-later";
    readonly reason: string;
    readonly hint: string;
    readonly unasked?: true;
  };

/**
 * Judges a failed connect by cause, reply and stage, never by text.
 *
 * @param hadSession whether there has been a session with this relay in this run
 */
export function judgeConnect(
  relay: Relay,
  failure: ConnectFailure,
  hadSession = false,
): ConnectVerdict {
  const { attempt, stage } = failure;
  const hint = connectHint(relay, failure, hadSession);
  const where = failure.address === undefined || failure.address === relay.name
    ? relay.name
    : `${relay.name} (${failure.address})`;
  if (attempt.kind === "lacking") {
    const reason = `Cannot use ${where}: ${attempt.detail}`;
    if (!hadSession || attempt.lacks !== "starttls") return { kind: "give-up", reason, hint };
    return { kind: "try-later", reason: `${reason}, which it did earlier in this run`, hint };
  }
  if (attempt.kind === "refused") {
    const reason = `${where} refused ${stageName(stage)}: ${replyLine(attempt.reply)}`;
    const refusesUs = judgeReply(stage, attempt.reply).kind === "refuses-us";
    return { kind: refusesUs ? "give-up" : "fewer", reason, hint };
  }
  const reason = `Cannot connect to ${where}: ${attempt.detail}`;
  switch (attempt.cause) {
    case "tls":
    case "not-smtp":
      return { kind: "give-up", reason, hint };
    case "exhausted":
      return { kind: "fewer", reason: `No file descriptor is left to connect to ${where}`, hint };
    case "name-service":
      return {
        kind: "try-later",
        reason: `The name service does not answer for ${where}: ${attempt.detail}`,
        hint,
        unasked: true,
      };
    default:
      return { kind: "try-later", reason, hint };
  }
}

function stageName(stage: ConnectFailure["stage"]): string {
  const names: Partial<Record<ConnectFailure["stage"], string>> = {
    greeting: "the connection",
    ehlo: "our name",
    starttls: "STARTTLS",
    auth: "the login",
  };
  return names[stage] ?? stage;
}
