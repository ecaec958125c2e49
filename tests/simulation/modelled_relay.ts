import assert from "node:assert/strict";
import type { Answer as Said, SessionPolicy } from "./campaigns/relays/session_policy.ts";
import { SmtpSession } from "./campaigns/relays/smtp_session.ts";
import type { Random } from "./campaigns/world/random.ts";
import type { Endpoint } from "./campaigns/world/network.ts";
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
  /** The recipients whose mail any relay has accepted, in any run. */
  readonly #accepted: Set<string>;
  readonly #random: Random;
  #taken = 0;
  /** When it accepted the last mail. */
  lastTakenAt = 0;

  constructor(
    model: RelayModel,
    { time, roundTripMs }: { readonly time: WorldTime; readonly roundTripMs: number },
    { accepted, random }: { readonly accepted: Set<string>; readonly random: Random },
  ) {
    this.#model = model;
    this.#time = time;
    this.#latencyMs = roundTripMs / 2;
    this.#beganAt = time.now;
    this.#accepted = accepted;
    this.#random = random;
  }

  /** Connections, and mails on one, differ in speed, so that they overtake one another. */
  endpoint(): Endpoint {
    const latencyMs = this.#latencyMs * (0.5 + this.#random.uniform());
    return {
      state: "open",
      profile: { latencyMs, splits: false, waits: false, cut: undefined },
      serve: (link) => new SmtpSession(this.#time, link, this.#policy(), latencyMs),
    };
  }

  #policy(): SessionPolicy {
    return {
      profile: {
        // A connection that breaks in a window of chunks would leave mails in doubt.
        offers: this.#model.habits.some(({ breaks }) => breaks) ? OFFERS : [...OFFERS, "CHUNKING"],
        ...{ acceptsEmptyData: false, refusesAfterDot: false, readsRefusedChunks: false },
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
      commandAfter421: (line) => assert.fail(`command after 421: ${line}`),
      ended: () => {},
    };
  }

  get #at(): number {
    return this.#time.now - this.#beganAt;
  }

  /** The answer of the first habit that has one for this stage. Habits depend on time, which also passes between two stages. */
  #answer(stage: Answer["stage"], address: string): Said | undefined {
    for (const habit of this.#model.habits) {
      const answer = habit({ address, at: this.#at, taken: this.#taken });
      if (answer?.stage !== stage) continue;
      return "breaks" in answer ? { say: [], then: "close" } : refusal(answer.reply);
    }
    return undefined;
  }

  #take(address: string): Said {
    assert.ok(!this.#accepted.has(address), `${address} is mailed twice`);
    this.#accepted.add(address);
    this.#taken++;
    this.lastTakenAt = this.#time.now;
    return this.#slowly("250 2.0.0 Queued");
  }

  #slowly(says: string): Said {
    return { say: [says], afterMs: this.#latencyMs * this.#random.uniform() };
  }
}

function refusal({ code, enhanced, text }: Reply): Said {
  const say = [[code, enhanced, text].filter((part) => part !== undefined).join(" ")];
  return code === 421 ? { say, then: "close" } : { say };
}
