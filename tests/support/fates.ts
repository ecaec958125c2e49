/**
 * What the counting server does with a mail, if the recipient's local part determines it: "refused-rcpt.7@x.test" is refused
 * at RCPT. The part after the dot distinguishes recipients; any other local part is accepted.
 */

/** Where in the dialogue a mail is answered. With CHUNKING there is no DATA: what is refused there is refused with the body. */
export type FateStage = "rcpt" | "data" | "body";

interface Refusal {
  readonly at: FateStage;
  readonly reply: string;
}

const REFUSALS: ReadonlyMap<string, Refusal> = new Map([
  ["refused-rcpt", { at: "rcpt", reply: "550 5.1.1 No such user" }],
  ["refused-data", { at: "data", reply: "554 5.2.1 Mailbox disabled" }],
  ["refused-body", { at: "body", reply: "552 5.2.2 Mailbox full" }],
  // Not about the mailbox: it may be about us, if every recipient gets it.
  ["refused-message", { at: "body", reply: "554 5.6.1 Content not supported" }],
]);

const LATER: Readonly<Record<string, string>> = {
  rcpt: "450 4.2.1 Mailbox busy",
  body: "451 4.2.0 Mailbox locked",
};

/** The server's side, which counts how often it has answered "later". */
export class Fates {
  /** Temporary refusals so far, by address. */
  readonly #laters = new Map<string, number>();

  /** @param log What an earlier process of this server has written down. */
  constructor(log: string) {
    for (const [, address] of log.matchAll(/^later \d+ (.*)$/gm)) this.#count(address!);
  }

  /** The refusal of this recipient at this stage, or undefined. */
  refusal(
    address: string,
    at: FateStage,
  ): { what: "refused" | "later"; reply: string } | undefined {
    const fate = fateOf(address);
    const refusal = REFUSALS.get(fate);
    if (refusal !== undefined) {
      return refusal.at === at ? { what: "refused", reply: refusal.reply } : undefined;
    }
    const [, times, stage] = /^later(\d+)-(rcpt|body)$/.exec(fate) ?? [];
    if (stage !== at || (this.#laters.get(keyOf(address)) ?? 0) >= Number(times)) return undefined;
    this.#count(address);
    return { what: "later", reply: LATER[stage]! };
  }

  /** Whether the connection is cut right after this mail, with the mail accepted or not; undefined if it is not cut. */
  cut(address: string): "taken" | "lost" | undefined {
    const [, how] = /^cut-(taken|lost)$/.exec(fateOf(address)) ?? [];
    return how as "taken" | "lost" | undefined;
  }

  #count(address: string): void {
    this.#laters.set(keyOf(address), (this.#laters.get(keyOf(address)) ?? 0) + 1);
  }
}

function keyOf(address: string): string {
  return address.toLowerCase();
}

function fateOf(address: string): string {
  return keyOf(address).split(/[.@]/, 1)[0]!;
}
