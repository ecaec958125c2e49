import { judgeReply } from "../record/reply_rules.ts";
import type { ConnectFailure } from "../smtp/client.ts";
import type { Relay } from "../smtp/relay.ts";

/** What it means that no session came about. */
export type ConnectVerdict =
  /** Nothing that another try could mend: the relay is given up. */
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

/** Judges by cause, reply and stage, never by text. */
export function judgeConnect(relay: Relay, failure: ConnectFailure): ConnectVerdict {
  const { attempt, stage } = failure;
  const where = failure.address === undefined || failure.address === relay.name
    ? relay.name
    : `${relay.name} (${failure.address})`;
  if (attempt.kind === "lacking") {
    const hint = attempt.lacks === "starttls"
      ? "to send without encryption, say so in the SMTP URL: ?tls=off"
      : "look at the user and ?auth= in the SMTP URL, and at what the relay offers";
    return { kind: "give-up", reason: `Cannot use ${where}: ${attempt.detail}`, hint };
  }
  if (attempt.kind === "refused") {
    const { code, enhanced, text } = attempt.reply;
    const said = [code, enhanced, text].filter((part) => part !== undefined && part !== "").join(
      " ",
    );
    const reason = `${where} refused ${stageName(stage)}: ${said}`;
    const meaning = judgeReply(stage, attempt.reply);
    if (meaning.kind === "refuses-us") return { kind: "give-up", reason, hint: meaning.hint };
    return { kind: "fewer", reason, hint: "the relay says that this may pass: run again later" };
  }
  const reason = `Cannot connect to ${where}: ${attempt.detail}`;
  if (attempt.cause === "tls") {
    const hint = failure.tlsReason === "unknown-authority"
      ? "if the authority is your own, name its certificate: ?ca=FILE in the SMTP URL"
      : "mend the relay's certificate, or use the name it is made out to in the SMTP URL";
    return { kind: "give-up", reason, hint };
  }
  if (attempt.cause === "exhausted") {
    return {
      kind: "fewer",
      reason: `No file descriptor is left for a connection to ${where}`,
      hint: "raise the limit (ulimit -n), or ask for fewer --connections",
    };
  }
  if (attempt.cause === "name-service") {
    return {
      kind: "try-later",
      reason: `The name service does not answer about ${where}: ${attempt.detail}`,
      hint: "check that this machine can resolve names, then run again to continue",
      unasked: true,
    };
  }
  if (attempt.cause === "protocol") {
    return {
      kind: "try-later",
      reason,
      hint: "is that an SMTP server? look at host and port, and at smtp:// or smtps://",
    };
  }
  return {
    kind: "try-later",
    reason,
    hint: "look at host and port in the SMTP URL, and whether the server runs",
  };
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
