import type { Attempt, DisconnectCause } from "../../model/attempt.ts";
import { negative, positive } from "../../model/reply.ts";
import type { Reply } from "../../model/reply.ts";
import { outOfOrder, type Step } from "./order.ts";

/** How the commands of a mail are written. */
export type Grouping =
  /** Each after the reply to the previous one. */
  | "one-by-one"
  /** MAIL, RCPT and DATA together (RFC 2920). */
  | "group"
  /** The same, right after another mail's final dot. */
  | "behind-dot"
  /** MAIL, RCPT, BDAT and the mail together (RFC 3030). */
  | "chunk";

type Refusal = Extract<Attempt, { kind: "refused" }>;

/** The progress of a mail's transaction (RFC 5321, 3.3), from its replies. */
export interface TransactionProgress {
  /** The reply that is awaited next. */
  readonly awaits: Step;
  readonly mailAccepted: boolean;
  readonly rcptAccepted: boolean;
  /** The first refusal: later replies do not change what became of the mail (RFC 2920, 3.1). */
  readonly refusal: Refusal | undefined;
  /** The refusal of the RSET before this mail, other than 421. */
  readonly refusedReset: Reply | undefined;
}

/** What comes next, after a reply. */
export type Next =
  /** The next command, or its reply if the command is written already. */
  | { readonly kind: "next-command" }
  /** DATA was accepted: the body, once its hand-over is on record. */
  | { readonly kind: "write-body" }
  /** DATA was accepted although RCPT had been refused: the final dot alone, an empty mail to nobody. */
  | { readonly kind: "write-dot" }
  /** The envelope again, on its own: it was refused because it followed a final dot, which says nothing about the mail. */
  | { readonly kind: "write-again" }
  /** The next mail. If this transaction is left open on the server, RSET must come before its MAIL. */
  | { readonly kind: "done"; readonly attempt: Attempt; readonly leftOpen: boolean }
  /** Nothing: the server refuses RSET, which it must not (RFC 5321, 4.1.1.5), so it accepts no more commands. */
  | { readonly kind: "reset-refused" }
  /** Nothing: the server refuses the mail before its end, and the part that is written cannot be taken back. */
  | { readonly kind: "refused-early" }
  /** Nothing: the reply does not fit what was written. `attempt` is what became of this mail, if that is known. */
  | { readonly kind: "violation"; readonly detail: string; readonly attempt?: Attempt };

export interface Advance {
  readonly progress: TransactionProgress;
  readonly next: Next;
}

const NEXT_COMMAND: Next = { kind: "next-command" };

/** No reply has come yet. */
export function freshProgress(reset: boolean): TransactionProgress {
  return {
    awaits: reset ? "rset" : "mail",
    mailAccepted: false,
    rcptAccepted: false,
    refusal: undefined,
    refusedReset: undefined,
  };
}

/** Reads the awaited reply. What a reply means for its mail is decided here and in `interrupt()`, and nowhere else. */
export function advance(progress: TransactionProgress, grouping: Grouping, reply: Reply): Advance {
  switch (progress.awaits) {
    case "rset":
      return afterReset(progress, grouping, reply);
    case "mail":
      return afterMail(progress, grouping, reply);
    case "rcpt":
      return afterRcpt(progress, grouping, reply);
    case "data":
      return afterData(progress, grouping, reply);
    case "body":
      return grouping === "chunk" ? afterChunk(progress, reply) : afterBody(progress, reply);
  }
}

/** Reads a reply that comes before the whole mail is written. A refusal counts. */
export function interrupt(progress: TransactionProgress, reply: Reply): Advance {
  if (negative(reply)) {
    return { progress: refused(progress, reply), next: { kind: "refused-early" } };
  }
  return violation(progress, `Reply ${reply.code} came before the end of the mail`);
}

/** Returns what became of a mail if no more replies come: its refusal if there was one, else that the dialogue broke. */
export function brokenOff(
  progress: TransactionProgress,
  cause: DisconnectCause,
  detail: string,
  handedOver: boolean,
): Attempt {
  const { refusal, awaits } = progress;
  return refusal ?? (handedOver ? undefined : refusalOfReset(progress)) ??
    { kind: "broken", stage: awaits, cause, handedOver, detail };
}

function afterReset(progress: TransactionProgress, grouping: Grouping, reply: Reply): Advance {
  if (intermediate(reply)) return violation(progress, `RSET was answered ${reply.code}`);
  if (reply.code === 421) return unlessRefused(refused(progress, reply), grouping);
  if (!negative(reply)) return { progress: { ...progress, awaits: "mail" }, next: NEXT_COMMAND };
  if (grouping !== "one-by-one" && outOfOrder("rset", reply)) {
    return violation(progress, `RSET was answered ${reply.code}`);
  }
  return {
    progress: { ...progress, awaits: "mail", refusedReset: reply },
    next: { kind: "reset-refused" },
  };
}

function afterMail(progress: TransactionProgress, grouping: Grouping, reply: Reply): Advance {
  if (intermediate(reply)) return violation(progress, `MAIL was answered ${reply.code}`);
  const noted = negative(reply) ? refused(progress, reply) : progress;
  return unlessRefused(
    { ...noted, awaits: "rcpt", mailAccepted: positive(reply) },
    grouping,
  );
}

function afterRcpt(progress: TransactionProgress, grouping: Grouping, reply: Reply): Advance {
  const commandUnread = grouping !== "one-by-one" && progress.mailAccepted &&
    outOfOrder("rcpt", reply);
  if (commandUnread || intermediate(reply)) {
    return violation(progress, `RCPT was answered ${reply.code}`);
  }
  const noted = negative(reply) ? refused(progress, reply) : progress;
  // BDAT has no reply before its bytes: the reply after RCPT's is about the mail.
  const awaits = grouping === "chunk" ? "body" : "data";
  return unlessRefused({ ...noted, awaits, rcptAccepted: positive(reply) }, grouping);
}

/** In a group, the commands after a refused one are already written, so their replies are awaited. */
function unlessRefused(progress: TransactionProgress, grouping: Grouping): Advance {
  const { refusal, mailAccepted } = progress;
  const next = refusal !== undefined && grouping === "one-by-one"
    ? done(refusal, mailAccepted)
    : NEXT_COMMAND;
  return { progress, next };
}

function afterData(progress: TransactionProgress, grouping: Grouping, reply: Reply): Advance {
  const { refusal, mailAccepted } = progress;
  if (negative(reply)) return afterRefusedData(progress, grouping, reply);
  if (positive(reply)) return violation(progress, `DATA was answered ${reply.code}`);
  const inBody: TransactionProgress = { ...progress, awaits: "body" };
  if (refusal === undefined) return { progress: inBody, next: { kind: "write-body" } };
  if (mailAccepted) return { progress: inBody, next: { kind: "write-dot" } };
  return violation(progress, "DATA was accepted after MAIL had been refused");
}

/** There is no body. MAIL, if it was accepted, has left a transaction open. */
function afterRefusedData(
  progress: TransactionProgress,
  grouping: Grouping,
  reply: Reply,
): Advance {
  const { refusal, mailAccepted } = progress;
  if (grouping !== "one-by-one" && refusal === undefined && outOfOrder("data", reply)) {
    return violation(progress, `DATA was answered ${reply.code} after RCPT had been accepted`);
  }
  const refusedForItsPlace = grouping === "behind-dot" && refusal?.stage === "mail" &&
    outOfOrder("mail", refusal.reply);
  if (refusedForItsPlace) return { progress: freshProgress(false), next: { kind: "write-again" } };
  const noted = refused(progress, reply);
  return { progress: noted, next: done(noted.refusal, mailAccepted) };
}

/** The final dot ends the transaction whatever the reply (RFC 5321, 4.1.1.4): nothing is left open. */
function afterBody(progress: TransactionProgress, reply: Reply): Advance {
  if (intermediate(reply)) return violation(progress, `The body was answered ${reply.code}`);
  return { progress, next: done(progress.refusal ?? judged(reply), false) };
}

/** After a refused BDAT, the server's state is indeterminate until RSET (RFC 3030, 2). */
function afterChunk(progress: TransactionProgress, reply: Reply): Advance {
  const { refusal, mailAccepted, rcptAccepted } = progress;
  if (intermediate(reply)) return violation(progress, `BDAT was answered ${reply.code}`);
  if (refusal === undefined && outOfOrder("body", reply)) {
    const detail = `BDAT was answered ${reply.code} after RCPT had been accepted`;
    // Its chunk was not accepted; what became of the chunks after it is not known yet.
    const attempt = brokenOff(progress, "out-of-step", detail, false);
    return { progress, next: { kind: "violation", detail, attempt } };
  }
  if (positive(reply) && !mailAccepted && rcptAccepted) {
    // MAIL was refused, yet a recipient and a mail were accepted: it is unknown into whose transaction.
    const detail = "BDAT was accepted after MAIL had been refused";
    return violation({ ...progress, refusal: undefined }, detail);
  }
  const attempt = refusal ?? judged(reply);
  return { progress, next: done(attempt, attempt.kind === "refused") };
}

function judged(reply: Reply): Exclude<Attempt, { kind: "broken" | "unsendable" }> {
  return positive(reply) ? { kind: "accepted", reply } : { kind: "refused", stage: "body", reply };
}

function done(attempt: Attempt, leftOpen: boolean): Next {
  return { kind: "done", attempt, leftOpen };
}

function violation(progress: TransactionProgress, detail: string): Advance {
  return { progress, next: { kind: "violation", detail } };
}

function refused(
  progress: TransactionProgress,
  reply: Reply,
): TransactionProgress & { readonly refusal: Refusal } {
  const refusal = progress.refusal ?? refusalOfReset(progress) ??
    { kind: "refused" as const, stage: progress.awaits, reply };
  return { ...progress, refusal };
}

/** If MAIL was not accepted either, the open transaction is the reason, not this mail's sender. */
function refusalOfReset({ awaits, refusedReset }: TransactionProgress): Refusal | undefined {
  if (awaits !== "mail" || refusedReset === undefined) return undefined;
  return { kind: "refused", stage: "rset", reply: refusedReset };
}

/** 3yz: fits only as the reply to DATA. */
function intermediate(reply: Reply): boolean {
  return !positive(reply) && !negative(reply);
}
