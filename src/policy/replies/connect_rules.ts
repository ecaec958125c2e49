import { judgeReply } from "./judge_reply.ts";
import type { ConnectFailure } from "../../smtp/session/connect_relay.ts";
import { connectHint } from "./connect_hint.ts";
import type { Relay } from "../../model/relay.ts";
import type { StopKind } from "../../model/stop_kind.ts";
import { replyLine } from "../../model/reply.ts";

/** The words for a failed connect, and what it is about; for the case that the relay is given up. */
interface Why {
  readonly why: StopKind;
  readonly reason: string;
  readonly hint: string;
}

/** What a failed connect means. */
export type ConnectVerdict =
  /** Another try would not help: the relay is given up. */
  | Why & { readonly kind: "give-up" }
  /** The server wants fewer connections, or this process cannot open more; `hint` as below. */
  | Why & { readonly kind: "fewer" }
  /**
   * The relay cannot be reached at the moment; `hint` is for the case that this does not change. With `unasked`, the
   * relay was not even contacted, so that a few failed tries say nothing about it.
   */
  | Why & { readonly kind: "try-later"; readonly unasked?: true };

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
  const { attempt } = failure;
  const hint = connectHint(relay, failure, hadSession);
  const where = failure.address === undefined || failure.address === relay.name
    ? relay.name
    : `${relay.name} (${failure.address})`;
  if (attempt.kind === "lacking") {
    const reason = `Cannot use ${where}: ${attempt.detail}`;
    const why = attempt.lacks === "starttls" ? "tls" : "login";
    if (!hadSession || attempt.lacks !== "starttls") return { kind: "give-up", why, reason, hint };
    return { kind: "try-later", why, reason: `${reason}, which it did earlier in this run`, hint };
  }
  if (attempt.kind === "refused") {
    const { stage } = failure;
    const reason = `${where} refused ${stageName(stage)}: ${replyLine(attempt.reply)}`;
    const meaning = judgeReply(stage, attempt.reply);
    return meaning.kind === "refuses-us"
      ? { kind: "give-up", why: meaning.why, reason, hint }
      : { kind: "fewer", why: "relay-busy", reason, hint };
  }
  return judgeBroken(attempt, where, hint);
}

function judgeBroken(
  { cause, detail }: ConnectFailure["attempt"] & { readonly kind: "broken" },
  where: string,
  hint: string,
): ConnectVerdict {
  const reason = `Cannot connect to ${where}: ${detail}`;
  switch (cause) {
    case "tls":
    case "not-smtp":
      return { kind: "give-up", why: "tls", reason, hint };
    case "exhausted":
      return {
        kind: "fewer",
        why: "unreachable",
        reason: `No file descriptor is left to connect to ${where}`,
        hint,
      };
    case "name-service":
      return {
        kind: "try-later",
        why: "unreachable",
        reason: `The name service does not answer for ${where}: ${detail}`,
        hint,
        unasked: true,
      };
    default:
      return { kind: "try-later", why: "unreachable", reason, hint };
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
