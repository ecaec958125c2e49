import { isAddressCode, isTelling, NO_ROOM } from "./address_codes.ts";
import { readWords } from "./words.ts";

/** hard: no mail can be delivered there, ever. soft: the next mail may arrive. */
export type BounceVerdict = "hard" | "soft";

/** What a report says about one failure. */
export interface Diagnosis {
  readonly verdict: BounceVerdict;
  /** The enhanced status code (RFC 3463) that decided, or the best there is; undefined where none was given. */
  readonly status: string | undefined;
  /** The reply code of the SMTP server that refused (RFC 5321, 4.2), where it is given. */
  readonly code: number | undefined;
  /** The server's words. */
  readonly diagnostic: string;
}

/** Class, subject and detail (RFC 3463, 2), but not a part of an IP address or a version ("Exim 4.94.2"). */
const ENHANCED = /(?<![\d.])[45]\.[0-7]\.\d{1,3}(?![\d.]*\d)/g;
const REPLY = /(?<![\d.])[45]\d\d(?=[\s-]|$)/;
/** How many characters are examined; a server's reply has at most 512 octets (RFC 5321, 4.5.3.1.5). */
const MAX_WORDS = 1_000;

/** A gateway by Cisco puts its own text first, and the server's in quotes: `5.1.0 - Unknown address error 550-'5.7.1 …'`. */
const QUOTED_REPLY = /^[45]\.\d\.\d - [^']{1,80}?([45]\d\d[- ]'.*)$/;
/** A mere refusal: a Status that says the address is bad can be wrong. */
const MERE_REFUSAL =
  /\b(?:access|permission|denied|rejected|refused|rejete|refuse|unauthori[sz]ed|prohibited|forbidden|transaction failed|not allowed)\b/i;

/**
 * Judges a failure by what the server itself said: the enhanced code of its reply, then its words. The report's Status is
 * somebody's interpretation, and counts only where the reply leaves the question open. Words about us, the message, room or time
 * make it soft, whatever the code. Anything unclear counts as soft.
 *
 * @param status The Status field of RFC 3464, 2.3.4, or "".
 * @param words Diagnostic-Code, or what takes its place.
 */
export function diagnose(status: string, words: string): Diagnosis {
  const said = words.slice(0, 4 * MAX_WORDS).replaceAll(/\n[>\s]*|\s+/g, " ").trim().slice(
    0,
    MAX_WORDS,
  );
  const reply = QUOTED_REPLY.exec(said)?.[1] ?? said;
  const own = reply.match(ENHANCED) ?? [];
  const noted = status.match(ENHANCED) ?? [];
  const telling = own.find(isTelling) ?? (own.length === 0 ? noted : []).find(isTelling);
  const code = REPLY.exec(reply)?.[0];
  return {
    verdict: bounceVerdict({ own, noted, code, reply }),
    status: telling ?? own[0] ?? noted[0] ?? said.match(ENHANCED)?.[0],
    code: code === undefined ? undefined : Number(code),
    diagnostic: said,
  };
}

interface Evidence {
  /** Enhanced codes of the reply, and of the Status field. */
  readonly own: readonly string[];
  readonly noted: readonly string[];
  readonly code: string | undefined;
  readonly reply: string;
}

function bounceVerdict({ own, noted, code, reply }: Evidence): BounceVerdict {
  const words = readWords(reply);
  if (words === "elsewhere" || code === String(NO_ROOM) || code?.startsWith("4")) return "soft";
  const telling = own.filter(isTelling);
  if (telling.length > 0) {
    return telling.every((one) => isOfTheAddress(one, reply)) ? "hard" : "soft";
  }
  const status = noted.find(isTelling);
  if (words === "nobody-there") {
    return [...own, ...noted].some((one) => one.startsWith("4")) ||
        (status !== undefined && !isOfTheAddress(status, reply))
      ? "soft"
      : "hard";
  }
  if (status === undefined || own.length > 0 || MERE_REFUSAL.test(reply)) return "soft";
  return isOfTheAddress(status, reply) ? "hard" : "soft";
}

function isOfTheAddress(status: string, reply: string): boolean {
  if (isAddressCode(status)) return true;
  // Exchange Online's edge for unknown recipients; RFC 3463 has x.4.1 for a host that does not answer.
  return status === "5.4.1" && /\brecipient address rejected/i.test(reply);
}
