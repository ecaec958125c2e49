import assert from "node:assert/strict";
import { DueQueue } from "../../src/pipeline/producer/due_queue.ts";
import { SET_ASIDE } from "../../src/model/outcome.ts";
import { countsAsTry, type Outcome } from "../../src/model/outcome.ts";

/** What the simulated ledger holds of one recipient. */
export interface Line {
  readonly id: number;
  readonly address: string;
  state: "new" | "claimed" | "waiting" | "sent" | "failed";
  due: number;
  /** Counted tries. */
  tries: number;
  firstTriedAt: number | undefined;
  /** When it was settled last. */
  at: number;
  reason: string;
}

/** The ledger of a simulation. It outlives a run, as the real one does. */
export class Book {
  readonly lines: readonly Line[];
  /** Lines in state "claimed". */
  claimed = 0;
  /** Lines in state "waiting". */
  waiting = 0;
  #met = 0;
  #due = new DueQueue();
  #aside: number[] = [];
  #round: number[] = [];
  #first = 1;

  constructor(addresses: readonly string[]) {
    this.lines = addresses.map((address, index) => ({
      id: index + 1,
      address,
      state: "new",
      due: 0,
      tries: 0,
      firstTriedAt: undefined,
      at: 0,
      reason: "",
    }));
  }

  /** Rows of the list that were not met yet, at most so many. */
  claimNew(most: number): readonly Line[] {
    const lines = this.lines.slice(this.#met, this.#met + most);
    this.#met += lines.length;
    return lines.map((line) => this.#claim(line, "new"));
  }

  claimDue(now: number, most: number): readonly Line[] {
    return this.#due.take(now, most).map((id) => this.#claim(this.lines[id - 1]!, "waiting"));
  }

  /** In the order of the lines, from the one on that waited longest when the run began. */
  beginRound(): void {
    const ids = this.#aside.splice(0).sort((a, b) => a - b);
    const isLater = (id: number) => id >= this.#first;
    this.#round = [...ids.filter(isLater), ...ids.filter((id) => !isLater(id))];
  }

  claimSetAside(most: number): readonly Line[] {
    return this.#round.splice(0, most).map((id) => this.#claim(this.lines[id - 1]!, "waiting"));
  }

  get anySetAside(): boolean {
    return this.#aside.length > 0;
  }

  get nextDue(): number | undefined {
    return this.#due.next;
  }

  settle(id: number, outcome: Outcome, now: number): void {
    const line = this.lines[id - 1]!;
    assert.equal(line.state, "claimed", `${line.address} is settled while ${line.state}`);
    this.claimed--;
    if (countsAsTry(outcome)) line.tries++;
    line.firstTriedAt ??= now;
    line.at = now;
    line.reason = "reason" in outcome ? outcome.reason : "";
    if (outcome.state === "deferred") return this.#wait(line, outcome.notBefore);
    assert.ok(outcome.state === "sent" || outcome.state === "failed", outcome.state);
    line.state = outcome.state;
  }

  /** The run is over: what it claimed and did not settle is owed again. */
  giveBack(): void {
    for (const line of this.lines) {
      if (line.state !== "claimed") continue;
      this.claimed--;
      this.#wait(line, line.due === SET_ASIDE ? SET_ASIDE : 0);
    }
    this.#aside.push(...this.#round.splice(0));
    const aside = this.#aside.toSorted((a, b) => this.#at(a) - this.#at(b) || a - b);
    this.#first = aside[0] ?? 1;
  }

  #at(id: number): number {
    return this.lines[id - 1]!.at;
  }

  #claim(line: Line, from: Line["state"]): Line {
    assert.equal(line.state, from, `${line.address} is claimed while ${line.state}`);
    line.state = "claimed";
    if (from === "waiting") this.waiting--;
    this.claimed++;
    return line;
  }

  #wait(line: Line, due: number): void {
    line.state = "waiting";
    this.waiting++;
    line.due = due;
    if (due === SET_ASIDE) this.#aside.push(line.id);
    else this.#due.add(line.id, due);
  }
}
