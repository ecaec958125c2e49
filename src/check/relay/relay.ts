import type { Mail } from "../../model/mail.ts";
import { countOf, sizeText } from "../../text/quantity.ts";
import type { ConnectFailure } from "../../smtp/session/connect_relay.ts";
import type { AuthMechanism, Relay } from "../../model/relay.ts";
import { isLoopback, type Session } from "../../smtp/session/session.ts";
import { certificateOf } from "./certificate.ts";
import { envelopeFinding } from "./envelope_finding.ts";
import type { Finding } from "../finding.ts";
import { connectFinding } from "./relay_failure.ts";
import { type EnvelopeAnswer, probeRelay } from "./relay_probe.ts";
import type { Sizes } from "../list/rows.ts";

/** The properties of a relay. */
export interface RelayFacts {
  readonly name: string;
  /** The connection was made, and the login accepted where a user is given. */
  readonly reached: boolean;
  readonly secure: boolean;
  readonly mechanism: AuthMechanism | undefined;
  /** Whole days until its certificate expires; undefined: not known. */
  readonly certificateDays: number | undefined;
  /** Extensions that make a difference, by their EHLO keywords. */
  readonly extensions: readonly string[];
  /** Largest mail it accepts, in bytes; undefined: no limit is known. */
  readonly maxSize: number | undefined;
  /** Mails it accepts in one session (RFC 9422). */
  readonly mailMax: number | undefined;
}

/** What is to be sent. */
export interface Sending {
  /** One of the mails; undefined where none could be made. */
  readonly mail: Mail | undefined;
  readonly sizes: Sizes | undefined;
}

const DAY = 86_400_000;
/** Let's Encrypt renews 30 days before expiry: with less than half of that left, the renewal was forgotten. */
const FEW_DAYS = 14;

/** Connects to a relay as `send` would, and examines its replies. Sends nothing. */
export async function checkRelay(
  relay: Relay,
  sending: Sending,
  { signal, now, add }: {
    readonly signal: AbortSignal;
    readonly now: number;
    readonly add: (finding: Finding) => void;
  },
): Promise<RelayFacts> {
  const probe = await probeRelay(relay, sending.mail, signal);
  if (probe.kind === "connect-failure") {
    const shown = wantsCertificate(probe) ? await certificateOf(relay, signal) : undefined;
    add(connectFinding(relay, probe, shown));
    return unreached(relay);
  }
  const { session, envelope } = probe;
  const certificate = session.secure ? await certificateOf(relay, signal) : undefined;
  const days = certificate && Math.floor((certificate.validTo - now) / DAY);
  for (const finding of sessionFindings(relay, session, days)) add(finding);
  if (envelope !== undefined) envelopeFindings(relay, envelope, sending.mail!, add);
  for (const finding of capacityFindings(relay, session, sending.sizes)) add(finding);
  const { capabilities } = session;
  return {
    name: relay.name,
    reached: true,
    secure: session.secure,
    mechanism: session.mechanism,
    certificateDays: days,
    extensions: extensionsOf(session),
    maxSize: capabilities.maxSize,
    mailMax: capabilities.mailMax,
  };
}

function wantsCertificate({ tlsReason }: ConnectFailure): boolean {
  return tlsReason !== undefined && tlsReason !== "other";
}

function unreached({ name }: Relay): RelayFacts {
  return {
    name,
    reached: false,
    secure: false,
    mechanism: undefined,
    certificateDays: undefined,
    extensions: [],
    maxSize: undefined,
    mailMax: undefined,
  };
}

function extensionsOf({ capabilities }: Session): string[] {
  const { pipelining, chunking, eightBitMime, smtpUtf8, sizeOffered } = capabilities;
  return [
    ...(pipelining ? ["PIPELINING"] : []),
    ...(chunking ? ["CHUNKING"] : []),
    ...(eightBitMime ? ["8BITMIME"] : []),
    ...(smtpUtf8 ? ["SMTPUTF8"] : []),
    ...(sizeOffered ? ["SIZE"] : []),
  ];
}

function* sessionFindings(
  relay: Relay,
  { secure, capabilities }: Session,
  days: number | undefined,
): Generator<Finding> {
  const where = { relay: relay.name };
  if (!secure && !isLoopback(relay.host)) {
    yield {
      level: "warning",
      check: "relay.clear",
      what: `Mails travel to ${relay.host} unencrypted`,
      why: "RFC 8314, 3: anyone on the path can read and change them",
      fix: capabilities.startTls
        ? "Omit tls=off: the server offers STARTTLS"
        : "Use smtps://, or a relay that offers STARTTLS",
      where,
    };
  }
  if (days !== undefined && days < FEW_DAYS) {
    yield {
      level: "warning",
      check: "relay.certificate",
      what: `The certificate of ${relay.host} expires in ${countOf(days, "day")}`,
      why: "RFC 8314, 3: after that, nothing can be sent through it",
      fix: "Have it renewed before a longer campaign",
      where,
    };
  }
  if (!capabilities.pipelining && relay.pipelining) {
    yield {
      level: "note",
      check: "relay.lock-step",
      what: "The relay does not offer PIPELINING: each mail takes five round trips instead of one",
      why: "RFC 2920, 3.1",
      fix: "If it is far away and the list is long, use more connections",
      where,
    };
  }
}

function envelopeFindings(
  relay: Relay,
  answer: EnvelopeAnswer,
  mail: Mail,
  add: (finding: Finding) => void,
): void {
  if (answer.kind === "accepted") return;
  if (answer.kind === "broken") {
    return add({
      level: "warning",
      check: "relay.dialogue",
      what: `The connection broke during the dialogue about an envelope: ${answer.detail}`,
      why: "RFC 5321, 3.3: without a reply, nobody knows whether the relay accepts mail from us",
      fix: "Check again; if it persists, ask the operator of the relay",
      where: { relay: relay.name },
    });
  }
  add(envelopeFinding(relay, answer, mail));
}

function* capacityFindings(
  relay: Relay,
  { capabilities: { maxSize, smtpUtf8 } }: Session,
  sizes: Sizes | undefined,
): Generator<Finding> {
  if (sizes === undefined) return;
  const where = { relay: relay.name };
  if (maxSize !== undefined && sizes.largest.bytes > maxSize) {
    const all = sizes.smallest > maxSize;
    yield {
      level: all ? "error" : "warning",
      check: "relay.size",
      what: `The ${all ? "smallest" : "largest"} mail is ${
        sizeText(all ? sizes.smallest : sizes.largest.bytes)
      }${all ? "" : ` (line ${sizes.largest.line})`}, but the relay accepts only ${
        sizeText(maxSize)
      }`,
      why: "RFC 1870, 6.1: mails larger than SIZE are refused",
      fix: "Make attachments smaller, or link to them",
      where,
    };
  }
  if (sizes.smtpUtf8.count > 0 && !smtpUtf8) {
    yield {
      level: "warning",
      check: "relay.smtputf8",
      what: `${
        countOf(sizes.smtpUtf8.count, "address", "addresses")
      }, the first on line ${sizes.smtpUtf8.line}, ${
        sizes.smtpUtf8.count === 1 ? "is" : "are"
      } not ASCII, and the relay does not offer SMTPUTF8`,
      why: "RFC 6531, 3.5: such a mail cannot be sent through it",
      fix: "Use a relay that offers SMTPUTF8, or remove these rows",
      where,
    };
  }
}
