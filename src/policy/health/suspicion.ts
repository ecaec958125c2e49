import { judgeReply } from "../replies/judge_reply.ts";
import { domainOf } from "../../text/domain_of.ts";
import type { Reply } from "../../model/reply.ts";
import { likenessOf } from "./likeness.ts";
import { precedentOf, Precedents } from "./precedents.ts";
import { RowSet } from "../../keys/row_set.ts";
import type { Blame, Refusal } from "./refusal.ts";

/** This many recipients refused alike, with nobody accepted since, mean that the relay refuses us. */
const ALIKE_TO_STOP = 20;
/** The same if each refusal reads differently. */
const UNLIKE_TO_STOP = 100;
/** After this many refusals of one domain, recipients of other domains are tried first. */
const OF_ONE_DOMAIN = 2;
/** Most times that a recipient refused by this relay is left to the others. */
const MOST_LEFT = 10;
/** Most recipients of suspected domains that are passed over in search of others. */
const MOST_PASSED_OVER = 1_000;
/** Codes that are distinguished; further ones count as one. */
const MOST_CODES = 64;

/** The suspicions about all relays of a run. */
export interface OtherRelays {
  /** Relays in use. */
  readonly relays: readonly Suspicion[];
  /** All relays, including those that were given up. */
  readonly everyRelay: readonly Suspicion[];
  /** Nobody else is left to try: whatever is still unknown will stay unknown in this run. */
  readonly lastRound: boolean;
  /** In the last round, a few recipients are held back and tried after those set aside. */
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
 * Determines whether a relay refuses us or only certain recipients. No reply tells by itself: `550 5.7.1` is a
 * suppressed recipient at one relay and a missing login at another. What happens to others does: refusals are
 * suspicions while the relay accepts nobody else, and the recipients' own once it does.
 *
 * Pure: it is told what happened and when, and uses no clock or socket.
 */
export class Suspicion {
  /** Whether the relay is no longer used. */
  retired = false;
  readonly #all: OtherRelays;
  /** Refused recipients since whom nobody was accepted. */
  readonly #open = new Map<number, Open>();
  readonly #refused = new RowSet();
  /** Refused recipients after whom others were accepted, by the code of the refusal. */
  readonly #witnessed = new Map<string, RowSet>();
  readonly #alike = new Map<string, number>();
  /** How often each recipient was left to other relays. */
  readonly #left = new Map<number, number>();
  /** Domain and reply of refusals that were the recipient's own. */
  readonly #precedents = new Precedents();
  #taken = 0;
  #refusedFirst = 0;
  #theirs = 0;
  #passedOver = 0;

  /** @param all the suspicions that this one belongs to; see `RunSuspicions.ofRelay()` */
  constructor(all: OtherRelays) {
    this.#all = all;
  }

  /** Mails the relay has accepted in this run. */
  get taken(): number {
    return this.#taken;
  }

  /** Counts mails accepted, recipients refused (each once), and refusals attributed to the recipient. */
  get learnt(): number {
    return this.#taken + this.#refusedFirst + this.#theirs;
  }

  /** Recipients under suspicion. */
  get size(): number {
    return this.#open.size;
  }

  /** The last open refusal. */
  get reply(): Reply | undefined {
    return [...this.#open.values()].at(-1)?.reply;
  }

  /** Whether the relay, as far as known, accepts mail from us. */
  get takesMail(): boolean {
    return this.#taken > 0 && this.#open.size < 2;
  }

  /**
   * Whether the relay refuses us, because nobody gets through. The last round retries recipients who were set aside. If
   * a relay that has accepted others refuses them alike, that says little, and the recipients held back are still to
   * come.
   */
  get refusesUs(): boolean {
    const alike = this.#all.lastRound && this.#taken > 0 ? UNLIKE_TO_STOP : ALIKE_TO_STOP;
    return this.#open.size >= UNLIKE_TO_STOP ||
      [...this.#alike.values()].some((count) => count >= alike);
  }

  /**
   * Notes that the relay accepted a mail given to it at `sentAt`. Refusals before that time, or earlier on the same
   * connection, were not about us. On other connections, this mail may have been accepted before the relay began to
   * refuse.
   */
  took({ session, sentAt }: { readonly session: number; readonly sentAt: number }): void {
    this.#taken++;
    for (const [id, open] of this.#open) {
      if (open.at > sentAt && open.session !== session) continue;
      this.#close(id);
      this.#witnessedBy(open.reply).add(id);
    }
  }

  /** Notes that the relay refused a recipient for a reason that may be us. */
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
   * Returns whether a recipient refused here is left to another relay that has not been tried yet: one that accepts
   * others, or, in the last round, any. Each call counts; after `MOST_LEFT` of them the other relay is no longer waited
   * for.
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

  /** Returns whether a recipient must wait until other domains have been tried; each call counts as one passed over. */
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

  /** Returns whether this relay may accept the recipient: it has not refused it, and does not seem to refuse everybody. */
  #mayTake(id: number): boolean {
    return this.#open.size < 2 && !this.#refused.has(id);
  }

  get #others(): readonly Suspicion[] {
    return this.#all.relays.filter((relay) => relay !== this);
  }

  /**
   * Returns whether a refusal is the recipient's own. A second refusal with the same code is, if others were accepted
   * since the first, or if it is the only open one. With another code it may be the start of a limit, and with a quota's
   * code it is one. A recipient who was passed over because others of the domain were refused shares the result for
   * those, since nobody else is left to be accepted in between. The only open one is left to the next run if a relay
   * that had accepted others was given up before it was tried there.
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

  /**
   * Returns whether the recipient was tried at every relay that has accepted mail in this run, including those given up
   * since.
   */
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

  /** Counts open refusals that differ from this one in domain or text, up to two. */
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
