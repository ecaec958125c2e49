/**
 * The sole writer of the ledger while a campaign runs.
 *
 * The order of writes for one mail, and what a crash after each leaves behind:
 *
 *   1. `claim`        the row is entered as claimed              crash: queued again; certainly not sent
 *   2. `handOver`     committed BEFORE the final dot is written   crash: in doubt; may have been sent, held for a person
 *   3. the dot, and the server's reply
 *   4. `settle`       the reply is committed with the next group  crash before the commit: in doubt
 *
 * "Committed" means written to the ledger's log by the operating system: it outlives this process, however it is
 * killed. To outlive a power failure, the log must reach the disk too: `sync` sees to that in the background once a
 * second, and nothing waits for it. So a power failure can put mails of about the last second back into an earlier
 * state: queued, although they were sent. docs/durability.md explains what that means.
 */
import { now } from "../time/steady_time.ts";
import { every, wallTime } from "../time/clock.ts";
import type { Change, Claim, Ledger, ListEntry } from "./ledger.ts";
import type { DueRecipient, LeftOut, LeftOutPlace, Missing, ReturningKind } from "./returning.ts";
import type { Dispatch, HandOver } from "./dispatch.ts";
import { CommitGroups } from "./recording/commit_groups.ts";
import { HandoverSlots } from "./recording/handover_slots.ts";
import { UnwrittenOutcomes } from "./recording/unwritten_outcomes.ts";
import type { Outcome } from "../model/outcome.ts";

/** The promised limit of recipients in doubt after a crash: 2 x connections + 50. */
export function mostInDoubt(connections: number): number {
  return 2 * connections + 50;
}

const SYNC_EVERY_MS = 1_000;

export interface RecorderOptions {
  /** Maximum number of mails handed over and not yet settled in the ledger; beyond it, `handOver` waits. */
  readonly mostHandedOver: number;
  /** Minimum time between two syncs, in ms; 1,000 unless given. */
  readonly syncEveryMs?: number;
  /** Notified, once it is on record, that a recipient of this run waits until `due` (ms since the epoch) or is in doubt. */
  readonly watcher?: {
    deferred(id: number, due: number): void;
    inDoubt(id: number): void;
  };
  /** Called once, with the ledger's first error: nothing may be sent after it. */
  readonly onFailure: (error: Error) => void;
}

export class Recorder implements AsyncDisposable {
  readonly #ledger: Ledger;
  readonly #options: RecorderOptions;
  readonly #slots: HandoverSlots;
  readonly #groups = new CommitGroups<Change>((changes) => this.#commit(changes));
  #claimed = 0;
  readonly #unwritten = new UnwrittenOutcomes();
  #failure: Error | undefined;
  #syncing: Promise<void> | undefined;
  /** Also runs while nothing is written: it syncs the last writes to the disk, and detects that the ledger was deleted. */
  readonly #timer: Disposable;

  constructor(ledger: Ledger, options: RecorderOptions) {
    this.#ledger = ledger;
    this.#options = options;
    this.#slots = new HandoverSlots(options.mostHandedOver);
    this.#timer = every(options.syncEveryMs ?? SYNC_EVERY_MS, () => this.#sync());
  }

  /** The ledger's first error; nothing is written after it. */
  get failure(): Error | undefined {
    return this.#failure;
  }

  /** The number of recipients that this run has claimed and whose outcome is not on record yet. */
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

  claimRows(
    kind: ReturningKind,
    ids: readonly number[],
    time: number,
  ): Promise<readonly DueRecipient[]> {
    return this.#claiming(() => this.#ledger.claimRows(kind, ids, time));
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

  leftOut(place: LeftOutPlace): Promise<readonly LeftOut[]> {
    return this.#guarded(() => this.#ledger.leftOut(place));
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
   * Resolves when the ledger has recorded the mail as handed over; only then may its final dot be written.
   *
   * @throws the ledger's error; the mail must not be sent
   */
  async handOver({ id, relay, messageId, size, attachments }: HandOver): Promise<void> {
    if (!this.#slots.tryTake(id)) await this.#slots.wait(id);
    const at = wallTime();
    await this.#write({ kind: "handed-over", id, relay, messageId, size, attachments, at });
  }

  /** Records the outcome of a mail with the next group. */
  settle({ id, relay, messageId }: Dispatch, outcome: Outcome): void {
    const at = wallTime();
    this.#note({ kind: "outcome", id, relay, messageId, at, triedAt: now(), outcome });
  }

  /** Resolves when everything recorded so far is written or has failed. */
  async flush(): Promise<void> {
    await this.#groups.flush();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer[Symbol.dispose]();
    await this.flush();
    await this.#syncing;
    if (this.#failure === undefined) {
      return await this.#ledger.sync().catch((error) => this.#fail(error));
    }
    await this.#unwritten.writeTo(this.#ledger);
  }

  /** Recipients who are in doubt in the ledger although the server has replied: their outcomes could not be written. */
  get lost(): number {
    return this.#unwritten.lost;
  }

  /** Writes without being awaited; a failure is reported through `onFailure`. */
  #note(change: Change): void {
    this.#write(change).catch(() => {});
  }

  #write(change: Change): Promise<void> {
    if (this.#failure !== undefined) {
      this.#unwritten.keep([change], (id) => this.#slots.has(id));
      this.#freed(change);
      return Promise.reject(this.#failure);
    }
    return this.#groups.add(change);
  }

  async #commit(changes: readonly Change[]): Promise<void> {
    try {
      await this.#guarded(() => this.#ledger.write(changes));
      changes.forEach((change) => this.#committed(change));
    } catch (error) {
      this.#unwritten.keep(changes, (id) => this.#slots.has(id));
      changes.forEach((change) => this.#freed(change));
      throw error;
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

  #freed(change: Change): void {
    if (change.kind === "handed-over" && this.#failure === undefined) return;
    this.#slots.release(change.id);
  }

  #fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#options.onFailure(error);
    this.#slots.giveUp();
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
