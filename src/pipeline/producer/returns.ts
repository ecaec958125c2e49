import type { Claim, DueRecipient } from "../../ledger/ledger.ts";
import type { Recorder } from "../../ledger/recorder.ts";
import { LONGEST_PAUSE_MS } from "../../model/outcome.ts";
import { SET_ASIDE } from "../../model/outcome.ts";
import { DueQueue } from "./due_queue.ts";
import type { Selection } from "./selection.ts";

/** Rows of the ledger from one to another, both included. */
interface Rows {
  readonly from: number;
  readonly to: number;
}

/** Longer than it takes from meeting a row to claiming it. */
const MARGIN_MS = 60_000;

/** What `Returns` asks the ledger. */
export type ReturnsLedger = Pick<
  Recorder,
  | "claimDue"
  | "claimDueOf"
  | "longestSetAside"
  | "claimSetAside"
  | "claimSetAsideOf"
  | "claimInDoubt"
  | "nextDue"
  | "inDoubt"
>;

/**
 * Who comes back from the ledger in this run: recipients that wait and are due, and with `--in-doubt resend` those in doubt.
 * A selection narrows them as it narrows the rows of the list.
 *
 * Where nothing is chosen the ledger is asked who is due. Where recipients are chosen by `--only` or `--offset`, they are those
 * whom the pass over the list has met; and once `--limit` leaves no room, those whom this run has taken. Both are kept in memory by
 * their due times, so that no question to the ledger grows with the list or the run.
 */
export class Returns {
  readonly #ledger: ReturnsLedger;
  readonly #selection: Selection;
  readonly #resend: boolean;
  /** Waited when the list was read. */
  readonly #met = new DueQueue();
  /** Taken by this run, and deferred. */
  readonly #again = new DueQueue();
  /** Set aside: of this run, and met in the list; the second need room. */
  readonly #aside = { own: [] as number[], met: [] as number[] };
  /** What is left of the round of those set aside: recipients that were chosen, and where all are, the rows to go through. */
  readonly #round = { own: [] as number[], met: [] as number[], rows: [] as Rows[] };
  /**
   * The row with which rounds begin: that of the recipient set aside longest ago. Otherwise each run that stops in a round would
   * ask the same recipients as the run before, and never come to the others.
   */
  #first = 1;
  #doubted: number[] = [];
  /** In doubt since this run: not sent again by it. */
  readonly #newlyInDoubt = new Set<number>();

  constructor(ledger: ReturnsLedger, selection: Selection, resend: boolean) {
    this.#ledger = ledger;
    this.#selection = selection;
    this.#resend = resend;
  }

  /** Looks up who is in doubt, and who was set aside longest ago; the pass over the list brings those whom it chooses. */
  async begin(): Promise<void> {
    if (this.#selection.picks) return;
    if (this.#resend) this.#doubted = [...await this.#ledger.inDoubt()];
    this.#first = await this.#ledger.longestSetAside() ?? 1;
  }

  /** The pass over the list has met a row that the ledger knows. */
  met(claim: Claim & { readonly kind: "known" }, now: number): void {
    const { id, state, due } = claim;
    if (state === "in-doubt") {
      if (this.#resend && !this.#newlyInDoubt.has(id)) this.#doubted.push(id);
    } else if (due === SET_ASIDE && this.#selection.picks) {
      this.#aside.met.push(id);
    } else if (due !== undefined && this.#selection.picks) {
      // By a clock that has been set back since: due now, as for the ledger, which is asked a moment later.
      this.#met.add(id, due > now + LONGEST_PAUSE_MS + MARGIN_MS ? now : due);
    }
  }

  /** A recipient of this run waits again. */
  deferred(id: number, due: number): void {
    if (!this.#selection.isNarrow) return;
    if (due === SET_ASIDE) this.#aside.own.push(id);
    else this.#again.add(id, due);
  }

  /** A recipient of this run is in doubt. */
  inDoubt(id: number): void {
    if (this.#resend) this.#newlyInDoubt.add(id);
  }

  /** Claims up to `most` recipients in doubt that are to be sent to again. */
  async claimInDoubt(most: number, now: number): Promise<readonly DueRecipient[]> {
    const size = Math.min(most, this.#selection.room);
    while (size > 0 && this.#doubted.length > 0) {
      const ids = this.#doubted.splice(0, size).filter((id) => !this.#newlyInDoubt.has(id));
      const owed = await this.#ledger.claimInDoubt(ids, now);
      if (owed.length > 0) return owed;
    }
    return [];
  }

  /** Claims up to `most` recipients that wait and are due. */
  async claimDue(now: number, most: number): Promise<readonly DueRecipient[]> {
    const { room, picks } = this.#selection;
    if (room > 0 && !picks) return await this.#ledger.claimDue(now, Math.min(most, room));
    const ids = this.#again.take(now, most);
    if (room > 0) ids.push(...this.#met.take(now, Math.min(most - ids.length, room)));
    return ids.length === 0 ? [] : await this.#ledger.claimDueOf(ids, now);
  }

  /** From now on `claimSetAside()` gives each one who is set aside now, once. */
  beginRound(): void {
    const { own, met } = this.#aside;
    this.#round.own.push(...own.splice(0));
    this.#round.met.push(...met.splice(0));
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
    if (room > 0) ids.push(...this.#round.met.splice(0, Math.min(most - ids.length, room)));
    return ids.length === 0 ? [] : await this.#ledger.claimSetAsideOf(ids, now);
  }

  /** Whether anybody is set aside whom this run may take. */
  async anySetAside(): Promise<boolean> {
    const { room, picks } = this.#selection;
    if (room > 0 && !picks) return await this.#ledger.longestSetAside() !== undefined;
    return this.#aside.own.length > 0 || (room > 0 && this.#aside.met.length > 0);
  }

  /** When the next one falls due (ms since the epoch); undefined: nobody waits whom this run may take. */
  async nextDue(now: number): Promise<number | undefined> {
    const { room, picks } = this.#selection;
    if (room > 0 && !picks) return await this.#ledger.nextDue(now);
    const dues = [this.#again.next, room > 0 ? this.#met.next : undefined];
    const known = dues.filter((due) => due !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  }
}
