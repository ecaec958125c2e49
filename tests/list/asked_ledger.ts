import type { ReturningLedger } from "../../src/pipeline/producer/returning_recipients.ts";
import type {
  DueRecipient,
  LeftOut,
  LeftOutPlace,
  ReturningKind,
} from "../../src/ledger/returning.ts";
import { recipient } from "../ledger/ledgers.ts";

/** The current time in these tests; queries are noted by their distance from it. */
export const NOW = 1_000_000_000;

/** Rows that are waiting, set aside (longest ago last), in doubt, and left out by an earlier run. */
interface Rows {
  readonly due?: number[];
  aside?: number[];
  doubted?: number[];
  invalid?: number[];
  skipped?: number[];
}

const ASKED: Readonly<Record<ReturningKind, string>> = {
  "due": "due of",
  "set-aside": "aside of",
  "in-doubt": "in doubt",
  "left-out": "left out",
};

/** A ledger that notes its queries, and claims whichever rows are requested, or these rows. */
export class AskedLedger implements ReturningLedger {
  readonly questions: string[] = [];
  readonly rows: Rows;

  constructor(rows: Rows = {}) {
    this.rows = rows;
  }

  claimDue(now: number, limit: number): Promise<readonly DueRecipient[]> {
    return this.#answer(`due at ${now - NOW}, ${limit}`, this.rows.due?.splice(0, limit));
  }

  longestSetAside(): Promise<number | undefined> {
    this.questions.push("longest");
    return Promise.resolve(this.rows.aside?.at(-1));
  }

  claimSetAside(
    from: number,
    to: number,
    now: number,
    limit: number,
  ): Promise<readonly DueRecipient[]> {
    const last = to === Number.MAX_SAFE_INTEGER ? "the end" : to;
    const found = (this.rows.aside ?? []).filter((id) => id >= from && id <= to)
      .sort((a, b) => a - b).slice(0, limit);
    this.rows.aside = this.rows.aside?.filter((id) => !found.includes(id)) ?? [];
    return this.#answer(`aside ${from} to ${last} at ${now - NOW}, ${limit}`, found);
  }

  claimRows(
    kind: ReturningKind,
    ids: readonly number[],
    now: number,
  ): Promise<readonly DueRecipient[]> {
    const { doubted } = this.rows;
    const found = kind !== "in-doubt" || doubted === undefined
      ? ids
      : ids.filter((id) => doubted.includes(id));
    return this.#answer(`${ASKED[kind]} ${ids} at ${now - NOW}`, found);
  }

  leftOut(place: LeftOutPlace): Promise<readonly LeftOut[]> {
    const isPage = "state" in place;
    this.questions.push(
      isPage ? `${place.state} after ${place.after}, ${place.limit}` : `judged of ${place.rows}`,
    );
    const state = isPage ? place.state : "invalid";
    const found = isPage
      ? (this.rows[state] ?? []).filter((id) => id > place.after).slice(0, place.limit)
      : place.rows;
    return Promise.resolve(
      found.map((id) => ({ id, recipient: recipient(id), state, reason: "No file" })),
    );
  }

  nextDue(now: number): Promise<number | undefined> {
    this.questions.push(`next at ${now - NOW}`);
    return Promise.resolve(NOW + 77);
  }

  inDoubt(): Promise<readonly number[]> {
    this.questions.push("in doubt");
    return Promise.resolve(this.rows.doubted ?? []);
  }

  #answer(question: string, ids: readonly number[] = []): Promise<readonly DueRecipient[]> {
    this.questions.push(question);
    return Promise.resolve(
      ids.map((id) => ({ id, recipient: recipient(id), attempts: 1, firstTriedAt: undefined })),
    );
  }
}
