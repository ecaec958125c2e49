import { Buffer } from "node:buffer";
import { InputError } from "../../model/input_error.ts";
import { addrSpec } from "../headers/addresses/addr_spec.ts";
import { KeyedHash } from "./keyed_hash.ts";

// Two tokens of 32 hexadecimal digits identify the recipient of a mail. The local part of its Message-ID is a plain
// hash of campaign and recipient. With --verp (variable envelope return path), the envelope sender contains another
// one, which identifies even a report that names neither recipient nor mail. It is an HMAC of the first under a
// secret kept in the ledger: anyone who knows campaign and recipient can compute the Message-ID, but not the return
// path, so a report that arrives at the right one is a reply to our mail. Unlike an address written into the
// sender, a token has a fixed length, is plain ASCII and case-insensitive, and does not reveal the recipient in
// transit.

const TOKEN_LENGTH = 32;
/** Octets of a local part, RFC 5321, 4.5.3.1.1. */
const LOCAL_LIMIT = 64;
/** Octets of an address: the path of RFC 5321, 4.5.3.1.3, is 256 with its angle brackets. */
const ADDRESS_LIMIT = 254;

/** The mailbox that reports return to: `local+token@domain`. */
export interface Verp {
  readonly local: string;
  readonly domain: string;
}

/**
 * Reads the mailbox that receives reports; addresses with "+" and a suffix must reach it (subaddressing, RFC 5233).
 *
 * @param name Name of the setting in errors.
 * @throws {InputError} if it is not a plain ASCII address, or too long for a token
 */
export function parseVerp(text: string, name = "--verp"): Verp {
  const address = addrSpec(text);
  if (address === undefined || /[^\x21-\x7e]/.test(address)) {
    throw new InputError(`${name} must be an address in ASCII: found '${text}'`, {
      hint:
        "Give a mailbox such as bounces@example.com. Envelope senders are then bounces+token@example.com.",
    });
  }
  const at = address.lastIndexOf("@");
  const verp = { local: address.slice(0, at), domain: address.slice(at + 1) };
  const most = LOCAL_LIMIT - TOKEN_LENGTH - 1;
  if (verp.local.length > most || address.length + TOKEN_LENGTH + 1 > ADDRESS_LIMIT) {
    throw new InputError(
      `${name} must leave room for the token, with at most ${most} characters before the '@': found '${text}'`,
    );
  }
  return verp;
}

/** Makes and checks the tokens of return paths, without exposing the secret. */
export class VerpKey {
  readonly #hash: KeyedHash;

  constructor(secret: string) {
    // The secret has no other use, but the text names this one.
    this.#hash = new KeyedHash(Buffer.from(`email-dispatcher verp 1 ${secret}`));
  }

  /** Returns the return path token for the token of a Message-ID (128 bits of HMAC-SHA256). */
  tokenOf(messageToken: string): string {
    return this.#hash.of(messageToken).slice(0, TOKEN_LENGTH);
  }
}

/** Returns the envelope sender with this token. */
export function verpSender({ local, domain }: Verp, token: string): string {
  return `${local}+${token}@${domain}`;
}

/** Returns the token, in lower case, in the address that a report was sent to; undefined if it has none. */
export function tokenOfReturnPath(address: string): string | undefined {
  return /\+([0-9a-f]{32})@[^@\s]+$/i.exec(address)?.[1]?.toLowerCase();
}

/** Returns the token of a Message-ID, with or without angle brackets; undefined if it is not one of ours. */
export function tokenOfMessageId(messageId: string): string | undefined {
  return /^<?([0-9a-f]{32})@[^<>@\s]+>?$/i.exec(messageId.trim())?.[1]?.toLowerCase();
}
