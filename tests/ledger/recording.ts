import type { Ledger } from "../../src/ledger/ledger.ts";
import type { HandOver } from "../../src/ledger/dispatch.ts";
import { Recorder } from "../../src/ledger/recorder.ts";
import { FakeLedger } from "./fake_ledger.ts";

/** A recorder, and what it reported: the failures, and the recipients deferred or in doubt. */
export class Recording implements AsyncDisposable {
  readonly ledger: FakeLedger;
  readonly failures: Error[] = [];
  readonly told: string[] = [];
  readonly recorder: Recorder;

  constructor(
    options: { ledger?: FakeLedger; mostHandedOver?: number; syncEveryMs?: number } = {},
  ) {
    const { ledger = new FakeLedger(), mostHandedOver = 100, syncEveryMs = 1_000 } = options;
    this.ledger = ledger;
    this.recorder = new Recorder(ledger as unknown as Ledger, {
      mostHandedOver,
      syncEveryMs,
      onFailure: (error) => this.failures.push(error),
      watcher: {
        deferred: (id, due) => this.told.push(`${id} deferred to ${due}`),
        inDoubt: (id) => this.told.push(`${id} in doubt`),
      },
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.recorder[Symbol.asyncDispose]();
  }
}

export const FULL = new Error("disk full");

export const mail = (id: number): HandOver => ({
  id,
  relay: "mx.test:25",
  messageId: `<${id}@x>`,
  size: 700,
  attachments: [{ name: "a.pdf", sha256: "00".repeat(32) }],
});

export const nextTurn = (): Promise<void> => new Promise<void>((resolve) => setTimeout(resolve));
