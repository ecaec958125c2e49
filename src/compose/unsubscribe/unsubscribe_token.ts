import { Buffer } from "node:buffer";
import { hash, timingSafeEqual } from "node:crypto";
import { InputError } from "../../model/input_error.ts";
import { KeyedHash } from "./keyed_hash.ts";

/** Whom a link unsubscribes, and the campaign whose mail it was in. */
export interface UnsubscribeClaim {
  readonly campaign: string;
  /** The mailbox: of the recipient's key, the part that `mailboxKeyOf()` returns. */
  readonly key: string;
}

/** Minimum length of the secret in octets, as recommended for HMAC-SHA256 (RFC 2104, 3). */
const SECRET_LENGTH = 32;
/** Octets of a token that authenticate it: 2^128 possibilities cannot be guessed. */
const TAG = 16;
/** Octets of campaign and address; names have at most 60 characters, addresses at most 254 octets. */
const LONGEST_TEXT = 1_024;
/** Last character of a token: its format. It also keeps `-` and `_` from the end, where mail programs truncate links. */
const FORMAT = "1";
const BASE64URL = /^([A-Za-z0-9_-]+)1$/;
const SEPARATOR = "\0";
/** Octets of a SHA-512, the unit of the key stream. */
const STREAM_BLOCK = 64;

/** Makes and reads tokens with two keys derived from the operator's secret, and exposes neither. */
export class TokenSecret {
  readonly #tag: KeyedHash;
  /** Key of the stream, tag, counter: together less than one block of SHA-512. */
  readonly #seed: Buffer;
  readonly #block = Buffer.alloc(STREAM_BLOCK);
  /** The current token: tag and text. Kept, as every mail needs one. */
  readonly #octets = Buffer.alloc(TAG + LONGEST_TEXT);

  /**
   * @param secret The operator's, at least 32 octets.
   * @param name What to call it in an error.
   * @throws {InputError} For a shorter one, which the message does not contain.
   */
  constructor(secret: string, name: string) {
    const octets = Buffer.from(secret, "utf8");
    if (octets.length < SECRET_LENGTH) {
      throw new InputError(
        `${name} must be at least ${SECRET_LENGTH} bytes: found ${octets.length}`,
        { kind: "secret", hint: "Make one with openssl rand -hex 32." },
      );
    }
    const root = new KeyedHash(octets);
    const keyFor = (use: string) => Buffer.from(root.of(Buffer.from(use)), "hex");
    this.#tag = new KeyedHash(keyFor("email-dispatcher unsubscribe 1 tag"));
    const stream = keyFor("email-dispatcher unsubscribe 1 stream");
    this.#seed = Buffer.concat([stream], stream.length + TAG + 1);
  }

  /** See {@linkcode makeToken}. */
  seal(text: string): string {
    const octets = this.#octets;
    const end = TAG + octets.write(text, TAG);
    // A text that does not fit is cut before a character, which has up to four octets.
    if (end > octets.length - 4) {
      throw new RangeError("Cannot make a token because the text is too long");
    }
    octets.write(this.#tag.of(text), 0, TAG, "hex");
    this.#cover(octets, end);
    return octets.toString("base64url", 0, end) + FORMAT;
  }

  /** See {@linkcode readToken}. */
  open(token: string): string | undefined {
    const text = BASE64URL.exec(token)?.[1];
    if (text === undefined || text.length % 4 === 1) return undefined;
    const octets = Buffer.from(text, "base64url");
    // The decoder ignores bits beyond the last octet.
    if (octets.length <= TAG || octets.toString("base64url") !== text) return undefined;
    this.#cover(octets, octets.length);
    const expected = Buffer.from(this.#tag.of(octets.subarray(TAG)), "hex").subarray(0, TAG);
    const isOurs = timingSafeEqual(octets.subarray(0, TAG), expected);
    return isOurs ? octets.toString("utf8", TAG) : undefined;
  }

  /** Applies the tag's key stream to the text between the tag and `end`: encrypts it, and the second time decrypts it. */
  #cover(octets: Buffer, end: number): void {
    const seed = this.#seed;
    for (let at = 0; at < TAG; at++) seed[seed.length - 1 - TAG + at] = octets[at]!;
    for (let from = TAG, count = 0; from < end; from += STREAM_BLOCK, count++) {
      seed[seed.length - 1] = count;
      this.#block.write(hash("sha512", seed, "hex"), "hex");
      const size = Math.min(STREAM_BLOCK, end - from);
      for (let at = 0; at < size; at++) octets[from + at]! ^= this.#block[at]!;
    }
  }
}

/**
 * Returns the token of a link. With the secret, it tells whom it unsubscribes; without it, only the combined length of
 * campaign and address. It is always the same, so that a mail is the same on every try, and nothing needs to be
 * stored.
 *
 * Authenticated encryption with a synthetic nonce, after SIV (RFC 5297): the tag is HMAC-SHA256 over campaign and
 * address, cut to 16 octets; they are encrypted with a key stream of SHA-512 over another key, the tag and a counter.
 * In base64url that makes 1.4 characters for each octet of campaign and address, plus 24.
 *
 * @throws {RangeError} For a campaign with NUL in its name, or more than 1,000 octets.
 */
export function makeToken(secret: TokenSecret, { campaign, key }: UnsubscribeClaim): string {
  if (campaign.includes(SEPARATOR)) throw new RangeError("A campaign's name cannot contain NUL");
  return secret.seal(`${campaign}${SEPARATOR}${key}`);
}

/** Reads a token; returns undefined for anything that `makeToken` did not return for this secret, bit for bit. */
export function readToken(secret: TokenSecret, token: string): UnsubscribeClaim | undefined {
  if (token.length > 2 * LONGEST_TEXT) return undefined;
  const text = secret.open(token);
  if (text === undefined) return undefined;
  const at = text.indexOf(SEPARATOR);
  return { campaign: text.slice(0, at), key: text.slice(at + 1) };
}
