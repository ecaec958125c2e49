import type { Change, Ledger } from "../ledger.ts";

/** Outcomes that could not be written to a failing ledger. Writing them is tried once more at the end of the run. */
export class UnwrittenOutcomes {
  readonly #outcomes: Change[] = [];
  /** The recipients among them whose mail is on record as handed over. */
  readonly #unanswered = new Set<number>();

  /** The number of recipients who are in doubt in the ledger although the server has replied. */
  get lost(): number {
    return this.#unanswered.size;
  }

  /**
   * Keeps the outcomes of a failed commit. Hand-overs need not be kept, because one that is not on record does not
   * happen.
   *
   * @param isHandedOver Tells whether a recipient's mail was handed over, in this commit or before.
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

  /**
   * Tries to write them again, since the disk may have room for these few bytes. If it fails, they stay in doubt in the
   * ledger.
   */
  async writeTo(ledger: Pick<Ledger, "write">): Promise<void> {
    const last = this.#outcomes.splice(0);
    if (last.length === 0) return;
    await ledger.write(last)
      .then(() => this.#unanswered.clear())
      .catch(() => this.#outcomes.push(...last));
  }
}
