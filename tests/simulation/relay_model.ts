import type { Stage } from "../../src/model/attempt.ts";
import type { Reply } from "../../src/model/reply.ts";

/** What a relay says to a mail: a refusal at a stage, or that the connection breaks before the mail was handed over. */
export type Answer =
  | { readonly stage: Stage; readonly reply: Reply }
  | { readonly stage: Stage; readonly breaks: true };

/** What a relay knows at a step of a mail. */
export interface Moment {
  /** Empty at MAIL, where nobody is named yet. */
  readonly address: string;
  /** ms since the run began. */
  readonly at: number;
  /** Mails it has taken so far. */
  readonly taken: number;
}

/** One habit of a relay. */
export interface Habit {
  /** undefined: nothing against this mail. */
  (moment: Moment): Answer | undefined;
  /** It breaks connections. */
  readonly breaks?: boolean;
}

export interface RelayModel {
  readonly name: string;
  /** The first answer that there is counts; without any the mail is taken. */
  readonly habits: readonly Habit[];
  /** Says to a new connection what refuses it; undefined: welcome. */
  readonly greeting?: (at: number) => Reply | undefined;
}

/** "rcpt 550 5.1.1 No such user <%>": the stage, then the reply; `%` becomes the recipient's address. */
export function answerOf(text: string, address = ""): Answer & { readonly reply: Reply } {
  const [, stage, ...line] = /^(\w+) (\d{3}) (?:(\d\.\d+\.\d+) )?(.*)$/.exec(text)!;
  return { stage: stage as Stage, reply: replyOf(line, address) };
}

function replyOf(line: readonly (string | undefined)[], address: string): Reply {
  const [code, enhanced, text] = line;
  const told = text!.replace("%", address);
  return { code: Number(code), enhanced, text: told, lines: [told] };
}

/** The kind of a recipient: its local part up to the number, as in "suppressed.7@x.test". */
export function kindOf(address: string): string {
  return address.slice(0, address.search(/[.@]/));
}

/** Says this to recipients of one kind. */
export function to(kind: string, says: string): Habit {
  return ({ address }) => kindOf(address) === kind ? answerOf(says, address) : undefined;
}

/** Says this to everybody while it holds. */
export function when(holds: (moment: Moment) => boolean, says: string): Habit {
  return (moment) => holds(moment) ? answerOf(says, moment.address) : undefined;
}

/** Takes so many mails, and then says this. */
export function after(mails: number, says: string): Habit {
  return when(({ taken }) => taken >= mails, says);
}

/** Says this from one time to another, in ms. */
export function between(from: number, until: number, says: string): Habit {
  return when(({ at }) => at >= from && at < until, says);
}

/** Lets so many recipients in within a time, and says this to those beyond. */
export function paces(mails: number, perMs: number, says: string): Habit {
  const letIn = new Map<string, number>();
  return ({ address, at }) => {
    for (const [one, since] of letIn) if (since <= at - perMs) letIn.delete(one);
    if (address === "" || letIn.has(address)) return undefined;
    if (letIn.size >= mails) return answerOf(says, address);
    letIn.set(address, at);
    return undefined;
  };
}

/** Breaks each connection from one time to another. */
export function breaks(from: number, until: number): Habit {
  const habit: Habit = ({ at }) =>
    at >= from && at < until ? { stage: "mail", breaks: true } : undefined;
  return Object.assign(habit, { breaks: true });
}

/** Puts a recipient off until so long after its first try. */
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

/** No relay takes these, whoever sends. */
export const NOBODY: readonly Habit[] = [
  to("gone", "rcpt 550 5.1.1 <%>: No such user"),
  to("plain", "rcpt 550 <%>: unknown"),
  to("suppressed", "rcpt 550 5.7.1 <%>: recipient is suppressed"),
  to("rejected", "body 554 5.6.0 <%>: content rejected"),
  to("sick", "rcpt 452 Insufficient system storage"),
  to("locked", "rcpt 451 4.3.2 Not accepting now"),
  to("full", "rcpt 452 4.2.2 Mailbox full"),
];

/** Whether a relay that is in order takes mail for this address. */
export function isTakable(address: string): boolean {
  const moment: Moment = { address, at: 0, taken: 0 };
  return NOBODY.every((habit) => habit(moment) === undefined);
}
