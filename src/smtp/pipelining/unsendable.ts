import type { Attempt } from "../../model/attempt.ts";
import type { Mail } from "../../model/mail.ts";
import type { Capabilities } from "../session/capabilities.ts";

/** Returns why this server cannot carry the mail, which is found out before MAIL (RFC 1870, 6.2; RFC 6531, 3.5). */
export function unsendableOver(capabilities: Capabilities, mail: Mail): Attempt | undefined {
  const { maxSize, smtpUtf8 } = capabilities;
  if (maxSize !== undefined && mail.bytes.length > maxSize) {
    const detail = `Mail has ${mail.bytes.length} bytes, but the server accepts at most ${maxSize}`;
    return { kind: "unsendable", lacks: "size", detail };
  }
  if (mail.envelope.smtpUtf8 && !smtpUtf8) {
    const detail = "Address or header needs SMTPUTF8, which the server does not offer";
    return { kind: "unsendable", lacks: "smtputf8", detail };
  }
  return undefined;
}
