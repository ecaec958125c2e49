import { LATER_HINT } from "./reply_rules.ts";
import { judgeReply } from "./judge_reply.ts";
import type { DisconnectCause } from "../../model/attempt.ts";
import type { TlsReason } from "../../smtp/wire/disconnect.ts";
import type { ConnectFailure } from "../../smtp/session/connect_relay.ts";
import type { Relay } from "../../model/relay.ts";
import type { Lacking } from "../../smtp/session/session.ts";

const PORT =
  "smtps:// is TLS from the first byte (usually port 465), smtp:// begins in clear text and uses STARTTLS (usually port 587)";
const HOST_AND_PORT =
  "check host and port in the SMTP URL, the firewall, and whether the server runs; many networks block port 25";

const LACKING: Record<Lacking, string> = {
  "starttls": `check the port: ${PORT}; for a relay on this machine, ?tls=off sends in clear text`,
  "auth": "omit the user in the SMTP URL, or check the port: 25 often has no login, 587 has",
  "auth-mechanism":
    "name a mechanism that the relay offers with ?auth=plain|login|cram-md5|xoauth2 in the SMTP URL",
};

const STARTTLS_GONE =
  "nothing was sent in clear text: somebody between here and the relay may be removing STARTTLS, or one of the relay's servers lacks it; ask whoever runs the relay";

const CERTIFICATE: Record<TlsReason, string> = {
  "expired": "have the relay's certificate renewed",
  "not-yet-valid": "check this machine's clock",
  "wrong-name": "use the name that the certificate is for in the SMTP URL",
  "unknown-authority":
    "if the authority is your own, name its certificate with ?ca=FILE in the SMTP URL",
  "revoked": "have a new certificate made for the relay",
  "other": `check the port: ${PORT}`,
};

const BROKEN: Partial<Record<DisconnectCause, string>> = {
  "exhausted": "raise the limit (ulimit -n), or ask for fewer --connections",
  "name-service": "check that this machine can resolve names (DNS), then run again",
  "protocol": `is that an SMTP server? check host and port in the SMTP URL: ${PORT}`,
  "not-smtp": `check host and port in the SMTP URL: ${PORT}`,
};

/**
 * What to do where no session came about: the one table for `send` and `check`.
 *
 * @param met there has been a session with this relay in this run
 */
export function connectHint(
  relay: Pick<Relay, "ca" | "security">,
  { stage, attempt, tlsReason }: ConnectFailure,
  met = false,
): string {
  if (attempt.kind === "lacking") {
    return met && attempt.lacks === "starttls" ? STARTTLS_GONE : LACKING[attempt.lacks];
  }
  if (attempt.kind === "refused") {
    const meaning = judgeReply(stage, attempt.reply);
    return "hint" in meaning ? meaning.hint : LATER_HINT;
  }
  if (attempt.cause === "tls") {
    return tlsReason === "unknown-authority" && relay.ca !== undefined
      ? "the certificate named with ?ca=FILE is not that of the authority which signed the relay's: name that one"
      : CERTIFICATE[tlsReason ?? "other"];
  }
  // Somebody is there and says nothing that we understand.
  const silent = !met && (stage !== "connect" || relay.security === "tls");
  return BROKEN[attempt.cause] ?? (silent ? `${HOST_AND_PORT}; ${PORT}` : HOST_AND_PORT);
}
