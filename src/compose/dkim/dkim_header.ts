import type { Field } from "./relaxed.ts";
import type { Algorithm } from "./dkim_key.ts";
import { HEADER_LINE } from "../headers/header_writer.ts";

/**
 * Fields signed once more often than they occur, so that nobody can add one (RFC 6376, 8.15): those that decide what a reader
 * sees and whom an answer or a complaint reaches (RFC 6376, 5.4.1; RFC 8058, 4).
 */
const ALWAYS = [
  "from",
  "reply-to",
  "to",
  "cc",
  "subject",
  "date",
  "message-id",
  "mime-version",
  "content-type",
  "list-id",
  "list-unsubscribe",
  "list-unsubscribe-post",
  "list-help",
  "list-subscribe",
  "list-post",
  "list-owner",
  "list-archive",
];

/**
 * Signed in the same way, but only if the mail has them: a server on the way may add one for a good reason. Fields in neither
 * list are not signed, such as `X-` fields, which a relay reads and removes.
 */
const WHERE_PRESENT = [
  "sender",
  "content-transfer-encoding",
  "content-language",
  "in-reply-to",
  "references",
  "auto-submitted",
  "feedback-id",
];

/** What a signature is made from, apart from the key. */
export interface Signable {
  /** Names for `h=`, in their order. */
  readonly names: readonly string[];
  /** The fields of these names, each with CRLF: the first half of what is signed. */
  readonly signed: string;
}

/** Chooses the fields to sign. */
export function signableOf(fields: readonly Field[]): Signable {
  const names: string[] = [];
  let signed = "";
  const add = (name: string): boolean => {
    let isPresent = false;
    // The last of several fields is the first to be signed (RFC 6376, 5.4.2).
    for (let index = fields.length - 1; index >= 0; index--) {
      if (fields[index]!.name !== name) continue;
      names.push(name);
      signed += `${fields[index]!.line}\r\n`;
      isPresent = true;
    }
    return isPresent;
  };
  for (const name of ALWAYS) {
    add(name);
    names.push(name);
  }
  for (const name of WHERE_PRESENT) if (add(name)) names.push(name);
  return { names, signed };
}

/** The tags of one signature (RFC 6376, 3.5). */
export interface Tags {
  readonly algorithm: Algorithm;
  readonly domain: string;
  readonly selector: string;
  /** Seconds since the epoch. */
  readonly time: number;
  readonly bodyHash: string;
  readonly names: readonly string[];
}

/**
 * The DKIM-Signature field up to `b=`, folded.
 *
 * It has no `l=`, which would let others append text (RFC 6376, 8.2), and no `x=`: a mail that waited long in a queue would
 * arrive with an expired signature.
 */
export function unsignedField(tags: Tags): string {
  const { algorithm, domain, selector, time, bodyHash, names } = tags;
  return [
    `DKIM-Signature: v=1; a=${algorithm}; c=relaxed/relaxed;`,
    `d=${domain}; s=${selector};`,
    `t=${time}; bh=${bodyHash};`,
    `${foldedList("h=", names, ":")};`,
    "b=",
  ].join("\r\n ");
}

/** The field in relaxed form: the second half of what is signed. `field` has no white space except spaces and its folds. */
export function relaxedField(field: string): string {
  return field.replace("DKIM-Signature: ", "dkim-signature:").replaceAll("\r\n ", " ");
}

/** A signature's value for the end of the field, folded, with the field's CRLF. */
export function foldedSignature(signature: string): string {
  const first = HEADER_LINE - " b=".length;
  const rest = signature.slice(first).match(/.{1,77}/g) ?? [];
  return `${[signature.slice(0, first), ...rest].join("\r\n ")}\r\n`;
}

function foldedList(start: string, names: readonly string[], separator: string): string {
  let text = start;
  let column = 1 + start.length;
  names.forEach((name, index) => {
    const word = index < names.length - 1 ? name + separator : name;
    if (column + word.length >= HEADER_LINE) {
      text += "\r\n ";
      column = 1;
    }
    text += word;
    column += word.length;
  });
  return text;
}
