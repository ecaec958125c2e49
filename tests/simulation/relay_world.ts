import assert from "node:assert/strict";
import type { Attempt } from "../../src/model/attempt.ts";
import { answerOf, type RelayModel } from "./relay_model.ts";
import type { VirtualTime } from "./virtual_time.ts";

/** A connection to a relay that is simulated: replies come in the order of the mails. */
export interface Line {
  dead: boolean;
  arrivesAt: number;
  heardAt: number;
}

/** One relay at work. */
export class RelayWorld {
  readonly model: RelayModel;
  readonly #time: VirtualTime;
  readonly #startedAt: number;
  /** Whom any relay of the world has taken. */
  readonly #everybody: Set<string>;
  taken = 0;
  /** When it took the last mail, ms. */
  lastTakenAt = 0;

  constructor(model: RelayModel, time: VirtualTime, everybody: Set<string>) {
    this.model = model;
    this.#time = time;
    this.#startedAt = time.now;
    this.#everybody = everybody;
  }

  get at(): number {
    return this.#time.now - this.#startedAt;
  }

  /** Gives it a mail; `heard` is called when what became of it is known. */
  send(line: Line, address: string, roundTripMs: number, heard: (attempt: Attempt) => void): void {
    const way = () => roundTripMs / 2 * (0.5 + this.#time.random());
    line.arrivesAt = Math.max(line.arrivesAt, this.#time.now + way());
    this.#time.at(line.arrivesAt, () => {
      const attempt = this.#receive(line, address);
      line.heardAt = Math.max(line.heardAt, this.#time.now + way());
      this.#time.at(line.heardAt, () => heard(attempt));
    });
  }

  #receive(line: Line, address: string): Attempt {
    if (line.dead) return broken("closed");
    for (const habit of this.model.habits) {
      const answer = habit({ address, at: this.at, taken: this.taken });
      if (answer === undefined) continue;
      line.dead = "breaks" in answer || answer.reply.code === 421;
      return "breaks" in answer ? broken("closed") : { kind: "refused", ...answer };
    }
    assert.ok(!this.#everybody.has(address), `${address} is mailed twice`);
    this.#everybody.add(address);
    this.taken++;
    this.lastTakenAt = this.#time.now;
    return { kind: "accepted", reply: answerOf("body 250 2.0.0 queued").reply };
  }
}

function broken(cause: "closed"): Attempt {
  return { kind: "broken", stage: "mail", cause, handedOver: false, detail: "connection closed" };
}
