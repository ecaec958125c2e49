import type { Stage } from "../../src/model/attempt.ts";
import type { Reply } from "../../src/model/reply.ts";

/** What a relay does with a mail: refuses it at a stage, or drops the connection before the mail is handed over. */
export type Answer =
  | { readonly stage: Stage; readonly reply: Reply }
  | { readonly stage: Stage; readonly breaks: true };

/** What a relay knows at a step of a mail. */
export interface Moment {
  /** Empty at MAIL, before a recipient is named. */
  readonly address: string;
  /** ms since the run began. */
  readonly at: number;
  /** Mails it has accepted so far. */
  readonly taken: number;
}

/** One habit of a relay. */
export interface Habit {
  /** undefined: no objection to this mail. */
  (moment: Moment): Answer | undefined;
  /** It breaks connections. */
  readonly breaks?: boolean;
}

export interface RelayModel {
  readonly name: string;
  /** The first answer counts; without any, the mail is accepted. */
  readonly habits: readonly Habit[];
  /** The refusal of a new connection; undefined: it is accepted. */
  readonly greeting?: (at: number) => Reply | undefined;
}

/** "rcpt 550 5.1.1 No such user <%>": the stage, then the reply; `%` becomes the recipient's address. */
export function answerOf(text: string, address = ""): Answer & { readonly reply: Reply } {
  const [, stage, ...line] = /^(\w+) (\d{3}) (?:(\d\.\d+\.\d+) )?(.*)$/.exec(text)!;
  return { stage: stage as Stage, reply: replyOf(line, address) };
}

function replyOf(line: readonly (string | undefined)[], address: string): Reply {
  const [code, enhanced, text] = line;
  const filled = text!.replace("%", address);
  return { code: Number(code), enhanced, text: filled, lines: [filled] };
}

/** The kind of a recipient: its local part up to the number, as in "suppressed.7@x.test". */
export function kindOf(address: string): string {
  return address.slice(0, address.search(/[.@]/));
}

/** Gives this answer to recipients of one kind. */
export function to(kind: string, says: string): Habit {
  return ({ address }) => kindOf(address) === kind ? answerOf(says, address) : undefined;
}

/** Gives this answer to every mail while the condition holds. */
export function when(holds: (moment: Moment) => boolean, says: string): Habit {
  return (moment) => holds(moment) ? answerOf(says, moment.address) : undefined;
}

/** Accepts this many mails, then gives this answer. */
export function after(mails: number, says: string): Habit {
  return when(({ taken }) => taken >= mails, says);
}

/** Gives this answer during this period, in ms since the run began. */
export function between(from: number, until: number, says: string): Habit {
  return when(({ at }) => at >= from && at < until, says);
}

/** Accepts this many recipients in any `perMs`, and gives this answer to the others. */
export function paces(mails: number, perMs: number, says: string): Habit {
  const admitted = new Map<string, number>();
  return ({ address, at }) => {
    for (const [one, since] of admitted) if (since <= at - perMs) admitted.delete(one);
    if (address === "" || admitted.has(address)) return undefined;
    if (admitted.size >= mails) return answerOf(says, address);
    admitted.set(address, at);
    return undefined;
  };
}

/** Drops every connection during this period. */
export function breaks(from: number, until: number): Habit {
  const habit: Habit = ({ at }) =>
    at >= from && at < until ? { stage: "mail", breaks: true } : undefined;
  return Object.assign(habit, { breaks: true });
}

/** Defers recipients of this kind until `ms` after their first try. */
export function greylists(ms: number, kind: string): Habit {
  const firstAt = new Map<string, number>();
  return ({ address, at }) => {
    if (kindOf(address) !== kind) return undefined;
    if (!firstAt.has(address)) firstAt.set(address, at);
    return at - firstAt.get(address)! < ms
      ? answerOf("rcpt 450 4.7.1 Greylisted", address)
      : undefined;
  };
}

/** The refusals of recipients that no relay accepts, whoever sends. */
export const REFUSED_EVERYWHERE: readonly Habit[] = [
  to("gone", "rcpt 550 5.1.1 <%>: No such user"),
  to("plain", "rcpt 550 <%>: unknown"),
  to("suppressed", "rcpt 550 5.7.1 <%>: recipient is suppressed"),
  to("rejected", "body 554 5.6.0 <%>: content rejected"),
  to("sick", "rcpt 452 Insufficient system storage"),
  to("locked", "rcpt 451 4.3.2 Not accepting now"),
  to("full", "rcpt 452 4.2.2 Mailbox full"),
];

/** Whether a healthy relay accepts mail for this address. */
export function isDeliverable(address: string): boolean {
  const moment: Moment = { address, at: 0, taken: 0 };
  return REFUSED_EVERYWHERE.every((habit) => habit(moment) === undefined);
}
