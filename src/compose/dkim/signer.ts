import { wallTime } from "../../time/clock.ts";
import { Buffer } from "node:buffer";
import {
  foldedSignature,
  relaxedField,
  type Signable,
  signableOf,
  unsignedField,
} from "./dkim_header.ts";
import { signatureOf } from "./dkim_key.ts";
import { relax } from "./relaxed.ts";
import type { DkimKey, DkimSettings } from "./dkim_settings.ts";
import { SigningThreads } from "./signing_threads.ts";
import type { Mail } from "../../model/mail.ts";
import { MailBuffer } from "../mime/mail_buffer.ts";

/** How a signer works. */
export interface SignerOptions {
  /** Additional threads that make RSA signatures; 0: this thread does. An Ed25519 key needs none. */
  readonly threads?: number;
  /** Milliseconds since the epoch, for `t=`. */
  readonly now?: () => number;
}

/**
 * Signs mails (RFC 6376, RFC 8463): relaxed/relaxed, the whole body, a signature for each key.
 *
 * Signing comes last, over the octets that are sent; the body must be 7-bit (see `CompileInput.sevenBit`).
 */
export class Signer implements Disposable {
  readonly #domain: string;
  readonly #keys: readonly DkimKey[];
  readonly #threads: SigningThreads | undefined;
  readonly #now: () => number;
  readonly #buffer = new MailBuffer();

  constructor({ domain, keys }: DkimSettings, { threads = 0, now = wallTime }: SignerOptions = {}) {
    this.#domain = domain;
    this.#keys = keys;
    this.#now = now;
    const rsa = keys.find(({ algorithm }) => algorithm === "rsa-sha256");
    if (rsa !== undefined && threads > 0) this.#threads = new SigningThreads(rsa.key, threads);
  }

  /** Returns the mail with its DKIM-Signature fields on top. Rejects if a thread has failed. */
  async sign(mail: Mail): Promise<Mail> {
    const { fields, bodyHash } = relax(mail.bytes);
    const signable = signableOf(fields);
    const signatures: string[] = [];
    for (const key of this.#keys) signatures.push(await this.#fieldOf(key, signable, bodyHash));
    this.#buffer.appendText(signatures.join(""));
    this.#buffer.append(mail.bytes);
    return { ...mail, bytes: this.#buffer.take() };
  }

  /** Ends the threads. */
  [Symbol.dispose](): void {
    this.#threads?.[Symbol.dispose]();
  }

  async #fieldOf(key: DkimKey, { names, signed }: Signable, bodyHash: string): Promise<string> {
    const field = unsignedField({
      algorithm: key.algorithm,
      domain: this.#domain,
      selector: key.selector,
      time: Math.floor(this.#now() / 1000),
      bodyHash,
      names,
    });
    const data = Buffer.from(signed + relaxedField(field), "latin1");
    const signature = key.algorithm === "rsa-sha256" && this.#threads !== undefined
      ? await this.#threads.sign(data)
      : signatureOf(key, data);
    return field + foldedSignature(Buffer.from(signature).toString("base64"));
  }
}

/**
 * Returns the default number of signing threads.
 *
 * An RSA signature takes most of a mail's time, so every core takes part, but no more than there are connections, each
 * of which waits for one signature at a time. An Ed25519 signature takes less time than sending it to a thread.
 */
export function threadsFor({ keys }: DkimSettings, cores: number, connections: number): number {
  return keys.some(({ algorithm }) => algorithm === "rsa-sha256")
    ? Math.min(cores > 1 ? cores : 0, connections)
    : 0;
}
