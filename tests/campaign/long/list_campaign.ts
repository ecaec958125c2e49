import assert from "node:assert/strict";
import { openLedgerReader } from "../../../src/ledger/sqlite/reader.ts";
import { rowsOf } from "../../ledger/ledgers.ts";
import { Campaign } from "../campaign.ts";

/** Recipients of many domains, in the order of the list. */
export function rows(count: number, from = 1): readonly string[] {
  return Array.from({ length: count }, (_, at) => `r${from + at}@d${(from + at) % 50}.test`);
}

/** A campaign for the recipients given. */
export class ListCampaign extends Campaign {
  readonly #count: number;

  constructor(recipients: readonly string[]) {
    super(0, recipients.map((address) => `${address}\n`).join(""));
    this.#count = recipients.length;
  }

  /** How many in the list are still to be mailed; asserts that all others are sent. */
  async waiting(): Promise<number> {
    const { sent = 0, queued: _queued, deferred: _deferred, ...others } = await this.states();
    assert.deepEqual(others, {});
    return this.#count - sent;
  }

  /** Those who are still waiting and have used up a try. */
  async tried(): Promise<readonly string[]> {
    using ledger = openLedgerReader(this.ledger);
    const waiting = await rowsOf(ledger, ["queued", "deferred"]);
    return waiting.filter(({ attempts }) => attempts > 0).map(({ address }) => address);
  }
}

/** Asserts that everybody got one mail, and nobody two. */
export function assertOnce(accepted: readonly string[], count: number): void {
  assert.equal(new Set(accepted).size, accepted.length, "nobody twice");
  assert.equal(accepted.length, count, "nobody lost");
}
