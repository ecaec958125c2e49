import type { DisconnectCause } from "../../model/attempt.ts";

/** What is wrong with the server's certificate, as far as the TLS library says. */
export type TlsReason =
  | "expired"
  | "not-yet-valid"
  | "wrong-name"
  | "unknown-authority"
  | "revoked"
  | "other";

/** Why a connection ended. */
export interface Disconnect {
  readonly cause: DisconnectCause;
  /** For people: what happened, without a final period. */
  readonly detail: string;
  readonly tlsReason: TlsReason | undefined;
}

const CAUSES = new Map<string, DisconnectCause>([
  ["ConnectionRefused", "refused"],
  ["PermissionDenied", "refused"], // EACCES, EPERM: a firewall of this machine
  ["NotCapable", "refused"],
  ["AddrNotAvailable", "unreachable"],
  ["NetworkUnreachable", "unreachable"],
  ["NotFound", "unreachable"],
  ["TimedOut", "timeout"],
]);

/** System error codes for which Deno has no class. */
const CODES = new Map<string, DisconnectCause>([
  ["EHOSTUNREACH", "unreachable"],
  ["ENETUNREACH", "unreachable"],
  ["EADDRNOTAVAIL", "unreachable"],
  ["ENOTFOUND", "unreachable"],
  ["EAI_AGAIN", "name-service"],
  ["ETIMEDOUT", "timeout"],
  ["EMFILE", "exhausted"],
  ["ENFILE", "exhausted"],
]);

/**
 * Returns the cause by the error's class and code, never by its text.
 *
 * @param otherwise The cause of an unknown error.
 */
export function disconnectOf(error: unknown, otherwise: DisconnectCause = "closed"): Disconnect {
  const { name, code, message } = error as { name?: string; code?: string; message?: string };
  const detail = message ?? String(error);
  // Errors of certificates and handshakes come from rustls as InvalidData.
  if (name === "InvalidData") return { cause: "tls", detail, tlsReason: tlsReasonOf(detail) };
  const cause = CODES.get(code ?? "") ?? CAUSES.get(name ?? "") ?? otherwise;
  return { cause, detail, tlsReason: cause === "tls" ? tlsReasonOf(detail) : undefined };
}

const TLS_REASONS: readonly (readonly [RegExp, TlsReason])[] = [
  [/expired/i, "expired"],
  [/not ?valid ?yet|not ?yet ?valid/i, "not-yet-valid"],
  [/not ?valid ?for ?name|NotValidForName/i, "wrong-name"],
  [/unknown ?issuer|UnknownCA|CaUsedAsEndEntity|BadSignature/i, "unknown-authority"],
  [/revoked/i, "revoked"],
];

/**
 * Returns why the certificate was rejected. The library says so only in its text, and here it only selects the words of a hint:
 * whatever the reason, the connection is not used.
 */
function tlsReasonOf(text: string): TlsReason {
  return TLS_REASONS.find(([pattern]) => pattern.test(text))?.[1] ?? "other";
}
