import { LATER_HINT } from "./reply_rules.ts";
import { judgeReply } from "./judge_reply.ts";
import type { DisconnectCause } from "../../model/attempt.ts";
import type { TlsReason } from "../../smtp/wire/disconnect.ts";
import type { ConnectFailure } from "../../smtp/session/connect_relay.ts";
import type { Relay } from "../../model/relay.ts";
import type { Lacking } from "../../smtp/session/session.ts";

const PORT =
  "smtps:// uses TLS from the first byte (usually port 465), smtp:// begins in clear text and uses STARTTLS (usually port 587)";
const HOST_AND_PORT =
  "Check host and port in the SMTP URL, the firewall, and whether the server is running. Many networks block port 25.";

const LACKING: Record<Lacking, string> = {
  "starttls": `Check the port: ${PORT}. For a relay on this machine, ?tls=off sends in clear text.`,
  "auth": "Omit the user in the SMTP URL, or check the port: 25 often has no login, 587 has one.",
  "auth-mechanism":
    "Name a mechanism that the relay offers with ?auth=plain|login|cram-md5|xoauth2 in the SMTP URL.",
};

const STARTTLS_GONE =
  "Nothing was sent in clear text. Somebody between this machine and the relay may be removing STARTTLS, or one of the relay's servers lacks it. Ask the operator of the relay.";

const CERTIFICATE: Record<TlsReason, string> = {
  "expired": "Have the relay's certificate renewed.",
  "not-yet-valid": "Check this machine's clock.",
  "wrong-name": "Use the name in the certificate in the SMTP URL.",
  "unknown-authority":
    "If the authority is your own, name its certificate with ?ca=FILE in the SMTP URL.",
  "revoked": "Have a new certificate issued for the relay.",
  "other": `Check the port: ${PORT}.`,
};

const BROKEN: Partial<Record<DisconnectCause, string>> = {
  "exhausted": "Raise the limit (ulimit -n), or use fewer --connections.",
  "name-service": "Check that this machine can resolve names (DNS), then run again.",
  "protocol": `Is that an SMTP server? Check host and port in the SMTP URL: ${PORT}.`,
  "not-smtp": `Check host and port in the SMTP URL: ${PORT}.`,
};

/**
 * Returns what to do if no session could be opened, for both `send` and `check`.
 *
 * @param hadSession whether there has been a session with this relay in this run
 */
export function connectHint(
  relay: Pick<Relay, "ca" | "security">,
  { stage, attempt, tlsReason }: ConnectFailure,
  hadSession = false,
): string {
  if (attempt.kind === "lacking") {
    return hadSession && attempt.lacks === "starttls" ? STARTTLS_GONE : LACKING[attempt.lacks];
  }
  if (attempt.kind === "refused") {
    const meaning = judgeReply(stage, attempt.reply);
    return "hint" in meaning ? meaning.hint : LATER_HINT;
  }
  if (attempt.cause === "tls") {
    return tlsReason === "unknown-authority" && relay.ca !== undefined
      ? "The certificate named with ?ca=FILE is not that of the authority that signed the relay's. Name that one."
      : CERTIFICATE[tlsReason ?? "other"];
  }
  // The server is there but says nothing that we understand.
  const silent = !hadSession && (stage !== "connect" || relay.security === "tls");
  return BROKEN[attempt.cause] ?? (silent ? `${HOST_AND_PORT} Note that ${PORT}.` : HOST_AND_PORT);
}
