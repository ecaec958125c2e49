import type { Attempt } from "../../model/attempt.ts";
import type { TlsReason } from "../../smtp/wire/disconnect.ts";
import type { ConnectFailure } from "../../smtp/session/connect_relay.ts";
import { connectHint } from "../../policy/replies/connect_hint.ts";
import type { Relay } from "../../model/relay.ts";
import { replyLine } from "../../model/reply.ts";
import type { Certificate } from "./certificate.ts";
import { adviceOf, type Finding } from "../finding.ts";

/** The finding about a relay that no session could be opened with. */
export function connectFinding(
  relay: Relay,
  failure: ConnectFailure,
  certificate: Certificate | undefined,
): Finding {
  const { attempt, tlsReason } = failure;
  const where = { relay: relay.name };
  const error = { level: "error", where, fix: adviceOf(connectHint(relay, failure)) } as const;
  // "other" is a fault of the handshake, not of the certificate.
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
        ? "RFC 8314, 3 and RFC 3207, 6: without TLS, mail and password can be read in transit"
        : "RFC 4954, 4: what is not offered cannot be used",
    };
  }
  return {
    ...error,
    check: attempt.cause === "tls" ? "relay.tls" : "relay.connect",
    what: `Cannot ${
      attempt.stage === "connect" ? "connect to" : "open a session with"
    } ${relay.name}: ${attempt.detail}`,
    why: attempt.cause === "tls"
      ? "RFC 8314, 3: without TLS nothing is sent"
      : attempt.cause === "not-smtp"
      ? "RFC 8314, 3: a port either uses TLS from the first byte or begins in clear text"
      : attempt.cause === "name-service"
      ? "This machine's name service does not answer, so nothing is known about the relay"
      : attempt.cause === "unreachable" || attempt.cause === "refused"
      ? "Nobody answers at this address"
      : `RFC 5321, 4.5.3.2: the connection broke at ${STEPS[attempt.stage] ?? attempt.stage}`,
  };
}

/** The server replied with a refusal. */
function refused(
  { stage, reply }: Extract<Attempt, { kind: "refused" }>,
): Omit<Finding, "level" | "where" | "fix"> {
  return {
    check: stage === "auth" ? "relay.login" : "relay.connect",
    what: stage === "auth"
      ? `The relay refuses the login: ${replyLine(reply)}`
      : `The relay refuses us at ${STEPS[stage] ?? stage}: ${replyLine(reply)}`,
    why: SOURCES[stage] ?? "RFC 5321, 4.2",
  };
}

const STEPS: Partial<Record<string, string>> = {
  greeting: "the greeting",
  ehlo: "EHLO",
  starttls: "STARTTLS",
  auth: "the login",
};

const SOURCES: Partial<Record<string, string>> = {
  greeting: "RFC 5321, 3.1 and RFC 7504: it accepts no mail from this machine, or none now",
  ehlo: "RFC 5321, 4.1.1.1: it does not accept our name",
  starttls: "RFC 3207, 4: it offers STARTTLS but refuses it",
  auth: "RFC 4954, 6",
};

function untrusted(
  { host }: Relay,
  reason: Exclude<TlsReason, "other">,
  certificate: Certificate | undefined,
): Omit<Finding, "level" | "where" | "fix"> {
  const date = certificate && new Date(certificate.validTo).toISOString().slice(0, 10);
  const known: Record<typeof reason, string> = {
    "expired": `expired${date === undefined ? "" : ` on ${date}`}`,
    "not-yet-valid": "is not valid yet",
    "wrong-name": `was issued for ${certificate?.names || "another name"}`,
    "unknown-authority": `is not signed by a trusted authority${
      certificate?.issuer ? ` (${certificate.issuer})` : ""
    }`,
    "revoked": "has been revoked",
  };
  return {
    check: "relay.certificate",
    what: `The certificate of ${host} ${known[reason]}`,
    why: "RFC 8314, 3 and RFC 7817, 3: nothing is sent to a server that cannot prove its name",
  };
}
