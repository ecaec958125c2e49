/** A mail that a relay took. */
export interface Acceptance {
  readonly key: string;
  /** The run whose connection carried it. */
  readonly run: number;
}

/** What the relays know of a recipient. */
export interface Dossier {
  /** Times a relay refused him for his own sake. */
  ownNo: number;
  /** When he was first named to a relay, ms. */
  firstAt: number | undefined;
  /** When he was last put off, and whether for his own sake: not for our pace, nor as the relay took nobody. */
  putOff: { readonly at: number; readonly own: boolean } | undefined;
  /** Runs in which he was named to a relay. */
  readonly runs: Set<number>;
  /** Message-IDs of the mails that came for him, and their texts without the Date. */
  readonly messageIds: Set<string>;
  readonly texts: Set<string>;
  /** Rows of lists that name him: each makes another mail. */
  readonly rows: Set<string>;
}

/** What the relays did: the truth that the ledger is judged by. */
export class Truth {
  readonly acceptances: Acceptance[] = [];
  /** What was said to a relay that had ended the session with 421 (RFC 5321, 3.8), when that was known. */
  readonly rudeness: string[] = [];
  readonly #dossiers = new Map<string, Dossier>();

  /** A list has a row for him. */
  listed(key: string, row: string): void {
    this.of(key).rows.add(row);
  }

  /** A whole mail was read, whatever becomes of it. */
  came(key: string, text: string): void {
    const { messageIds, texts } = this.of(key);
    messageIds.add(/^Message-ID:\s*(\S+)/im.exec(text)?.[1] ?? "none");
    texts.add(text.replace(/^Date: .*$/m, ""));
  }

  accepted(key: string, run: number): void {
    this.acceptances.push({ key, run });
  }

  of(key: string): Dossier {
    let dossier = this.#dossiers.get(key);
    if (dossier === undefined) {
      dossier = {
        ownNo: 0,
        firstAt: undefined,
        putOff: undefined,
        runs: new Set(),
        messageIds: new Set(),
        texts: new Set(),
        rows: new Set(),
      };
      this.#dossiers.set(key, dossier);
    }
    return dossier;
  }

  /** Everybody who was named to a relay. */
  get named(): ReadonlyMap<string, Dossier> {
    return this.#dossiers;
  }

  /** How often each recipient's mail was taken. */
  get counts(): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const { key } of this.acceptances) counts.set(key, (counts.get(key) ?? 0) + 1);
    return counts;
  }
}
