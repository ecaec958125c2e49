import fc from "fast-check";
import assert from "node:assert/strict";
import type { Tally } from "../../src/model/tally.ts";
import type { SqliteLedger } from "../../src/ledger/sqlite/sqlite_ledger.ts";
import { STATES } from "../../src/model/state.ts";
import {
  badRow,
  deferred,
  entry,
  Folder,
  handedOver,
  idsOf,
  openAt,
  OUTCOMES,
  recipient,
  settled,
} from "./ledgers.ts";
import { SET_ASIDE } from "../../src/model/outcome.ts";
import { openDatabase } from "../support/database.ts";

/** The possible next steps of a run; numbers choose among the existing rows. */
type Step =
  | { readonly kind: "claim"; readonly rows: readonly RowKind[] }
  | { readonly kind: "due" | "hand-over"; readonly count: number }
  | { readonly kind: "settle"; readonly count: number; readonly as: typeof ENDS[number] }
  | { readonly kind: "set-aside" | "round"; readonly count: number }
  | { readonly kind: "reopen" | "kill" | "change-list" | "skip-missing" | "resend" };

type RowKind = "new" | "duplicate" | "bad" | "suppressed";

const ENDS = ["sent", "failed", "in-doubt", "invalid", "skipped", "deferred"] as const;
const ROWS: readonly RowKind[] = ["new", "new", "new", "duplicate", "bad", "suppressed"];

const count = fc.integer({ min: 1, max: 4 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("claim" as const), rows: rowKinds() }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom("due" as const, "hand-over" as const), count }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("settle" as const),
      count,
      as: fc.constantFrom(...ENDS),
    }),
  },
  fc.record({ kind: fc.constantFrom("set-aside" as const, "round" as const), count }),
  fc.record({
    kind: fc.constantFrom(
      "reopen" as const,
      "kill" as const,
      "change-list" as const,
      "skip-missing" as const,
      "resend" as const,
    ),
  }),
);

function rowKinds(): fc.Arbitrary<RowKind[]> {
  return fc.array(fc.constantFrom(...ROWS), { minLength: 1, maxLength: 5 });
}

/** A ledger, and what a run knows about it. */
class Run {
  ledger: SqliteLedger;
  readonly #folder: Folder;
  #path: string;
  #kills = 0;
  #list = 1;
  #line = 1;
  readonly #addresses: string[] = [];
  readonly #claimed: number[] = [];
  /** Of those claimed, who was in doubt before: until a mail of theirs is handed over, they are as much in doubt as then. */
  readonly #resending = new Set<number>();

  constructor(folder: Folder) {
    this.#folder = folder;
    this.#path = folder.file();
    this.ledger = openAt(this.#path, { facts: { list: "1" } });
  }

  async do(step: Step): Promise<void> {
    const { ledger } = this;
    switch (step.kind) {
      case "claim": {
        const rows = step.rows.map((kind) => this.#row(kind));
        this.#claimed.push(...idsOf(await ledger.claim(rows, this.#line)));
        return;
      }
      case "due":
        this.#claimed.push(...(await ledger.claimDue(1, step.count)).map(({ id }) => id));
        return;
      case "hand-over": {
        const ids = this.#claimed.slice(0, step.count);
        for (const id of ids) this.#resending.delete(id);
        return await ledger.write(ids.map(handedOver));
      }
      case "settle": {
        const ids = this.#takeClaimed(step.count);
        const outcome = step.as === "deferred" ? deferred(1) : OUTCOMES[step.as];
        return await ledger.write(ids.map((id) => settled(id, outcome)));
      }
      case "set-aside": {
        const ids = this.#takeClaimed(step.count);
        return await ledger.write(ids.map((id) => settled(id, deferred(SET_ASIDE, false))));
      }
      case "round":
        this.#claimed.push(
          ...(await ledger.claimSetAside(1, SET_ASIDE, 1, step.count)).map(({ id }) => id),
        );
        return;
      case "skip-missing":
        return void await ledger.skipMissing("list");
      case "reopen":
        await ledger[Symbol.asyncDispose]();
        return this.#open();
      case "resend": {
        const again = await ledger.claimRows("in-doubt", await ledger.inDoubt(), 1);
        for (const { id } of again) this.#resending.add(id);
        return void this.#claimed.push(...again.map(({ id }) => id));
      }
      case "change-list":
        this.#list++;
        this.#line = 1;
        await ledger[Symbol.asyncDispose]();
        return this.#open();
      case "kill":
        return await this.#kill();
    }
  }

  /** The file's own count, and the states by name. */
  recount(): { tally: Tally; byState: ReadonlyMap<string, number> } {
    using database = openDatabase(this.#path, { readOnly: true });
    const rows = database.prepare("SELECT state, count(*) AS n FROM recipient GROUP BY state")
      .all();
    const byState = new Map(rows.map(({ state, n }) => [STATES[Number(state)]!, Number(n)]));
    const of = (...states: string[]) =>
      states.reduce((sum, state) => sum + (byState.get(state as typeof STATES[number]) ?? 0), 0);
    return {
      byState,
      tally: {
        total: of(...STATES),
        queued: of("queued"),
        claimed: of("claimed", "handed-over"),
        deferred: of("deferred"),
        sent: of("sent"),
        failed: of("failed"),
        invalid: of("invalid"),
        skipped: of("skipped"),
        inDoubt: of("in-doubt"),
      },
    };
  }

  /** The process is killed: its files stay as they are, and everything in memory is lost. */
  async #kill(): Promise<void> {
    const next = this.#folder.file(`after-kill-${++this.#kills}.ledger`);
    for (const end of ["", "-wal"]) Deno.copyFileSync(this.#path + end, next + end);
    const before = this.recount().byState;
    const resending = this.#resending.size;
    await this.ledger[Symbol.asyncDispose]();
    this.#path = next;
    this.#open();
    const now = this.recount().byState;
    const at = (states: typeof before, ...names: string[]) =>
      names.reduce((sum, name) => sum + (states.get(name) ?? 0), 0);
    assert.equal(this.ledger.opened.newlyInDoubt, at(before, "handed-over"));
    assert.equal(at(now, "in-doubt"), at(before, "in-doubt", "handed-over") + resending);
    assert.equal(at(now, "queued"), at(before, "queued", "claimed") - resending);
    assert.equal(at(now, "claimed", "handed-over"), 0);
    for (const settled of ["sent", "failed", "deferred", "skipped", "invalid"]) {
      assert.equal(at(now, settled), at(before, settled), settled);
    }
  }

  #open(): void {
    this.#claimed.length = 0;
    this.#resending.clear();
    this.ledger = openAt(this.#path, { facts: { list: String(this.#list) } });
  }

  #takeClaimed(count: number): number[] {
    const ids = this.#claimed.splice(0, count);
    for (const id of ids) this.#resending.delete(id);
    return ids;
  }

  #row(kind: RowKind) {
    const line = ++this.#line;
    if (kind === "bad") return entry(badRow(line));
    const known = this.#addresses[line % Math.max(1, this.#addresses.length)];
    const address = kind === "duplicate" && known !== undefined
      ? known
      : `n${this.#addresses.length}@x.test`;
    this.#addresses.push(address);
    return entry(recipient(line, address), kind === "suppressed" ? "Suppressed" : undefined);
  }
}

Deno.test("SqliteLedger.tally() is always what a recount of the file says, also after each way to end", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), async (steps) => {
      using folder = new Folder();
      const run = new Run(folder);
      try {
        for (const next of steps) {
          await run.do(next);
          assert.deepEqual(await run.ledger.tally(), run.recount().tally, next.kind);
        }
      } finally {
        await run.ledger[Symbol.asyncDispose]();
      }
    }),
    { numRuns: 40 },
  );
});
