import { Buffer } from "node:buffer";
import { InputError } from "../../model/input_error.ts";
import { addrSpec } from "../headers/addresses/addr_spec.ts";
import { KeyedHash } from "./keyed_hash.ts";

// Two tokens of 32 hexadecimal digits identify the recipient of a mail. The local part of its Message-ID is a plain hash of campaign
// and recipient. With --verp (variable envelope return path) the envelope sender has one of its own, which brings home even
// a report that names neither recipient nor mail. It is an HMAC of the first under a secret that the ledger keeps: whoever
// knows campaign and recipient can compute a Message-ID, but not the return path, so a report that came to the right one is
// an answer to our mail. Unlike an address written into the sender, a token is of one length, plain ASCII, the same in any
// letter case, and reveals the recipient to nobody on the way.

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
 * @param name What to call the setting in an error.
 * @throws {InputError} if it is not a plain ASCII address, or too long for a token
 */
export function parseVerp(text: string, name = "--verp"): Verp {
  const address = addrSpec(text);
  if (address === undefined || /[^\x21-\x7e]/.test(address)) {
    throw new InputError(`${name} must be an address in ASCII: found '${text}'`, {
      hint:
        "Give a mailbox such as bounces@example.com: envelope senders are then bounces+token@example.com",
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

/** Makes and checks the tokens of return paths, and does not expose its secret. */
export class VerpKey {
  readonly #hash: KeyedHash;

  constructor(secret: string) {
    // The secret has no other use, but the text names this one.
    this.#hash = new KeyedHash(Buffer.from(`email-dispatcher verp 1 ${secret}`));
  }

  /** The return path's token of the mail whose Message-ID has this one (128 bits of HMAC-SHA256). */
  tokenOf(messageToken: string): string {
    return this.#hash.of(messageToken).slice(0, TOKEN_LENGTH);
  }
}

/** The envelope sender of the mail whose return path has this token. */
export function verpSender({ local, domain }: Verp, token: string): string {
  return `${local}+${token}@${domain}`;
}

/** The token in an address that a report came to, in lower case; undefined if it has none. */
export function tokenOfReturnPath(address: string): string | undefined {
  return /\+([0-9a-f]{32})@[^@\s]+$/i.exec(address)?.[1]?.toLowerCase();
}

/** The token of a Message-ID, with or without its angle brackets; undefined if it is not one of ours. */
export function tokenOfMessageId(messageId: string): string | undefined {
  return /^<?([0-9a-f]{32})@[^<>@\s]+>?$/i.exec(messageId.trim())?.[1]?.toLowerCase();
}
