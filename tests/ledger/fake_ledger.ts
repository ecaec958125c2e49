import type { Change } from "../../src/ledger/ledger.ts";

/** A ledger that stores what is written to it, and fails on request. */
export class FakeLedger {
  readonly commits: (readonly Change[])[] = [];
  /** Ids handed over and not settled, as committed. */
  readonly handedOver = new Set<number>();
  most = 0;
  syncs = 0;
  fault: Error | undefined;
  syncFault: Error | undefined;
  /** Holds every commit up until it is resolved. */
  held: Promise<void> = Promise.resolve();

  async write(changes: readonly Change[]): Promise<void> {
    await this.held;
    if (this.fault !== undefined) throw this.fault;
    this.commits.push(changes);
    for (const { kind, id } of changes) {
      if (kind === "handed-over") this.handedOver.add(id);
      else this.handedOver.delete(id);
    }
    this.most = Math.max(this.most, this.handedOver.size);
  }

  sync(): Promise<void> {
    this.syncs++;
    return this.syncFault === undefined ? Promise.resolve() : Promise.reject(this.syncFault);
  }

  claim(): Promise<never[]> {
    return this.fault === undefined ? Promise.resolve([]) : Promise.reject(this.fault);
  }

  get written(): string[] {
    return this.commits.flat().map(({ kind, id }) => `${kind} ${id}`);
  }
}
