/**
 * The sole writer of the ledger while a campaign runs.
 *
 * The order of writes for one mail, and what a crash after each leaves behind:
 *
 *   1. `claim`        the row is entered as claimed            crash: queued again; certainly not sent
 *   2. `handOver`     committed BEFORE the final dot is written  crash: in doubt; may have been sent, held for a person
 *   3. the dot, and the server's reply
 *   4. `settle`       the reply is committed with the next group  crash before the commit: in doubt
 *
 * "Committed" means written to the ledger's log by the operating system: it outlives this process, however it is killed.
 * For power loss the log has to reach the disk too; `sync` does that in the background once a second, without anybody
 * waiting for it. So after power loss mails of about the last second can be back in an earlier state - queued, although
 * they were sent. docs/durability.md says what that means.
 *
 * Writes come in groups: all that is asked for in one turn of the event loop is one commit, since a commit costs as much
 * as some dozen rows.
 */
import { now } from "../time/steady_time.ts";
import { every, wallTime } from "../time/clock.ts";
import type { Change, Claim, DueRecipient, Ledger, ListEntry, Missing } from "./ledger.ts";
import type { Outcome } from "../model/outcome.ts";

/** DESIGN 6.2: never more in doubt than 2 x connections + 50. */
export function mostInDoubt(connections: number): number {
  return 2 * connections + 50;
}

const SYNC_EVERY_MS = 1_000;

export interface RecorderOptions {
  /** Mails handed over and not yet settled in the ledger, at the most; `handOver` waits beyond it. */
  readonly mostHandedOver: number;
  /** Time between two syncs at the least, in ms; 1,000 unless given. */
  readonly syncEveryMs?: number;
  /** Told of recipients of this run, when the ledger has it so: one waits until `due` (ms since the epoch), one is in doubt. */
  readonly watcher?: {
    deferred(id: number, due: number): void;
    inDoubt(id: number): void;
  };
  /** Called once, with the first error of the ledger: nothing may be sent any more. */
  readonly onFailure: (error: Error) => void;
}

/** Where and as what a mail went out; part of every change the consumers report. */
export interface Dispatch {
  readonly id: number;
  readonly relay: string;
  readonly messageId: string;
}

interface Group {
  readonly changes: Change[];
  readonly done: PromiseWithResolvers<void>;
}

export class Recorder implements AsyncDisposable {
  readonly #ledger: Ledger;
  readonly #options: RecorderOptions;
  readonly #handedOver = new Set<number>();
  /** Mails that wait for a place, first come, first served: a connection's mails leave in their order, or not at all. */
  readonly #waiting: { readonly id: number; readonly resolve: () => void }[] = [];
  #claimed = 0;
  #group: Group | undefined;
  #committing: Promise<void> | undefined;
  /** Outcomes that could not be written; tried once more at the end. */
  #unwritten: Change[] = [];
  /** Of those, the recipients whose mail is on record as handed over. */
  readonly #unanswered = new Set<number>();
  #failure: Error | undefined;
  #syncing: Promise<void> | undefined;
  /** While nothing is written, too: what was written last is brought to the disk, and a ledger that is deleted is noticed. */
  readonly #timer: Disposable;

  constructor(ledger: Ledger, options: RecorderOptions) {
    this.#ledger = ledger;
    this.#options = options;
    this.#timer = every(options.syncEveryMs ?? SYNC_EVERY_MS, () => this.#sync());
  }

  /** The first error of the ledger; nothing is written after it. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** Recipients that this run has claimed and whose outcome is not on record yet. */
  get claimed(): number {
    return this.#claimed;
  }

  async claim(
    entries: readonly ListEntry[],
    upToLine: number | undefined,
  ): Promise<readonly Claim[]> {
    const claims = await this.#guarded(() => this.#ledger.claim(entries, upToLine));
    for (const { kind } of claims) if (kind === "job") this.#claimed++;
    return claims;
  }

  claimDue(time: number, limit: number): Promise<readonly DueRecipient[]> {
    return this.#claiming(() => this.#ledger.claimDue(time, limit));
  }

  claimDueOf(ids: readonly number[], time: number): Promise<readonly DueRecipient[]> {
    return this.#claiming(() => this.#ledger.claimDueOf(ids, time));
  }

  longestSetAside(): Promise<number | undefined> {
    return this.#guarded(() => this.#ledger.longestSetAside());
  }

  claimSetAside(
    from: number,
    to: number,
    time: number,
    limit: number,
  ): Promise<readonly DueRecipient[]> {
    return this.#claiming(() => this.#ledger.claimSetAside(from, to, time, limit));
  }

  claimSetAsideOf(ids: readonly number[], time: number): Promise<readonly DueRecipient[]> {
    return this.#claiming(() => this.#ledger.claimSetAsideOf(ids, time));
  }

  claimInDoubt(ids: readonly number[], time: number): Promise<readonly DueRecipient[]> {
    return this.#claiming(() => this.#ledger.claimInDoubt(ids, time));
  }

  nextDue(time: number): Promise<number | undefined> {
    return this.#guarded(() => this.#ledger.nextDue(time));
  }

  inDoubt(): Promise<readonly number[]> {
    return this.#guarded(() => this.#ledger.inDoubt());
  }

  missing(): Promise<Missing> {
    return this.#guarded(() => this.#ledger.missing());
  }

  forgetList(): Promise<void> {
    return this.#guarded(() => this.#ledger.forgetList());
  }

  skipMissing(list: string): Promise<number> {
    return this.#guarded(() => this.#ledger.skipMissing(list));
  }

  /**
   * Resolves when the ledger says that the mail is handed over; only then may its final dot be written.
   *
   * @throws the ledger's error: the mail must not go out
   */
  async handOver({ id, relay, messageId }: Dispatch): Promise<void> {
    if (this.#handedOver.size < this.#options.mostHandedOver) this.#handedOver.add(id);
    else await new Promise<void>((resolve) => this.#waiting.push({ id, resolve }));
    await this.#write({ kind: "handed-over", id, relay, messageId, at: wallTime() });
  }

  /** Notes what became of a mail, with the next group. */
  settle({ id, relay, messageId }: Dispatch, outcome: Outcome): void {
    const at = wallTime();
    this.#note({ kind: "outcome", id, relay, messageId, at, triedAt: now(), outcome });
  }

  /** Resolves when all that was noted so far is written, or has failed to be. */
  async flush(): Promise<void> {
    await this.#committing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer[Symbol.dispose]();
    await this.flush();
    await this.#syncing;
    if (this.#failure === undefined) {
      return await this.#ledger.sync().catch((error) => this.#fail(error));
    }
    // The disk may have room again, or never lacked it for these few bytes; if not, they stay in doubt in the ledger.
    const last = this.#unwritten.splice(0);
    if (last.length === 0) return;
    await this.#ledger.write(last)
      .then(() => this.#unanswered.clear())
      .catch(() => this.#unwritten.push(...last));
  }

  /** Outcomes known but not written, whose recipients are in doubt in the ledger although the server has answered. */
  get lost(): number {
    return this.#unanswered.size;
  }

  /** An outcome nobody waits for; a failure is told through `onFailure`. */
  #note(change: Change): void {
    this.#write(change).catch(() => {});
  }

  #write(change: Change): Promise<void> {
    if (this.#failure !== undefined) {
      this.#keepUnwritten([change]);
      this.#freed(change);
      return Promise.reject(this.#failure);
    }
    this.#group ??= { changes: [], done: Promise.withResolvers() };
    this.#group.changes.push(change);
    this.#committing ??= this.#commitGroups();
    return this.#group.done.promise;
  }

  async #commitGroups(): Promise<void> {
    while (this.#group !== undefined) {
      await turnOver(this.#group.changes);
      const group = this.#group;
      this.#group = undefined;
      await this.#commit(group);
    }
    this.#committing = undefined;
  }

  async #commit(group: Group): Promise<void> {
    try {
      await this.#guarded(() => this.#ledger.write(group.changes));
      group.changes.forEach((change) => this.#committed(change));
      group.done.resolve();
    } catch (error) {
      this.#keepUnwritten(group.changes);
      group.changes.forEach((change) => this.#freed(change));
      group.done.reject(error);
    }
  }

  #committed(change: Change): void {
    this.#freed(change);
    const { watcher } = this.#options;
    if (change.kind !== "outcome") return;
    this.#claimed--;
    const { id, outcome } = change;
    if (outcome.state === "deferred") watcher?.deferred(id, outcome.notBefore);
    if (outcome.state === "in-doubt") watcher?.inDoubt(id);
  }

  /** A hand-over that is not on record does not happen; what became of the others is to be written yet. */
  #keepUnwritten(changes: readonly Change[]): void {
    const notOnRecord = new Set<number>();
    for (const change of changes) {
      if (change.kind === "handed-over") {
        notOnRecord.add(change.id);
        continue;
      }
      this.#unwritten.push(change);
      if (change.kind !== "outcome" || notOnRecord.has(change.id)) continue;
      if (this.#handedOver.has(change.id)) this.#unanswered.add(change.id);
    }
  }

  #freed(change: Change): void {
    if (change.kind === "handed-over" && this.#failure === undefined) return;
    if (!this.#handedOver.delete(change.id)) return;
    const next = this.#waiting.shift();
    if (next === undefined) return;
    // Its place is taken here and now: whoever asks before it has woken up must not get in between.
    this.#handedOver.add(next.id);
    next.resolve();
  }

  #fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#options.onFailure(error);
    this.#waiting.splice(0).forEach(({ resolve }) => resolve());
  }

  #sync(): void {
    if (this.#syncing !== undefined || this.#failure !== undefined) return;
    this.#syncing = this.#ledger.sync()
      .catch((error) => this.#fail(error))
      .finally(() => this.#syncing = undefined);
  }

  async #claiming(
    claim: () => Promise<readonly DueRecipient[]>,
  ): Promise<readonly DueRecipient[]> {
    const claimed = await this.#guarded(claim);
    this.#claimed += claimed.length;
    return claimed;
  }

  async #guarded<T>(run: () => Promise<T>): Promise<T> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      return await run();
    } catch (error) {
      this.#fail(error as Error);
      throw error;
    }
  }
}

/** Hops of the microtask queue without news after which a turn of the event loop is taken to have brought all it has. */
const QUIET_HOPS = 8;

/** Resolves when this turn of the event loop adds nothing more to `list`: the answers that arrive together are one commit. */
async function turnOver(list: readonly unknown[]): Promise<void> {
  for (let known = 0; known < list.length;) {
    known = list.length;
    for (let hop = 0; hop < QUIET_HOPS; hop++) await undefined;
  }
}
