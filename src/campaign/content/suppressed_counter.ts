import type { KeySet } from "../../keys/key_set.ts";
import type { Recipient } from "../../model/recipient.ts";
import type { OpenSuppression } from "../../suppression/suppressing.ts";

/** Recipients who are looked up one by one; a lookup takes some microseconds. */
const MOST_LOOKED_UP = 20_000;

/**
 * Counts the suppressed recipients of a list, from what a scan of it finds: in a short list, each
 * recipient is looked up; in a long one, each suppressed address is looked for among the recipients, which takes a
 * second or two for a million of them.
 */
export class SuppressedCounter {
  readonly #suppression: OpenSuppression;
  readonly #keys = new Set<string>();

  constructor(suppression: OpenSuppression) {
    this.#suppression = suppression;
  }

  /** Whether anybody is suppressed at all. */
  get isNeeded(): boolean {
    const { filed, listed = 0 } = this.#suppression;
    return filed + listed > 0;
  }

  readonly onRecipient = ({ key }: Recipient): void => {
    if (this.#keys.size <= MOST_LOOKED_UP) this.#keys.add(key);
  };

  /**
   * @param scanned The keys of all recipients.
   * @param isByMailbox Whether a recipient is a mailbox; otherwise, a long list leaves the count unknown.
   */
  count(scanned: KeySet, isByMailbox: boolean): number | undefined {
    if (!this.isNeeded) return 0;
    if (this.#keys.size <= MOST_LOOKED_UP) {
      return [...this.#keys].filter((key) => this.#suppression.why(key) !== undefined).length;
    }
    return isByMailbox ? this.#suppression.countIn(scanned) : undefined;
  }
}
