import type { Composer } from "../../compose/composer.ts";
import { KeySet } from "../../keys/key_set.ts";
import { copiesOf } from "../../list/copies.ts";
import type { Scan } from "../../model/scan.ts";
import type { Recipient } from "../../model/recipient.ts";

/** What the template says about the rows: the columns that it cannot do without, and who gets copies. */
export type ListReader = Pick<Composer, "required" | "copies">;

/** Counts the copies of the mails of a list, for the plan. */
export class CopyCount {
  readonly #composer: Pick<Composer, "copies">;
  /** Recipients so far: a duplicate gets no mail, so there are no copies of it. */
  readonly #keys = new KeySet();
  copies = 0;

  constructor(composer: Pick<Composer, "copies">) {
    this.#composer = composer;
  }

  /** Whether anybody gets copies. */
  get isAny(): boolean {
    return this.#composer.copies !== undefined;
  }

  /** A scan with the number of copies, if anybody gets any. */
  addTo(scan: Scan): Scan {
    return this.isAny ? { ...scan, copies: this.copies } : scan;
  }

  /** Counts the copies of a recipient's mail and returns them. */
  onRecipient(recipient: Recipient): readonly Recipient[] {
    if (!this.isAny || !this.#keys.add(recipient.key)) return [];
    const named = copiesOf(recipient, this.#composer);
    if ("kind" in named) return [];
    this.copies += named.length;
    return named;
  }
}
