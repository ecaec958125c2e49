import assert from "node:assert/strict";
import type { Answer as Said, SessionPolicy } from "./campaigns/relays/session_policy.ts";
import { SmtpSession } from "./campaigns/relays/smtp_session.ts";
import type { Lots } from "./campaigns/world/lots.ts";
import type { Door } from "./campaigns/world/network.ts";
import type { WorldTime } from "./campaigns/world/world_time.ts";
import type { Answer, RelayModel } from "./relay_model.ts";
import type { Reply } from "../../src/model/reply.ts";

const OFFERS = ["ENHANCEDSTATUSCODES", "PIPELINING"];

/** A relay of a simulated run that does what its model says, mail by mail. */
export class ModelledRelay {
  readonly #model: RelayModel;
  readonly #time: WorldTime;
  readonly #latencyMs: number;
  readonly #beganAt: number;
  /** Whom any relay of any run has taken. */
  readonly #everybody: Set<string>;
  readonly #lots: Lots;
  #taken = 0;
  /** When it took the last mail. */
  lastTakenAt = 0;

  constructor(
    model: RelayModel,
    { time, roundTripMs }: { readonly time: WorldTime; readonly roundTripMs: number },
    { everybody, lots }: { readonly everybody: Set<string>; readonly lots: Lots },
  ) {
    this.#model = model;
    this.#time = time;
    this.#latencyMs = roundTripMs / 2;
    this.#beganAt = time.now;
    this.#everybody = everybody;
    this.#lots = lots;
  }

  /** No two connections are as fast, nor two mails on one, so that they overtake one another. */
  door(): Door {
    const latencyMs = this.#latencyMs * (0.5 + this.#lots.uniform());
    return {
      state: "open",
      nature: { latencyMs, splits: false, waits: false, cut: undefined },
      serve: (link) => new SmtpSession(this.#time, link, this.#policy(), latencyMs),
    };
  }

  #policy(): SessionPolicy {
    return {
      nature: {
        // What is behind a chunk when the connection breaks would be in doubt.
        offers: this.#model.habits.some(({ breaks }) => breaks) ? OFFERS : [...OFFERS, "CHUNKING"],
        ...{ letsInData: false, refusesBehindDot: false, readsRefusedChunks: false },
        lingers: false,
      },
      greeting: () => {
        const refused = this.#model.greeting?.(this.#at);
        return refused === undefined ? { say: ["220 relay.test ESMTP"] } : refusal(refused);
      },
      mail: () => this.#answer("mail", "") ?? this.#slowly("250 2.1.0 OK"),
      rcpt: (address) => this.#answer("rcpt", address) ?? { say: ["250 2.1.5 OK"] },
      body: (address) => this.#answer("body", address) ?? this.#take(address),
      heard: () => {},
      spokenToAfterAll: (line) => assert.fail(`spoken to after 421: ${line}`),
      ended: () => {},
    };
  }

  get #at(): number {
    return this.#time.now - this.#beganAt;
  }

  /** What it says at a stage: the first habit that has anything to say there. Habits change with time, also between two stages. */
  #answer(stage: Answer["stage"], address: string): Said | undefined {
    for (const habit of this.#model.habits) {
      const answer = habit({ address, at: this.#at, taken: this.#taken });
      if (answer?.stage !== stage) continue;
      return "breaks" in answer ? { say: [], then: "close" } : refusal(answer.reply);
    }
    return undefined;
  }

  #take(address: string): Said {
    assert.ok(!this.#everybody.has(address), `${address} is mailed twice`);
    this.#everybody.add(address);
    this.#taken++;
    this.lastTakenAt = this.#time.now;
    return this.#slowly("250 2.0.0 Queued");
  }

  #slowly(says: string): Said {
    return { say: [says], afterMs: this.#latencyMs * this.#lots.uniform() };
  }
}

function refusal({ code, enhanced, text }: Reply): Said {
  const say = [[code, enhanced, text].filter((part) => part !== undefined).join(" ")];
  return code === 421 ? { say, then: "close" } : { say };
}
