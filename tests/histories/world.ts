import assert from "node:assert/strict";
import { shardOf } from "../../src/keys/shard.ts";
import type { Summary } from "../../src/report/summary.ts";
import { openLedgerReader } from "../../src/ledger/sqlite/reader.ts";
import { Campaign } from "../campaign/campaign.ts";
import { DROP, RuleServer } from "../pipeline/relays.ts";
import { rowsOf } from "../ledger/ledgers.ts";
import type { Edit, Event, Fate, History, Person, Row, Step, Way } from "./history.ts";
import { isRefused } from "./history.ts";

const REFUSED = { state: "done", exitCode: 0 } as Summary;

type RunStep = Step & { readonly kind: "run" };

const addressOf = (person: Person): string => `n${person}@x.test`;

/** Most runs that finish a history; unless the list is copied, two are enough. */
const LAST_RUNS = 4;

/** A list, a ledger for each shard, a server, and what must hold between them after each step. */
export class World implements AsyncDisposable {
  readonly #history: History;
  readonly #campaign = new Campaign(0);
  readonly #ledgers: string[];
  readonly #server: RuleServer;
  readonly #fates: Map<string, Fate>;
  readonly #tries = new Map<string, number>();
  /** Everybody who was ever in the list. */
  readonly #everListed = new Set<string>();
  /** Texts that the list had. */
  readonly #texts: string[] = [];
  #rows: readonly Row[];
  #clock = 0;
  #kills = 0;
  #mails = 0;
  #event: Event | undefined;
  #shard = 0;
  #dead = false;

  constructor(history: History) {
    this.#history = history;
    this.#rows = history.rows;
    this.#fates = new Map(history.fates.map(([person, fate]) => [addressOf(person), fate]));
    this.#ledgers = Array.from(
      { length: history.shards },
      (_, shard) => this.#campaign.folder.file(`${shard}.ledger`),
    );
    this.#server = new RuleServer({
      greeting: () => this.#dead ? DROP : undefined,
      rcpt: ({ recipient }) => this.#rcpt(recipient!),
      body: ({ recipient }) => this.#body(recipient!),
    });
    this.#write("in place");
  }

  async step(step: Step): Promise<void> {
    if (step.kind === "edit") return this.#edit(step.edit, step.way);
    await this.#run(step);
  }

  /** Plain runs, until each shard is done with the current list. */
  async finish(): Promise<void> {
    this.#fates.clear();
    for (let shard = 0; shard < this.#history.shards; shard++) {
      const last = { ...PLAIN, shard };
      for (let left = LAST_RUNS; (await this.#run(last)).state !== "done"; left--) {
        assert(left > 0, `shard ${shard} does not finish`);
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
    this.#campaign[Symbol.dispose]();
  }

  async #run(step: RunStep): Promise<Summary> {
    const { shards, inPlace } = this.#history;
    const shard = step.shard % shards;
    this.#shard = shard;
    this.#event = step.event;
    this.#mails = 0;
    this.#dead = false;
    const { limit, offset, only } = step.choice;
    const before = await this.#states(shard);
    const taken = this.#server.accepted.length;
    const named = this.#server.named.length;
    const refused = isRefused(this.#rows, step.choice);
    const summary = await this.#campaign.send([this.#server.port], {
      ledger: this.#ledgers[shard]!,
      ...(shards > 1 && { shard: { index: shard + 1, count: shards } }),
      ...(limit !== undefined && { limit }),
      ...(offset !== undefined && { offset }),
      ...(only !== undefined && { only: only.map(addressOf) }),
      inDoubt: step.resend ? "resend" : "hold",
      dropMissing: step.dropMissing,
      snapshot: step.snapshot,
      copyUpTo: inPlace ? -1 : undefined,
      wait: step.wait,
      connections: 2,
      firstRetryMs: 1,
      retries: 4,
    }).catch((error) => this.#unlessRefused(error, refused));
    if (refused) assert.deepEqual([summary, this.#server.accepted.length], [REFUSED, taken]);
    if (this.#dead) this.#ledgers[shard] = this.#afterKill();
    const now = await this.#states(shard);
    this.#assertNobodyTwice(step, before, this.#server.accepted.slice(taken));
    this.#assertRecorded(shard, now);
    if (!step.dropMissing) assertNobodyDropped(before, now);
    if (!this.#dead && !refused) this.#assertVerdict(step, summary, now, named);
    return summary;
  }

  /** A run over a list that is empty, or lacks those chosen, is refused: that is right, and there is no result to check. */
  #unlessRefused(error: unknown, refused: boolean): Summary {
    const invalid = error instanceof Error && error.name === "InputError";
    if (!invalid || (this.#rows.length > 0 && !refused)) throw error;
    return REFUSED;
  }

  #rcpt(recipient: string): string | undefined {
    if (this.#dead) return DROP;
    const fate = this.#fates.get(recipient.toLowerCase());
    if (fate?.kind === "unknown") return "550 5.1.1 no such user";
    if (fate?.kind !== "busy") return undefined;
    const tries = this.#tries.get(recipient.toLowerCase()) ?? 0;
    this.#tries.set(recipient.toLowerCase(), tries + 1);
    return tries < fate.times ? "450 4.2.1 mailbox busy" : undefined;
  }

  #body(recipient: string): string | undefined {
    if (this.#dead) return DROP;
    if (++this.#mails === this.#event?.at) this.#happen(this.#event);
    const fate = this.#fates.get(recipient.toLowerCase());
    if (fate?.kind !== "cut") return undefined;
    this.#fates.delete(recipient.toLowerCase());
    if (fate.taken) this.#server.accepted.push(recipient);
    return DROP;
  }

  #happen({ what }: Event): void {
    if (what.kind === "edit") return this.#edit(what.edit, what.way);
    this.#campaign.stop();
    if (what.kind === "stop") return;
    // A process that is killed now leaves only its files; what this run still does no longer counts.
    const path = this.#ledgers[this.#shard]!;
    const copy = `${this.#campaign.folder.file()}-after-kill-${this.#kills}`;
    for (const end of ["", "-wal"]) Deno.copyFileSync(path + end, copy + end);
    this.#dead = true;
  }

  #afterKill(): string {
    return `${this.#campaign.folder.file()}-after-kill-${this.#kills++}`;
  }

  #edit(edit: Edit, way: Way): void {
    if (edit.kind === "restore") {
      const text = this.#texts.at(-2);
      if (text !== undefined) this.#rows = JSON.parse(text);
    } else this.#rows = edited(this.#rows, edit);
    this.#write(way);
  }

  #write(way: Way): void {
    const path = this.#campaign.folder.file("list.csv");
    const lines = this.#rows.map((row) =>
      row.kind === "invalid"
        ? "nobody,x"
        : `${row.upperCase ? addressOf(row.person).toUpperCase() : addressOf(row.person)},x`
    );
    const target = way === "in place" ? path : `${path}.new`;
    Deno.writeTextFileSync(target, `Email,Note\n${lines.map((line) => `${line}\n`).join("")}`);
    // As if some time passed between edits: the clock of the file system may be too coarse to tell them apart.
    Deno.utimeSync(target, 1_700_000_000, 1_700_000_000 + ++this.#clock);
    if (way === "by rename") Deno.renameSync(target, path);
    this.#texts.push(JSON.stringify(this.#rows));
    for (const row of this.#rows) {
      if (row.kind === "person") this.#everListed.add(addressOf(row.person));
    }
  }

  /** The state of everybody in a shard's ledger. */
  async #states(shard: number): Promise<ReadonlyMap<string, string>> {
    const path = this.#ledgers[shard]!;
    if (!exists(path)) return new Map();
    using reader = openLedgerReader(path);
    const rows = (await rowsOf(reader)).filter(({ key }) => key !== undefined);
    const states = new Map(rows.map(({ key, state }) => [key!, state]));
    assert.equal(states.size, rows.length, "one row for each recipient");
    return states;
  }

  #assertNobodyTwice(
    { resend, choice }: RunStep,
    before: ReadonlyMap<string, string>,
    taken: readonly string[],
  ): void {
    const earlier = this.#server.accepted.slice(0, this.#server.accepted.length - taken.length);
    const had = new Set(earlier.map((address) => address.toLowerCase()));
    const only = choice.only?.map(addressOf);
    const mayTwice = (key: string) =>
      resend && before.get(key) === "in-doubt" && (only?.includes(key) ?? true);
    for (const address of taken) {
      const key = address.toLowerCase();
      assert(!had.has(key) || mayTwice(key), `${key} got a second mail`);
      assert(this.#everListed.has(key), `${key} was never in the list`);
      had.add(key);
    }
  }

  /** Everybody whose mail was accepted is sent, or in doubt if the reply was lost. */
  #assertRecorded(shard: number, now: ReadonlyMap<string, string>): void {
    for (const address of this.#server.accepted) {
      const key = address.toLowerCase();
      if (this.#shardOf(key) !== shard) continue;
      const state = now.get(key);
      assert(state === "sent" || state === "in-doubt", `${key} got a mail and is ${state}`);
    }
  }

  /** A run says it is done only when everybody it was about, in the current list, has a state. */
  #assertVerdict(
    step: RunStep,
    summary: Summary,
    now: ReadonlyMap<string, string>,
    named: number,
  ): void {
    if (summary.exitCode === 3) return void assert.equal(summary.state, "stopped");
    assert([0, 1].includes(summary.exitCode), `done with ${summary.exitCode}`);
    const open = [...now].filter(([, state]) => OPEN.includes(state));
    assert.deepEqual(open, [], "everybody is settled");
    const chosen = this.#chosen(step);
    const forgotten = chosen.filter((key) => !now.has(key));
    if (step.choice.limit === undefined) return assert.deepEqual(forgotten, [], "all have a state");
    // With a limit, recipients may be left over, but only if as many as it allows were tried.
    const tried = new Set(this.#server.named.slice(named).map((address) => address.toLowerCase()));
    assert(tried.size <= step.choice.limit, `${tried.size} were tried`);
    if (forgotten.length > 0) assert.equal(tried.size, step.choice.limit);
  }

  /** The keys in the current list that this run was about. */
  #chosen({ choice, shard }: RunStep): string[] {
    const { offset = 0, only } = choice;
    return this.#rows.slice(offset)
      .flatMap((row) => row.kind === "person" ? [row.person] : [])
      .filter((person) => only?.includes(person) ?? true)
      .map(addressOf)
      .filter((key) => this.#shardOf(key) === shard % this.#history.shards);
  }

  #shardOf(key: string): number {
    return shardOf(key, this.#history.shards);
  }
}

/** Recipients who are waiting are not dropped because another list is sent. */
function assertNobodyDropped(
  before: ReadonlyMap<string, string>,
  now: ReadonlyMap<string, string>,
): void {
  const waited = [...before].filter(([, state]) => state === "queued" || state === "deferred");
  assert.deepEqual(waited.filter(([key]) => now.get(key) === "skipped"), [], "nobody is dropped");
}

const OPEN: readonly string[] = ["queued", "claimed", "handed-over", "deferred"];

const PLAIN: RunStep = {
  kind: "run",
  choice: {},
  resend: false,
  dropMissing: true,
  snapshot: false,
  wait: true,
  shard: 0,
  event: undefined,
};

function edited(rows: readonly Row[], edit: Exclude<Edit, { kind: "restore" }>): readonly Row[] {
  switch (edit.kind) {
    case "reverse":
      return rows.toReversed();
    case "append":
      return [...rows, ...edit.rows];
    case "remove":
      return rows.toSpliced(edit.from, edit.count);
    case "replace":
      return edit.rows;
    case "touch":
      return rows;
  }
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
