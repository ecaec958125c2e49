import { judgeReply } from "./judge_reply.ts";
import type { ConnectFailure } from "../../smtp/session/connect_relay.ts";
import { connectHint } from "./connect_hint.ts";
import type { Relay } from "../../model/relay.ts";
import { replyLine } from "../../model/reply.ts";

/** What it means that no session came about. */
export type ConnectVerdict =
  /** Nothing that another try could help: the relay is given up. */
  | { readonly kind: "give-up"; readonly reason: string; readonly hint: string }
  /** The server is there and wants fewer connections, or this process can have no more; `hint` as below. */
  | { readonly kind: "fewer"; readonly reason: string; readonly hint: string }
  /**
   * Nobody home at the moment; `hint` is for the case that it stays so. `unasked`: the relay was not even asked, and not to
   * hear from it in a few tries says nothing about it.
   */
  | {
    readonly kind: "try-later";
    readonly reason: string;
    readonly hint: string;
    readonly unasked?: true;
  };

/**
 * Judges by cause, reply and stage, never by text.
 *
 * @param met there has been a session with this relay in this run
 */
export function judgeConnect(relay: Relay, failure: ConnectFailure, met = false): ConnectVerdict {
  const { attempt, stage } = failure;
  const hint = connectHint(relay, failure, met);
  const where = failure.address === undefined || failure.address === relay.name
    ? relay.name
    : `${relay.name} (${failure.address})`;
  if (attempt.kind === "lacking") {
    const reason = `Cannot use ${where}: ${attempt.detail}`;
    if (!met || attempt.lacks !== "starttls") return { kind: "give-up", reason, hint };
    return { kind: "try-later", reason: `${reason}, as it did earlier in this run`, hint };
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
      return {
        kind: "fewer",
        reason: `No file descriptor is left for a connection to ${where}`,
        hint,
      };
    case "name-service":
      return {
        kind: "try-later",
        reason: `The name service does not answer about ${where}: ${attempt.detail}`,
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
