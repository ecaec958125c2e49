/**
 * DNS questions and answers on the wire (RFC 1035, 4; RFC 6891 for longer answers over UDP). `dns-packet` encodes and decodes; the
 * bounds are ours.
 *
 * @module
 */
import { Buffer } from "node:buffer";
// @ts-types="@types/dns-packet"
import { type Answer, decode, encode, RECURSION_DESIRED } from "dns-packet";
import { boundedReply, type TYPES } from "./bounds.ts";

export type RecordType = keyof typeof TYPES;

/** One record of an answer; names are in lower case and without the final dot, so the root is "". */
export type DnsRecord =
  & { readonly name: string }
  & (
    /** An address, a text (its strings joined), a domain name. */
    | { readonly type: Exclude<RecordType, "MX">; readonly data: string }
    | { readonly type: "MX"; readonly data: string; readonly preference: number }
  );

/** A decoded reply. */
export interface DnsReply {
  readonly id: number;
  /** RFC 1035, 4.1.1: 0 no error, 2 server failure, 3 no such name, 5 refused. */
  readonly code: number;
  /** The answer did not fit: ask over TCP. */
  readonly truncated: boolean;
  /** undefined: none, or its class is not IN. */
  readonly question: { readonly name: string; readonly type: string } | undefined;
  /** Those of class IN and of a known type. */
  readonly answers: readonly DnsRecord[];
}

/** The largest answer over UDP: it fits into an IPv6 packet without fragmentation (DNS flag day 2020). */
const UDP_PAYLOAD = 1232;
/** Octets of a name as written, and of a label (RFC 1035, 2.3.4). */
const LONGEST_NAME = 253;
const LONGEST_LABEL = 63;

const decoder = new TextDecoder();

/** A question with recursion desired; undefined where `name` is invalid: empty or long labels. */
export function encodeQuestion(id: number, name: string, type: RecordType): Uint8Array | undefined {
  if (!isName(name)) return undefined;
  return encode({
    type: "query",
    id,
    flags: RECURSION_DESIRED,
    questions: [{ name, type, class: "IN" }],
    additionals: [{
      type: "OPT",
      name: ".",
      udpPayloadSize: UDP_PAYLOAD,
      extendedRcode: 0,
      ednsVersion: 0,
      flags: 0,
      flag_do: false,
      options: [],
    }],
  });
}

function isName(name: string): boolean {
  if (/[\p{Cc}\u2028\u2029]/u.test(name)) return false;
  const bare = name.replace(/\.$/, "");
  return Buffer.byteLength(bare) <= LONGEST_NAME && bare.split(".").every((label) => {
    const length = Buffer.byteLength(label);
    return length > 0 && length <= LONGEST_LABEL;
  });
}

/** Decodes a reply; undefined where the bytes are not one. */
export function decodeReply(bytes: Uint8Array): DnsReply | undefined {
  const bounded = boundedReply(bytes);
  if (bounded === undefined) return undefined;
  const { id = 0, flags = 0, flag_tc, questions = [], answers = [] } = decode(Buffer.from(bounded));
  const [question] = questions;
  return {
    id,
    code: flags & 15,
    truncated: flag_tc,
    question: question?.class === "IN"
      ? { name: nameOf(question.name), type: question.type }
      : undefined,
    answers: answers.flatMap((answer) => recordOf(answer) ?? []),
  };
}

function recordOf(answer: Answer): DnsRecord | undefined {
  if (answer.type === "OPT" || answer.class !== "IN" || answer.flush) return undefined;
  const name = nameOf(answer.name);
  switch (answer.type) {
    case "A":
    case "AAAA":
      return { name, type: answer.type, data: answer.data };
    case "CNAME":
      return { name, type: answer.type, data: nameOf(answer.data) };
    case "MX": {
      const { preference = 0, exchange } = answer.data;
      return { name, type: answer.type, data: nameOf(exchange), preference };
    }
    case "TXT": {
      // Strings are joined with nothing between them (RFC 7208, 3.3; RFC 6376, 3.6.2.2).
      const strings = [answer.data].flat().map((part) => Buffer.from(part as Buffer));
      return { name, type: answer.type, data: decoder.decode(Buffer.concat(strings)) };
    }
    default:
      return undefined;
  }
}

function nameOf(decoded: string): string {
  return decoded === "." ? "" : decoded.toLowerCase();
}
