import type { LedgerRow } from "../ledger/ledger.ts";
import { mailboxKeyOf } from "../model/recipient.ts";
import { escapeLine } from "../text/escape.ts";
import { isAddressCode, isTelling, NO_ROOM } from "./reading/address_codes.ts";

/** Why a recipient whom the relay refused may still be reached by another mail. */
export type LeftBecause =
  /** The relay did not refuse the address: it refused the mail, or a report came later. */
  | "not-at-rcpt"
  /** A 4yz reply, or none: the tries ran out. */
  | "temporary"
  /** 5.7.x: about us, the mail or the server. */
  | "policy"
  /** The mailbox is full, or the mail too large for it. */
  | "no-room"
  /** No enhanced code, or one that says nothing definite. */
  | "unclear"
  /** A code about something else, such as the sender. */
  | "other";

/** What a failed recipient's last reply says about the address. */
export type RefusalVerdict = "address" | LeftBecause;

/** An address that the relay refused for good. */
export interface RefusedAddress {
  /** Of the mailbox. */
  readonly key: string;
  /** Milliseconds since the epoch; undefined: unknown. */
  readonly at: number | undefined;
  /** The reply: "550 5.1.1 No such user". */
  readonly reply: string;
}

/** Full mailbox, message too long for it, message too big (RFC 3463, 3.3 and 3.4). */
const ABOUT_ROOM = ["5.2.2", "5.2.3", "5.3.4"];

/**
 * Judges the refusal of a recipient by the table that bounces are judged by, so that the same code means the same in a
 * report and in a reply. Here a reply's words never count: only its codes do.
 */
export function judgeRefusal(
  { stage, code, enhanced }: Pick<LedgerRow, "stage" | "code" | "enhanced">,
): RefusalVerdict {
  if (stage !== "rcpt") return "not-at-rcpt";
  if (code === undefined || code < 500 || enhanced?.startsWith("4.")) return "temporary";
  if (code === NO_ROOM) return "no-room";
  if (enhanced === undefined) return "unclear";
  if (isAddressCode(enhanced)) return "address";
  if (ABOUT_ROOM.includes(enhanced)) return "no-room";
  if (enhanced.startsWith("5.7.")) return "policy";
  return isTelling(enhanced) ? "other" : "unclear";
}

/** Returns the address of a failed recipient, with the reply as the reason. */
export function refusedAddress({ key, at, code, enhanced, reply }: LedgerRow): RefusedAddress {
  const words = [code, enhanced, reply?.replaceAll(/\s+/g, " ")].filter(Boolean).join(" ");
  return { key: mailboxKeyOf(key ?? ""), at, reply: escapeLine(words) };
}
