/** A mail that a relay accepted. */
export interface Acceptance {
  readonly key: string;
  /** The run whose connection carried it. */
  readonly run: number;
}

/** What the relays know of a recipient. */
export interface RecipientRecord {
  /** How often a relay refused them for a reason of their own. */
  ownRefusals: number;
  /** When they were first named to a relay, ms. */
  firstAt: number | undefined;
  /** When they were last deferred, and whether for a reason of their own: not our pace, nor a relay that accepted nobody. */
  lastDeferral: { readonly at: number; readonly own: boolean } | undefined;
  /** Runs in which they were named to a relay. */
  readonly runs: Set<number>;
  /** Message-IDs of the mails that came for them, and their texts without the Date. */
  readonly messageIds: Set<string>;
  readonly texts: Set<string>;
  /** The rows of lists that name them: each makes a mail of its own. */
  readonly rows: Map<string, Listed>;
}

/** What a row of a list says about a recipient. */
export interface Listed {
  readonly name: string;
  readonly cell: string;
}

/** What the relays really did, which the ledger must agree with. */
export class GroundTruth {
  readonly acceptances: Acceptance[] = [];
  /** Commands to a relay that had ended the session with 421 (RFC 5321, 3.8), when the client knew that. */
  readonly commandsAfter421: string[] = [];
  readonly #records = new Map<string, RecipientRecord>();

  /** A list has a row for the recipient. */
  listed(key: string, { name, cell }: Listed): void {
    this.of(key).rows.set(`${name} ${cell}`, { name, cell });
  }

  /** A whole mail was read, whatever becomes of it. */
  received(key: string, text: string): void {
    const { messageIds, texts } = this.of(key);
    messageIds.add(/^Message-ID:\s*(\S+)/im.exec(text)?.[1] ?? "none");
    texts.add(text.replace(/^Date: .*$/m, ""));
  }

  accepted(key: string, run: number): void {
    this.acceptances.push({ key, run });
  }

  of(key: string): RecipientRecord {
    let record = this.#records.get(key);
    if (record === undefined) {
      record = {
        ownRefusals: 0,
        firstAt: undefined,
        lastDeferral: undefined,
        runs: new Set(),
        messageIds: new Set(),
        texts: new Set(),
        rows: new Map(),
      };
      this.#records.set(key, record);
    }
    return record;
  }

  /** Everybody who was named to a relay. */
  get named(): ReadonlyMap<string, RecipientRecord> {
    return this.#records;
  }

  /** By recipient: the runs whose mails were accepted, one entry for each mail, in order. */
  get runsThatMailed(): ReadonlyMap<string, readonly number[]> {
    const mailed = new Map<string, number[]>();
    for (const { key, run } of this.acceptances.toSorted((a, b) => a.run - b.run)) {
      mailed.set(key, [...mailed.get(key) ?? [], run]);
    }
    return mailed;
  }
}
