import { createHash } from "node:crypto";
import { runCampaign } from "../../../src/campaign/run.ts";
import type { SendOptions } from "../../../src/campaign/send_options.ts";
import type { Reporter } from "../../../src/report/reporter.ts";
import type { Summary } from "../../../src/report/summary.ts";
import { useClock } from "../../../src/time/clock.ts";
import type { Disk } from "./world/disk.ts";
import type { Files } from "./world/files.ts";
import type { History } from "./world/history.ts";
import { type Client, onTheWayTo } from "./world/link_nature.ts";
import type { Lots } from "./world/lots.ts";
import type { Network } from "./world/network.ts";
import { settle } from "./world/turns.ts";
import type { WorldTime } from "./world/world_time.ts";

/** What a process runs in. */
export interface Machine {
  readonly time: WorldTime;
  readonly network: Network;
  readonly files: Files;
  readonly disk: Disk;
  readonly history: History;
}

/** What happens to a process from outside. A step is a write, a read or a commit, and half of one: before, and after. */
export interface Interference {
  /** It is killed at this step; `machine`: and the machine with it, so that nobody says goodbye to the relays. */
  readonly kill?: { readonly step: number; readonly machine: boolean } | undefined;
  /** SIGINT at this step, and perhaps another one so long after. */
  readonly signal?: { readonly step: number; readonly againMs: number | undefined } | undefined;
  /** Somebody does something to the files at this step. */
  readonly edit?: { readonly step: number; readonly does: () => void } | undefined;
  /** Somebody starts another process with the same ledger at this step. */
  readonly intrusion?: { readonly step: number; readonly does: () => void } | undefined;
  /** The wall clock is off by so much, ms. */
  readonly skewMs?: number;
}

/** How a process ended. */
export type End =
  | { readonly kind: "summary"; readonly summary: Summary }
  | { readonly kind: "error"; readonly error: unknown }
  | { readonly kind: "killed" };

/** What a process left behind that ended by itself. */
export interface Leftovers {
  readonly timers: number;
  readonly connections: number;
  readonly files: number;
  readonly listeners: number;
}

/** No run takes so long, in virtual time or in events. */
const LONGEST_MS = 6 * 3_600_000;
const MOST_EVENTS = 3_000_000;

/** One process that runs a campaign: the program itself, from `runCampaign()` on, with everything around it simulated. */
export class SimulatedProcess implements Client {
  alive = true;
  /** Steps so far. */
  steps = 0;
  /** When the first signal came, in the world's time. */
  signalledAt: number | undefined;
  /** What was said to people. */
  readonly told: string[] = [];
  /** What the plan said of the ledger's last run. */
  changes: readonly string[] | undefined;
  readonly #machine: Machine;
  readonly #interference: Interference;
  readonly #stop = new AbortController();
  readonly #lots: Lots;
  #listeners = 0;
  #second: (() => void) | undefined;

  constructor(machine: Machine, lots: Lots, interference: Interference) {
    this.#machine = machine;
    this.#lots = lots;
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

  /** Runs it to its end, or its death. */
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
      if (time.step() === undefined) throw new Error("The run waits for what never comes");
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
      // The signal itself lets go of them when it is aborted.
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
    const tell = (message: string): void => void this.told.push(message);
    return {
      ...{
        info: tell,
        warn: tell,
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

  /** Puts the machine in the place of the real one until it is disposed of. */
  #install(): Disposable {
    const { time, network, files, disk } = this.#machine;
    using undo = new DisposableStack();
    const skew = this.#interference.skewMs ?? 0;
    undo.use(useClock(time.clockOf(this, this.#lots.uniform, () => time.wall + skew)));
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
      // The runtime's own takes a turn of the event loop, and none comes while the world continues.
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
  // The folder has another name each time.
  const reason = stop?.reason.replaceAll(/\/\S*email-dispatcher-simulation-[^/']*/g, "disk:");
  return JSON.stringify({ exitCode, state, tally, stop: reason });
}
