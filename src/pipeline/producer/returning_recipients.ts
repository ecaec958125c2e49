import type { Claim } from "../../ledger/ledger.ts";
import { type DueRecipient, LEFT_OUT_STATES, type LeftOut } from "../../ledger/returning.ts";
import type { Recorder } from "../../ledger/recorder.ts";
import { LONGEST_DEFERRAL_MS } from "../../model/outcome.ts";
import { SET_ASIDE } from "../../model/outcome.ts";
import { DueQueue } from "./due_queue.ts";
import type { Selection } from "./selection.ts";

/** An inclusive range of ledger rows. */
interface Rows {
  readonly from: number;
  readonly to: number;
}

/** More time than passes between finding a row and claiming it. */
const MARGIN_MS = 60_000;

/** The part of the ledger that `ReturningRecipients` uses. */
export type ReturningLedger = Pick<
  Recorder,
  | "claimDue"
  | "longestSetAside"
  | "claimSetAside"
  | "claimRows"
  | "leftOut"
  | "nextDue"
  | "inDoubt"
>;

/**
 * Recipients that the ledger returns in this run: those that wait and are due, those whom earlier runs left out, and
 * with `--in-doubt resend` those in doubt. A selection narrows them as it narrows the rows of the list.
 *
 * Without a selection, the ledger is asked who is due. With `--where`, `--only` or `--offset`, it is those found in the pass over
 * the list; and once `--limit` leaves no room, those that this run has taken. Both are kept in memory by due time, so
 * that no query to the ledger grows with the list or the run.
 */
export class ReturningRecipients {
  readonly #ledger: ReturningLedger;
  readonly #selection: Selection;
  readonly #resend: boolean;
  /** Recipients that were waiting when the list was read. */
  readonly #waiting = new DueQueue();
  /** Recipients that this run has taken and deferred. */
  readonly #again = new DueQueue();
  /** Recipients set aside: those of this run, and those found in the list, which need room. */
  readonly #aside = { own: [] as number[], inList: [] as number[] };
  /** What is left of the round of those set aside: selected recipients, or, without a selection, the ranges of rows. */
  readonly #round = { own: [] as number[], inList: [] as number[], rows: [] as Rows[] };
  /**
   * The row with which rounds begin: the recipient set aside longest ago. Otherwise each run that stops during a round
   * would try the same recipients as the run before, and never reach the others.
   */
  #first = 1;
  /** Recipients left out by earlier runs: those found in the list, or, without a selection, the place reached among all. */
  readonly #leftOut = { inList: [] as number[], state: 0, after: 0 };
  #doubted: number[] = [];
  /** Recipients in doubt since this run, which does not mail them again. */
  readonly #newlyInDoubt = new Set<number>();

  constructor(ledger: ReturningLedger, selection: Selection, resend: boolean) {
    this.#ledger = ledger;
    this.#selection = selection;
    this.#resend = resend;
  }

  /** With a selection: how many of its recipients wait. */
  get waiting(): number {
    const { own, inList } = this.#aside;
    return this.#waiting.size + this.#again.size + own.length + inList.length;
  }

  /** Looks up who is in doubt, and who was set aside longest ago. With a selection, the pass over the list finds them instead. */
  async begin(): Promise<void> {
    if (this.#selection.picks) return;
    if (this.#resend) this.#doubted = [...await this.#ledger.inDoubt()];
    this.#first = await this.#ledger.longestSetAside() ?? 1;
  }

  /** Notes a known row that the pass over the list has found. */
  found(claim: Claim & { readonly kind: "known" }, now: number): void {
    const { id, state, due } = claim;
    if (state === "in-doubt") {
      if (this.#resend && !this.#newlyInDoubt.has(id)) this.#doubted.push(id);
    } else if ((state === "invalid" || state === "skipped") && this.#selection.picks) {
      this.#leftOut.inList.push(id);
    } else if (due === SET_ASIDE && this.#selection.picks) {
      this.#aside.inList.push(id);
    } else if (due !== undefined && this.#selection.picks) {
      // Written before the clock was set back: due now, as the ledger will say a moment later.
      this.#waiting.add(id, due > now + LONGEST_DEFERRAL_MS + MARGIN_MS ? now : due);
    }
  }

  /** Notes that a recipient of this run waits again. */
  deferred(id: number, due: number): void {
    if (!this.#selection.isNarrow) return;
    if (due === SET_ASIDE) this.#aside.own.push(id);
    else this.#again.add(id, due);
  }

  /** Notes that a recipient of this run is in doubt. */
  inDoubt(id: number): void {
    if (this.#resend) this.#newlyInDoubt.add(id);
  }

  /** Claims up to `most` recipients in doubt who are to be mailed again. */
  async claimInDoubt(most: number, now: number): Promise<readonly DueRecipient[]> {
    const size = Math.min(most, this.#selection.room);
    while (size > 0 && this.#doubted.length > 0) {
      const ids = this.#doubted.splice(0, size).filter((id) => !this.#newlyInDoubt.has(id));
      const owed = await this.#ledger.claimRows("in-doubt", ids, now);
      if (owed.length > 0) return owed;
    }
    return [];
  }

  /** Claims up to `most` waiting recipients who are due. */
  async claimDue(now: number, most: number): Promise<readonly DueRecipient[]> {
    const { room, picks } = this.#selection;
    if (room > 0 && !picks) return await this.#ledger.claimDue(now, Math.min(most, room));
    const ids = this.#again.take(now, most);
    if (room > 0) ids.push(...this.#waiting.take(now, Math.min(most - ids.length, room)));
    return ids.length === 0 ? [] : await this.#ledger.claimRows("due", ids, now);
  }

  /**
   * Returns up to `most` recipients whom earlier runs left out, each of them once. Without a selection these are all in
   * the ledger, so this must come before the list is claimed; otherwise those found in it.
   *
   * @returns undefined if no more are left, or none may be taken
   */
  async nextLeftOut(most: number): Promise<readonly LeftOut[] | undefined> {
    const { room, picks } = this.#selection;
    const place = this.#leftOut;
    if (room <= 0) return undefined;
    if (picks) {
      const rows = place.inList.splice(0, most);
      return rows.length === 0 ? undefined : await this.#ledger.leftOut({ rows });
    }
    for (; place.state < LEFT_OUT_STATES.length; place.state++, place.after = 0) {
      const state = LEFT_OUT_STATES[place.state]!;
      const found = await this.#ledger.leftOut({ state, after: place.after, limit: most });
      if (found.length === 0) continue;
      place.after = found.at(-1)!.id;
      return found;
    }
    return undefined;
  }

  /** Claims some of them. */
  claimLeftOut(ids: readonly number[], now: number): Promise<readonly DueRecipient[]> {
    return this.#ledger.claimRows("left-out", ids, now);
  }

  /** Begins a round: `claimSetAside()` will return each recipient who is set aside now, once. */
  beginRound(): void {
    const { own, inList } = this.#aside;
    this.#round.own.push(...own.splice(0));
    this.#round.inList.push(...inList.splice(0));
    this.#round.rows = [
      { from: this.#first, to: Number.MAX_SAFE_INTEGER },
      { from: 1, to: this.#first - 1 },
    ];
  }

  /** Claims up to `most` recipients of the round. */
  async claimSetAside(now: number, most: number): Promise<readonly DueRecipient[]> {
    const { room, picks } = this.#selection;
    if (room > 0 && !picks) {
      for (const { rows } = this.#round; rows.length > 0; rows.shift()) {
        const { from, to } = rows[0]!;
        const owed = await this.#ledger.claimSetAside(from, to, now, Math.min(most, room));
        if (owed.length === 0) continue;
        rows[0] = { from: owed.at(-1)!.id + 1, to };
        return owed;
      }
      return [];
    }
    const ids = this.#round.own.splice(0, most);
    if (room > 0) ids.push(...this.#round.inList.splice(0, Math.min(most - ids.length, room)));
    return ids.length === 0 ? [] : await this.#ledger.claimRows("set-aside", ids, now);
  }

  /** Returns whether anybody is set aside whom this run may take. */
  async anySetAside(): Promise<boolean> {
    const { room, picks } = this.#selection;
    if (room > 0 && !picks) return await this.#ledger.longestSetAside() !== undefined;
    return this.#aside.own.length > 0 || (room > 0 && this.#aside.inList.length > 0);
  }

  /** Returns the next due time (ms since the epoch); undefined if nobody waits whom this run may take. */
  async nextDue(now: number): Promise<number | undefined> {
    const { room, picks } = this.#selection;
    if (room > 0 && !picks) return await this.#ledger.nextDue(now);
    const dues = [this.#again.next, room > 0 ? this.#waiting.next : undefined];
    const known = dues.filter((due) => due !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  }
}
