import { withoutHolder } from "../../../model/state.ts";
import type { SqliteStore } from "../store.ts";
import type { WriterState } from "../writer_state.ts";
import * as sql from "../statements.ts";

/**
 * Releases all recipients that this process holds: claimed ones return to their former state, those handed over are in
 * doubt. Call it inside a transaction.
 *
 * @param store undefined to release in memory only, if the file can no longer be written.
 */
export function releaseAll(writer: WriterState, store: SqliteStore | undefined): void {
  const { counts, open, wereInDoubt } = writer;
  for (const [id, hold] of [...open]) {
    store?.statement(hold === "claimed" ? sql.RELEASE : sql.HOLD_IN_DOUBT).run(id);
    counts.move(hold, wereInDoubt.has(id) ? "in-doubt" : withoutHolder(hold));
    writer.letGo(id);
  }
}
