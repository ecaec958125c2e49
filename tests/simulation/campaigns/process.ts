import { createHash } from "node:crypto";
import { runCampaign } from "../../../src/campaign/run.ts";
import type { SendOptions } from "../../../src/campaign/send_options.ts";
import type { Reporter } from "../../../src/report/reporter.ts";
import type { Summary } from "../../../src/report/summary.ts";
import { useClock } from "../../../src/time/clock.ts";
import type { Disk } from "./world/disk.ts";
import type { Files } from "./world/files.ts";
import type { History } from "./world/history.ts";
import { type Client, onTheWayTo } from "./world/link_profile.ts";
import type { Random } from "./world/random.ts";
import type { Network } from "./world/network.ts";
import { settle } from "./world/turns.ts";
import type { WorldTime } from "./world/world_time.ts";

/** What a process runs on. */
export interface Machine {
  readonly time: WorldTime;
  readonly network: Network;
  readonly files: Files;
  readonly disk: Disk;
  readonly history: History;
}

/** What happens to a process from outside. A read is one step; a write or a commit is two, one before and one after it. */
export interface Interference {
  /** It is killed at this step; `machine`: the machine fails as well, so that nothing closes its connections. */
  readonly kill?: { readonly step: number; readonly machine: boolean } | undefined;
  /** SIGINT at this step, and perhaps a second one this much later. */
  readonly signal?: { readonly step: number; readonly againMs: number | undefined } | undefined;
  /** The files are changed at this step. */
  readonly edit?: { readonly step: number; readonly does: () => void } | undefined;
  /** Another process is started on the same ledger at this step. */
  readonly intrusion?: { readonly step: number; readonly does: () => void } | undefined;
  /** How far the wall clock is off, in ms. */
  readonly skewMs?: number;
}

/** How a process ended. */
export type End =
  | { readonly kind: "summary"; readonly summary: Summary }
  | { readonly kind: "error"; readonly error: unknown }
  | { readonly kind: "killed" };

/** What a process that ended by itself left behind. */
export interface Leftovers {
  readonly timers: number;
  readonly connections: number;
  readonly files: number;
  readonly listeners: number;
}

/** No run takes this long, in virtual time or in events. */
const LONGEST_MS = 6 * 3_600_000;
const MOST_EVENTS = 3_000_000;

/** One process that runs a campaign: the program itself, from `runCampaign()` on, with everything around it simulated. */
export class SimulatedProcess implements Client {
  alive = true;
  /** Steps so far. */
  steps = 0;
  /** When the first signal came, in virtual time. */
  signalledAt: number | undefined;
  /** Messages to the user. */
  readonly messages: string[] = [];
  /** What the plan said about the previous run. */
  changes: readonly string[] | undefined;
  readonly #machine: Machine;
  readonly #interference: Interference;
  readonly #stop = new AbortController();
  readonly #random: Random;
  #listeners = 0;
  #second: (() => void) | undefined;

  constructor(machine: Machine, random: Random, interference: Interference) {
    this.#machine = machine;
    this.#random = random;
    this.#interference = interference;
    this.#countListeners(this.#stop.signal);
  }

  step(what: string): void {
    if (!this.alive) return;
    this.steps++;
    const { kill, signal, edit, intrusion } = this.#interference;
    if (edit?.step === this.steps) edit.does();
    if (intrusion?.step === this.steps) intrusion.does();
    if (signal?.step === this.steps) this.#signal(signal.againMs);
    if (kill?.step === this.steps) this.#die(what, kill.machine);
  }

  /** Runs until the program ends or is killed. */
  run(options: SendOptions): End {
    const { time, history } = this.#machine;
    const began = time.now;
    using installed = this.#install();
    void installed;
    let end: End | undefined;
    runCampaign(options, this.#dependencies()).then(
      (summary) => end = { kind: "summary", summary },
      (error) => end = { kind: "error", error },
    );
    settle();
    for (let events = 0; end === undefined && this.alive; events++) {
      if (time.step() === undefined) throw new Error("The run waits for an event that never comes");
      settle();
      if (events > MOST_EVENTS || time.now - began > LONGEST_MS) {
        throw new Error(`The run does not end: ${events} events, ${time.now - began} ms`);
      }
    }
    if (!this.alive) end = { kind: "killed" };
    history.note(time.now, `end: ${described(end!)}`);
    return end!;
  }

  get leftovers(): Leftovers {
    const { time, network, disk } = this.#machine;
    return {
      timers: time.pending(this),
      connections: network.openOf(this),
      files: disk.open,
      // An aborted signal drops its listeners by itself.
      listeners: this.#stop.signal.aborted ? 0 : this.#listeners,
    };
  }

  #signal(againMs: number | undefined): void {
    const { time, history } = this.#machine;
    this.signalledAt = time.now;
    history.note(time.now, "SIGINT");
    this.#stop.abort(new DOMException("Stopped by a signal", "AbortError"));
    if (againMs !== undefined) time.after(againMs, onTheWayTo(this), () => this.#second?.());
  }

  #die(what: string, machine: boolean): void {
    const { time, history, disk, network } = this.#machine;
    history.note(time.now, `killed ${what}`);
    disk.snapshot();
    this.alive = false;
    network.gone(this, machine);
  }

  #dependencies(): Parameters<typeof runCampaign>[1] {
    return {
      reporter: this.#reporter(),
      signal: this.#stop.signal,
      onSecondSignal: (listener) => {
        this.#second = listener;
        return { [Symbol.dispose]: () => this.#second = undefined };
      },
      stdin: new ReadableStream(),
      confirm: () => Promise.resolve(true),
      onReload: () => ({ [Symbol.dispose]: () => {} }),
    };
  }

  #reporter(): Reporter {
    const keep = (message: string): void => void this.messages.push(message);
    return {
      ...{
        info: keep,
        warn: keep,
        detail: () => {},
        plan: ({ changes }) => this.changes = changes,
        progress: () => {},
      },
      ...{ delivery: () => {}, summary: () => {}, close: () => Promise.resolve() },
    };
  }

  #countListeners(signal: AbortSignal): void {
    const held = new Set<unknown>();
    const { addEventListener, removeEventListener } = signal;
    signal.addEventListener = (...given: Parameters<typeof addEventListener>) => {
      held.add(given[1]);
      this.#listeners = held.size;
      addEventListener.apply(signal, given);
    };
    signal.removeEventListener = (...given: Parameters<typeof removeEventListener>) => {
      held.delete(given[1]);
      this.#listeners = held.size;
      removeEventListener.apply(signal, given);
    };
  }

  /** Replaces the real machine with the simulated one until disposed of. */
  #install(): Disposable {
    const { time, network, files, disk } = this.#machine;
    using undo = new DisposableStack();
    const skew = this.#interference.skewMs ?? 0;
    undo.use(useClock(time.clockOf(this, this.#random.uniform, () => time.wall + skew)));
    undo.use(disk.install());
    const { connect, stat, statSync, readFile, open } = Deno;
    const digest = Object.getOwnPropertyDescriptor(crypto.subtle, "digest");
    undo.defer(() => {
      Object.assign(Deno, { connect, stat, statSync, readFile, open });
      if (digest === undefined) delete (crypto.subtle as { digest?: unknown }).digest;
      else Object.defineProperty(crypto.subtle, "digest", digest);
    });
    Object.assign(Deno, {
      connect: (to: Deno.ConnectOptions) => network.connect(this, to),
      statSync: (path: string) => files.has(path) ? files.stat(path) : statSync(path),
      stat: async (path: string) => await Deno.statSync(path),
      readFile: async (path: string) => await files.read(path),
      open: async (path: string) => await files.open(path, this),
    });
    Object.defineProperty(crypto.subtle, "digest", {
      configurable: true,
      // The runtime's own takes a turn of the event loop, which does not come while a simulation runs.
      value: (_: string, data: Uint8Array) =>
        Promise.resolve(new Uint8Array(createHash("sha256").update(data).digest()).buffer),
    });
    return undo.move();
  }
}

function described(end: End): string {
  if (end.kind === "killed") return "killed";
  if (end.kind === "error") return `error ${(end.error as Error).message ?? end.error}`;
  const { exitCode, state, tally, stop } = end.summary;
  // The folder's name is different each time.
  const reason = stop?.reason.replaceAll(/\/\S*email-dispatcher-simulation-[^/']*/g, "disk:");
  return JSON.stringify({ exitCode, state, tally, stop: reason });
}
