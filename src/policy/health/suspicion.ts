import { judgeReply } from "../replies/judge_reply.ts";
import { domainOf } from "../../text/domain_of.ts";
import type { Reply } from "../../model/reply.ts";
import { likenessOf } from "./likeness.ts";
import { precedentOf, Precedents } from "./precedents.ts";
import { RowSet } from "../../keys/row_set.ts";
import type { Blame, Refusal } from "./refusal.ts";

/** So many recipients refused alike, with nobody taken since, are taken to mean us. */
const ALIKE_TO_STOP = 20;
/** The same where each refusal reads differently. */
const UNLIKE_TO_STOP = 100;
/** So many refusals of one domain, and recipients of other domains are tried before more of it. */
const OF_ONE_DOMAIN = 2;
/** So often a recipient whom this relay has refused is left to the others. */
const MOST_LEFT = 10;
/** So many recipients of suspected domains are passed over in the search for others. */
const MOST_PASSED_OVER = 1_000;
/** Codes that are told apart; further ones are taken together. */
const MOST_CODES = 64;

/** The suspicions about all relays of a run. */
export interface OtherRelays {
  /** Relays in use. */
  readonly relays: readonly Suspicion[];
  /** Relays in use, and those that were given up. */
  readonly everyRelay: readonly Suspicion[];
  /** Nobody else is left to be tried: what is not known by now will not be known in this run. */
  readonly lastRound: boolean;
  /** In the last round: a few are held back and tried after those set aside. */
  readonly othersFollow: boolean;
}

export interface Open {
  readonly domain: string;
  readonly likeness: string;
  readonly reply: Reply;
  readonly session: number;
  readonly at: number;
}

/**
 * Whether one relay refuses us or those whom it refuses. No reply says so by itself: `550 5.7.1` is a suppressed recipient
 * here and a missing login there. What happens to others does: refusals are suspicions as long as the relay takes nobody
 * else, and the recipients' own once it does.
 *
 * Pure: it is told what happened and when, and has neither clock nor socket.
 */
export class Suspicion {
  /** The relay is used no longer. */
  retired = false;
  readonly #all: OtherRelays;
  /** Refused, and nobody who came later taken since. */
  readonly #open = new Map<number, Open>();
  readonly #refused = new RowSet();
  /** Refused, while others who came later were taken; by the code of the refusal. */
  readonly #witnessed = new Map<string, RowSet>();
  readonly #alike = new Map<string, number>();
  /** How often a recipient was left to other relays. */
  readonly #left = new Map<number, number>();
  /** Domains of which a recipient was refused for its own sake, with what was said of it. */
  readonly #precedents = new Precedents();
  #taken = 0;
  #refusedFirst = 0;
  #theirs = 0;
  #passedOver = 0;

  /** @param all where it is one of; made by `Suspicions.ofRelay()` */
  constructor(all: OtherRelays) {
    this.#all = all;
  }

  /** Mails the relay has taken in this run. */
  get taken(): number {
    return this.#taken;
  }

  /** Mails taken, recipients refused (each counted once), and refusals that were found to be the recipient's own. */
  get learnt(): number {
    return this.#taken + this.#refusedFirst + this.#theirs;
  }

  /** Recipients under suspicion. */
  get size(): number {
    return this.#open.size;
  }

  /** The last refusal of those that are open. */
  get reply(): Reply | undefined {
    return [...this.#open.values()].at(-1)?.reply;
  }

  /** As far as anybody can tell the relay takes mail from us. */
  get takesMail(): boolean {
    return this.#taken > 0 && this.#open.size < 2;
  }

  /**
   * Nobody gets through: the relay refuses us. The last round asks recipients who were set aside before. That a relay which has
   * taken others refuses them alike says little, and the recipients held back are still to come.
   */
  get refusesUs(): boolean {
    const alike = this.#all.lastRound && this.#taken > 0 ? UNLIKE_TO_STOP : ALIKE_TO_STOP;
    return this.#open.size >= UNLIKE_TO_STOP ||
      [...this.#alike.values()].some((count) => count >= alike);
  }

  /**
   * The relay took a mail that was given to it at `sentAt`: what it had refused by then was not about us, nor what it had refused
   * before on the same connection. Elsewhere it may have let this one in before it began to refuse.
   */
  took({ session, sentAt }: { readonly session: number; readonly sentAt: number }): void {
    this.#taken++;
    for (const [id, open] of this.#open) {
      if (open.at > sentAt && open.session !== session) continue;
      this.#close(id);
      this.#witnessedBy(open.reply).add(id);
    }
  }

  /** The relay refused a recipient for a reason that may be us. */
  refused({ id, domain, reply, session, at }: Refusal): Blame {
    const again = this.#refused.has(id);
    const unasked = (this.#left.get(id) ?? 0) < MOST_LEFT
      ? this.#others.filter((other) => !other.#refused.has(id))
      : [];
    this.#refused.add(id);
    if (!again) this.#refusedFirst++;
    const refusal = { domain, likeness: likenessOf(reply), reply, session, at };
    const theirs = unasked.length === 0 && !this.retired && this.#isTheirs(id, again, refusal);
    this.#close(id);
    if (theirs) {
      this.#theirs++;
      this.#precedents.add(precedentOf(refusal));
      return "recipient";
    }
    this.#open.set(id, refusal);
    this.#alike.set(refusal.likeness, (this.#alike.get(refusal.likeness) ?? 0) + 1);
    return !again && unasked.some((other) => other.#mayTake(id)) ? "elsewhere" : "unclear";
  }

  /**
   * Refused here, and not yet where others are taken, or, when nobody else is left, where it was not tried: it is for that relay to
   * say. Each call counts as one time it was left; a relay that does not come to it in so many is not waited for.
   */
  leavesToOthers(id: number): boolean {
    if (!this.#refused.has(id)) return false;
    const asked = this.#others.some((other) =>
      other.#mayTake(id) && (this.#all.lastRound || other.takesMail)
    );
    if (!asked) return false;
    const times = this.#left.get(id) ?? 0;
    this.#left.set(id, times + 1);
    return times < MOST_LEFT;
  }

  /** Whether a recipient is to wait until others of other domains were tried; each call counts as one passed over. */
  passesOver(address: string): boolean {
    if (this.#open.size < OF_ONE_DOMAIN || this.#passedOver >= MOST_PASSED_OVER) return false;
    if (this.#all.lastRound) return false;
    const domain = domainOf(address);
    let [seen, ofDomain] = [0, 0];
    for (const open of this.#open.values()) {
      if (++seen > UNLIKE_TO_STOP) break;
      if (open.domain === domain) ofDomain++;
    }
    if (ofDomain < OF_ONE_DOMAIN) return false;
    this.#passedOver++;
    return true;
  }

  /** This recipient was not refused here, and it is not known that everybody is. */
  #mayTake(id: number): boolean {
    return this.#open.size < 2 && !this.#refused.has(id);
  }

  get #others(): readonly Suspicion[] {
    return this.#all.relays.filter((relay) => relay !== this);
  }

  /**
   * A second refusal by the same code is theirs when others were taken since the first, or when it is the only one left in doubt; by
   * another code it may as well be the beginning of a limit, and by that of a quota it says so. Who was passed over, as others of
   * the domain were refused, shares what was found of those: nobody else is left to be taken in between. The only one left in
   * doubt is left to the next run where a relay that had taken others was given up before it was asked.
   */
  #isTheirs(id: number, again: boolean, refusal: Open): boolean {
    if (judgeReply("rcpt", refusal.reply).kind === "limit") return false;
    const witnessed = this.#witnessedBy(refusal.reply).has(id);
    if (!this.#all.lastRound) return witnessed && this.takesMail;
    if (this.#taken === 0) return false;
    if (witnessed || this.#precedents.has(precedentOf(refusal))) {
      return this.#openBeside(refusal) < 2;
    }
    return again && !this.#all.othersFollow && this.#open.size === 1 && this.#open.has(id) &&
      this.#allWereAsked(id) &&
      judgeReply("rcpt", refusal.reply).kind === "suspicion";
  }

  /** Whether each relay that has taken mail in this run was asked about the recipient, also one that was given up since. */
  #allWereAsked(id: number): boolean {
    return this.#all.everyRelay.every((relay) => relay.#taken === 0 || relay.#refused.has(id));
  }

  #witnessedBy({ code, enhanced = "" }: Reply): RowSet {
    const told = `${code} ${enhanced}`;
    const key = this.#witnessed.has(told) || this.#witnessed.size < MOST_CODES ? told : "";
    let rows = this.#witnessed.get(key);
    if (rows === undefined) this.#witnessed.set(key, rows = new RowSet());
    return rows;
  }

  /** Refusals that are open and differ from this one, in the domain or in what was said; two are as good as many. */
  #openBeside(refusal: Open): number {
    const precedent = precedentOf(refusal);
    let count = 0;
    for (const open of this.#open.values()) {
      if (precedentOf(open) !== precedent && ++count === 2) break;
    }
    return count;
  }

  #close(id: number): void {
    const open = this.#open.get(id);
    if (open === undefined) return;
    this.#open.delete(id);
    const alike = this.#alike.get(open.likeness)! - 1;
    if (alike > 0) this.#alike.set(open.likeness, alike);
    else this.#alike.delete(open.likeness);
    if (this.#open.size === 0) this.#passedOver = 0;
  }
}
