import assert from "node:assert/strict";
import { relayControllersOf } from "../../src/campaign/relays/relay_controllers.ts";
import { Pacer } from "../../src/policy/pace/pacer.ts";
import { Stop, type StopReason } from "../../src/model/stop.ts";
import type { RetryPolicy } from "../../src/policy/retry_policy.ts";
import type { Reporter } from "../../src/report/reporter.ts";
import { relayAt } from "../smtp/fixtures.ts";
import { Book } from "./book.ts";
import { Consuming } from "./consuming.ts";
import { producing } from "./producing.ts";
import { isTakable, type RelayModel } from "./relay_model.ts";
import { RelayWorld } from "./relay_world.ts";
import type { Run } from "./run.ts";
import { type Actor, VirtualTime } from "./virtual_time.ts";

export interface Simulated {
  readonly relays: readonly RelayModel[];
  readonly seed?: number;
  /** Connections to each relay. */
  readonly slots?: number;
  readonly window?: number;
  readonly roundTripMs?: number;
  readonly patienceMs?: number;
  readonly policy?: Partial<RetryPolicy>;
}

/** How a simulated run ended. */
export interface Ended {
  readonly stopped: StopReason | undefined;
  readonly news: readonly string[];
  readonly durationMs: number;
  /** Mails taken, and when the last one was, by the relay's name. */
  readonly taken: ReadonlyMap<string, number>;
  readonly lastTakenMs: number;
  /** Rates that were learnt, mails a second, by the relay's name. */
  readonly rates: ReadonlyMap<string, number | undefined>;
}

/** As the command line has them. */
const POLICY: RetryPolicy = { retries: 5, retryForMs: 4 * 3_600_000, firstRetryMs: 5_000 };
const PATIENCE_MS = 3_600_000;

/** A campaign over simulated relays: the same people, one run after another, as with the ledger of a real one. */
export class Simulation {
  readonly book: Book;
  readonly #mailed = new Set<string>();
  readonly #time: VirtualTime;

  constructor(addresses: readonly string[], seed = 1) {
    this.book = new Book(addresses);
    this.#time = new VirtualTime(seed);
  }

  /** One run, to its end. Throws where somebody is mailed twice, lost, or failed without being to blame. */
  run(given: Simulated): Ended {
    const time = this.#time;
    const startedAt = time.now;
    const news: string[] = [];
    const worlds = given.relays.map((model) => new RelayWorld(model, time, this.#mailed));
    let run!: Run;
    time.run(() => {
      run = this.#runOf(given, news);
      return [producing(run), ...consuming(run, worlds, given.slots ?? 5)];
    });
    this.book.giveBack();
    const { reason: stopped } = run.stop;
    this.#assertNobodyWronged(stopped);
    return {
      stopped,
      news,
      durationMs: time.now - startedAt,
      taken: new Map(worlds.map(({ model, taken }) => [model.name, taken])),
      lastTakenMs: Math.max(...worlds.map(({ lastTakenAt }) => lastTakenAt)) - startedAt,
      rates: new Map(
        run.controllers.map(({ relay, ratePerSecond }) => [relay.name, ratePerSecond]),
      ),
    };
  }

  /** How many are in each state. */
  get counts(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const { state } of this.book.lines) counts[state] = (counts[state] ?? 0) + 1;
    return counts;
  }

  #runOf({ relays, slots: slots = 5, ...given }: Simulated, news: string[]): Run {
    const stop = new Stop();
    const say = (message: string): number => news.push(message);
    const { controllers, doubts } = relayControllersOf(
      relays.map(({ name }) => relayAt(25, { name })),
      relays.map(() => slots),
      {
        stop,
        pacer: new Pacer(),
        reporter: { info: say, warn: say } as Partial<Reporter> as Reporter,
        patienceMs: given.patienceMs ?? PATIENCE_MS,
        hadTaken: this.#mailed.size > 0,
      },
    );
    return {
      controllers,
      doubts,
      stop,
      time: this.#time,
      book: this.book,
      policy: { ...POLICY, ...given.policy },
      channel: [],
      receivers: [],
      losses: new Map(),
      window: given.window ?? 4,
      roundTripMs: given.roundTripMs ?? 10,
      closed: false,
    };
  }

  #assertNobodyWronged(stopped: StopReason | undefined): void {
    const owed = this.book.lines.filter(({ state }) => state !== "sent" && state !== "failed");
    assert.ok(
      stopped === undefined || owed.length > 0,
      `${stopped?.reason}: nobody is owed a mail`,
    );
    for (const { address, state, reason } of this.book.lines) {
      const who = `${address} (${reason}; ${stopped?.reason ?? "done"})`;
      assert.equal(this.#mailed.has(address), state === "sent", `${who} is ${state}`);
      if (state === "failed") assert.ok(!isTakable(address), `${who} failed`);
      if (stopped === undefined) assert.match(state, /^(?:sent|failed)$/, `${who} is owed a mail`);
    }
  }
}

function consuming(run: Run, worlds: readonly RelayWorld[], slots: number): Actor[] {
  return run.controllers.flatMap((controller, index) => {
    const pacer = new Pacer();
    return Array.from(
      { length: slots },
      (_, slot) => new Consuming(run, controller, worlds[index]!, pacer, slot).act(),
    );
  });
}
