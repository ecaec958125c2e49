import type { Change, Ledger } from "./ledger.ts";

/** Outcomes that a failing ledger did not take. They are written once more at the end of the run. */
export class UnwrittenOutcomes {
  readonly #outcomes: Change[] = [];
  /** Of their recipients, those whose mail is on record as handed over. */
  readonly #unanswered = new Set<number>();

  /** Recipients who are in doubt in the ledger although the server has replied. */
  get lost(): number {
    return this.#unanswered.size;
  }

  /**
   * Keeps what of a failed commit is still to be written: outcomes, for a hand-over that is not on record does not happen.
   *
   * @param isHandedOver Whether a recipient's mail was handed over, in this commit or before.
   */
  keep(changes: readonly Change[], isHandedOver: (id: number) => boolean): void {
    const notOnRecord = new Set<number>();
    for (const change of changes) {
      if (change.kind === "handed-over") {
        notOnRecord.add(change.id);
        continue;
      }
      this.#outcomes.push(change);
      if (isHandedOver(change.id) && !notOnRecord.has(change.id)) this.#unanswered.add(change.id);
    }
  }

  /** The disk may have room again, or always had it for these few bytes; if not, they stay in doubt in the ledger. */
  async writeTo(ledger: Pick<Ledger, "write">): Promise<void> {
    const last = this.#outcomes.splice(0);
    if (last.length === 0) return;
    await ledger.write(last)
      .then(() => this.#unanswered.clear())
      .catch(() => this.#outcomes.push(...last));
  }
}
