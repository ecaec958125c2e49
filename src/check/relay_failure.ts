import { judgeReply } from "../record/reply_rules.ts";
import type { Attempt } from "../smtp/attempt.ts";
import type { TlsReason } from "../smtp/break.ts";
import type { ConnectFailure } from "../smtp/client.ts";
import type { Relay } from "../smtp/relay.ts";
import { replyLine } from "../smtp/reply.ts";
import type { Certificate } from "./certificate.ts";
import type { Finding } from "./finding.ts";

/** The finding of a relay that no session came about with. */
export function connectFinding(
  relay: Relay,
  failure: ConnectFailure,
  certificate: Certificate | undefined,
): Finding {
  const { attempt, tlsReason } = failure;
  const where = { relay: relay.name };
  const error = { level: "error", where } as const;
  // Another reason is none of the certificate, but of the handshake.
  if (tlsReason !== undefined && tlsReason !== "other") {
    return { ...error, ...untrusted(relay, tlsReason, certificate) };
  }
  if (attempt.kind === "refused") return { ...error, ...refused(attempt) };
  if (attempt.kind === "lacking") {
    return {
      ...error,
      check: attempt.lacks === "starttls" ? "relay.tls" : "relay.login",
      what: attempt.detail,
      why: attempt.lacks === "starttls"
        ? "RFC 8314, 3 and RFC 3207, 6: without TLS mail and password can be read on the way"
        : "RFC 4954, 4: what is not offered cannot be used",
      mend: LACKING[attempt.lacks],
    };
  }
  return {
    ...error,
    check: attempt.cause === "tls" ? "relay.tls" : "relay.connect",
    what: `Cannot ${
      attempt.stage === "connect" ? "connect to" : "talk to"
    } ${relay.name}: ${attempt.detail}`,
    why: attempt.cause === "tls"
      ? "RFC 8314, 3: without TLS nothing is sent"
      : attempt.cause === "name-service"
      ? "the name service of this machine does not answer, so nothing is known about the relay"
      : attempt.cause === "unreachable" || attempt.cause === "refused"
      ? "nobody answers at this address"
      : `RFC 5321, 4.5.3.2: the connection broke at ${STEPS[attempt.stage] ?? attempt.stage}`,
    mend: attempt.cause === "tls"
      ? "check the port: smtps:// is TLS from the first byte (465), smtp:// is STARTTLS (587)"
      : attempt.cause === "name-service"
      ? "check whether this machine can resolve names (DNS), then check again"
      : "check host, port and firewall; many networks block port 25, 587 and 465 are for submission",
  };
}

/** The server said no. */
function refused(
  { stage, reply }: Extract<Attempt, { kind: "refused" }>,
): Omit<Finding, "level" | "where"> {
  const meaning = judgeReply(stage, reply);
  return {
    check: stage === "auth" ? "relay.login" : "relay.connect",
    what: stage === "auth"
      ? `The relay does not take the login: ${replyLine(reply)}`
      : `The relay refuses us at ${STEPS[stage] ?? stage}: ${replyLine(reply)}`,
    why: SOURCES[stage] ?? "RFC 5321, 4.2",
    mend: meaning.kind === "refuses-us"
      ? meaning.hint
      : "check again later, or ask who runs the relay",
  };
}

const STEPS: Partial<Record<string, string>> = {
  greeting: "the greeting",
  ehlo: "EHLO",
  starttls: "STARTTLS",
  auth: "the login",
};

const SOURCES: Partial<Record<string, string>> = {
  greeting: "RFC 5321, 3.1 and RFC 7504: it takes no mail from this machine, or none now",
  ehlo: "RFC 5321, 4.1.1.1: it does not take our name",
  starttls: "RFC 3207, 4: it offers STARTTLS and does not do it",
  auth: "RFC 4954, 6",
};

const LACKING = {
  "starttls":
    "use smtps:// if the relay has TLS from the first byte; for a relay on this machine ?tls=off will do",
  "auth": "leave the user out of the URL, or check the port: 25 often has no login, 587 has",
  "auth-mechanism": "name one that the relay offers with ?auth=plain|login|cram-md5|xoauth2",
} as const;

function untrusted(
  { host, ca }: Relay,
  reason: Exclude<TlsReason, "other">,
  certificate: Certificate | undefined,
): Omit<Finding, "level" | "where"> {
  const date = certificate && new Date(certificate.validTo).toISOString().slice(0, 10);
  const known: Record<typeof reason, readonly [string, string]> = {
    "expired": [`ended${date === undefined ? "" : ` on ${date}`}`, "have it renewed"],
    "not-yet-valid": ["is not valid yet", "check this machine's clock"],
    "wrong-name": [
      `is for ${certificate?.names || "another name"}`,
      "use the name the certificate is for in the SMTP URL",
    ],
    "unknown-authority": [
      `is signed by nobody we trust${certificate?.issuer ? ` (${certificate.issuer})` : ""}`,
      ca === undefined
        ? "where it is an authority of your own, give its certificate with ?ca=FILE"
        : "check that the file of ?ca= is that of the authority which signed it",
    ],
    "revoked": ["is revoked", "have a new one made"],
  };
  const [what, mend] = known[reason];
  return {
    check: "relay.certificate",
    what: `The certificate of ${host} ${what}`,
    why: "RFC 8314, 3 and RFC 7817, 3: nothing is sent to a server that cannot prove its name",
    mend,
  };
}
