import assert from "node:assert/strict";
import type { SendOptions } from "../../src/campaign/send_options.ts";
import type { StopReason } from "../../src/model/stop.ts";
import type { RetryPolicy } from "../../src/policy/retry_policy.ts";
import { relayAt } from "../smtp/fixtures.ts";
import { NEEDED, resolve } from "../support/settings.ts";
import { observe } from "./campaigns/observation.ts";
import { type Machine, SimulatedProcess } from "./campaigns/process.ts";
import { Disk } from "./campaigns/world/disk.ts";
import { Files } from "./campaigns/world/files.ts";
import { History } from "./campaigns/world/history.ts";
import { Random } from "./campaigns/world/random.ts";
import { Network } from "./campaigns/world/network.ts";
import { WorldTime } from "./campaigns/world/world_time.ts";
import { ModelledRelay } from "./modelled_relay.ts";
import { isDeliverable, type RelayModel } from "./relay_model.ts";

export interface RunSetup {
  readonly relays: readonly RelayModel[];
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
  /** When the last mail was accepted, in ms since the start of the run. */
  readonly lastTakenMs: number;
}

const BASE = (await resolve(NEEDED)).options;
const LIST = "/simulated/list.csv";
const TEMPLATE = "/simulated/mail.txt";
const TEXT = "From: Acme <news@acme.test>\nSubject: Hello\n\nHere is the news.\n";

/** The defaults of the command line. */
const POLICY: RetryPolicy = { retries: 5, retryForMs: 4 * 3_600_000, firstRetryMs: 5_000 };
const PATIENCE_MS = 3_600_000;

const NO_CLIENT = { alive: false, step: () => {} };

/**
 * A campaign with a given list and given relays. The program is the real one and runs as often as the test asks. Must be used
 * within `inTurn()`.
 */
export class Simulation implements Disposable {
  readonly #mailed = new Set<string>();
  readonly #random: Random;
  readonly #machine: Machine;
  readonly #addresses: readonly string[];

  constructor(addresses: readonly string[], seed = 1) {
    this.#addresses = addresses;
    this.#random = new Random(seed);
    const time = new WorldTime();
    this.#machine = {
      time,
      history: new History(),
      network: new Network(time, this.#random.fork()),
      files: new Files(time),
      disk: new Disk(NO_CLIENT),
    };
    this.#machine.files.write(TEMPLATE, TEXT);
    this.#machine.files.write(LIST, `Email\n${addresses.map((one) => `${one}\n`).join("")}`);
  }

  /** Runs the campaign once, to its end. Throws if anyone is mailed twice, lost, or failed for a reason that is not theirs. */
  run(given: RunSetup): Ended {
    const { time, network, disk } = this.#machine;
    const beganAt = time.now;
    const relays = given.relays.map((model) =>
      new ModelledRelay(model, { time, roundTripMs: given.roundTripMs ?? 10 }, {
        accepted: this.#mailed,
        random: this.#random.fork(),
      })
    );
    relays.forEach((relay, at) => network.listen(`${hostOf(at)}:25`, () => relay.endpoint()));
    const process = new SimulatedProcess(this.#machine, this.#random.fork(), {});
    disk.begin(process, undefined, () => {});
    const end = process.run(this.#optionsOf(given));
    disk.closeAll();
    process.alive = false;
    if (end.kind === "error") throw end.error;
    assert.equal(end.kind, "summary");
    const stopped = end.kind === "summary" ? end.summary.stop : undefined;
    this.#assertOutcomes(stopped);
    return {
      stopped,
      news: process.messages,
      durationMs: time.now - beganAt,
      lastTakenMs: Math.max(...relays.map(({ lastTakenAt }) => lastTakenAt)) - beganAt,
    };
  }

  /** How many recipients are in each state; queued and deferred ones count as waiting. */
  get counts(): Readonly<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const state of this.#states.values()) counts[state] = (counts[state] ?? 0) + 1;
    return counts;
  }

  [Symbol.dispose](): void {
    this.#machine.disk[Symbol.dispose]();
  }

  get #states(): ReadonlyMap<string, string> {
    const { rows } = observe(this.#machine.disk.ledger);
    return new Map(rows.map(({ address, state }) => {
      return [address, state === "queued" || state === "deferred" ? "waiting" : state];
    }));
  }

  #optionsOf({ relays, slots = 5, ...given }: RunSetup): SendOptions {
    return {
      ...BASE,
      campaign: "simulated",
      recipients: LIST,
      template: TEMPLATE,
      suppressionList: { path: `${this.#machine.disk.ledger}.none`, named: false },
      ledger: this.#machine.disk.ledger,
      relays: relays.map(({ name }, at) => relayAt(25, { name, host: hostOf(at) })),
      connections: slots * relays.length,
      window: given.window ?? 4,
      patienceMs: given.patienceMs ?? PATIENCE_MS,
      ...POLICY,
      ...given.policy,
    };
  }

  #assertOutcomes(stopped: StopReason | undefined): void {
    const { byKey } = observe(this.#machine.disk.ledger);
    const states = this.#states;
    const waiting = this.#addresses.filter((one) => (states.get(one) ?? "waiting") === "waiting");
    assert.ok(
      stopped === undefined || waiting.length > 0,
      `${stopped?.reason}: nobody is waiting`,
    );
    for (const address of this.#addresses) {
      const state = states.get(address) ?? "waiting";
      const reason = byKey.get(address)?.reason;
      const who = `${address} (${reason}; ${stopped?.reason ?? "done"})`;
      assert.equal(this.#mailed.has(address), state === "sent", `${who} is ${state}`);
      if (state === "failed") assert.ok(!isDeliverable(address), `${who} failed`);
      if (stopped === undefined) {
        assert.match(state, /^(?:sent|failed)$/, `${who} is still waiting`);
      }
    }
  }
}

function hostOf(at: number): string {
  return `10.0.0.${at + 1}`;
}
