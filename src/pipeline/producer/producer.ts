import type { ListEntry } from "../../ledger/ledger.ts";
import { now } from "../../time/steady_time.ts";
import { InputError } from "../../model/input_error.ts";
import type { Batch } from "../../list/list.ts";
import { recipientOf } from "../../list/recipient.ts";
import type { ListNews, ListPass } from "../../list/file/sending_list.ts";
import type { Recipient } from "../../model/recipient.ts";
import { untilStopped } from "./until_stopped.ts";
import type { ProducerContext } from "./producer_context.ts";
import { offerReturning, sendAll } from "./offer.ts";
import { offerLeftOut } from "./left_out.ts";
import { offerDeferred, offerReserve } from "./after_list.ts";

/**
 * Fills the channel with rows of the list, claimed in the ledger first, and in between with recipients that the ledger
 * returns because they are due. Closes the channel when nobody is left to mail, or when the run stops.
 */
export async function produce(production: ProducerContext): Promise<void> {
  const { channel, stop, returns } = production;
  try {
    await returns.begin();
    // Waiting recipients come before new rows, even if --limit leaves no room for both.
    await offerReturning(production, production.reserve);
    // Whoever comes back is known either from the ledger, before the list adds to it, or from the list.
    if (!production.selection.picks) await offerLeftOut(production);
    await offerList(production);
    if (production.selection.picks) await offerLeftOut(production);
    await offerReserve(production, "clear");
    await offerDeferred(production);
    await noteWaiting(production);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
  if (!stop.signal.aborted) await channel.close();
}

/** Notes how many recipients wait whom this run did not choose: they leave it complete. */
async function noteWaiting({ selection, noteChoice, returns, tally }: ProducerContext) {
  if (!selection.choosesByCondition) return;
  const { queued, claimed, deferred } = await tally();
  const waiting = Math.max(0, queued + claimed + deferred - returns.waiting);
  await noteChoice({ waiting });
}

async function offerList(production: ProducerContext): Promise<void> {
  const { selection, stop } = production;
  // Selected rows may be above the place that earlier runs have reached.
  let line = selection.whole ? production.resumeAfterLine : 0;
  for (;;) {
    const pass = await production.list.rowsAfter(line);
    const { end, reached } = await offerPass(production, pass, line);
    if (stop.signal.aborted || end === "enough") return;
    if (end === "changed") return await giveUpList(production);
    line = reached;
    if (end !== "through") continue;
    if (selection.choosesByCondition) {
      await production.noteChoice({ notChosen: pass.notChosen() });
    }
    break;
  }
  selection.assertFoundAny(production.listName);
  if (!selection.picks) await leaveOrDropMissing(production);
  if (selection.notFound.length > 0) production.onNotFound(selection.notFound);
}

/** How far a pass over the list got: to the end, to the `--limit`, or to where the list turned out to have changed. */
interface Passed {
  readonly end: "through" | "enough" | Exclude<ListNews, "as scanned">;
  /** The rows up to this line need not be read again. */
  readonly reached: number;
}

async function offerPass(
  production: ProducerContext,
  pass: ListPass,
  after: number,
): Promise<Passed> {
  const { list, selection, claimSize, stop } = production;
  let reached = after;
  let place = 0;
  try {
    for await (const batch of untilStopped(pass.rows, stop.signal)) {
      for (let from = 0; from < batch.length;) {
        // Rows count only if the list, after they were read, is still what was scanned; otherwise they might be torn.
        const news = await list.news();
        if (news !== "as scanned") return { end: news, reached };
        const slice = batch.slice(from, from + claimSize);
        const looked = await offerRows(production, slice, { place, after: reached });
        if (selection.whole) reached = Math.max(reached, slice[looked - 1]?.line ?? 0);
        from += looked;
        place += looked;
        if (stop.signal.aborted || selection.room <= 0) return { end: "enough", reached };
        await offerReturning(production, production.reserve);
      }
    }
  } catch (error) {
    // The error may just come from the list being written to.
    const news = error instanceof InputError ? await list.news() : "as scanned";
    if (news === "as scanned") throw error;
    return { end: news, reached };
  }
  if (stop.signal.aborted) return { end: "enough", reached };
  const news = await list.news();
  if (news !== "as scanned") return { end: news, reached };
  return { end: pass.isAsScanned() ? "through" : "changed", reached };
}

/** Stops the run: no place in the list is valid any longer, and the plan was made for a different list. */
async function giveUpList({ recorder, stop, listName }: ProducerContext): Promise<void> {
  await recorder.forgetList();
  stop.request(
    "list-changed",
    `The list '${listName}' changed while it was being sent`,
    "Run again when the program that writes it is done. Nobody is mailed twice.",
  );
}

/** Handles waiting recipients who were not in the list, now that it is completely claimed: they are from an earlier list. */
async function leaveOrDropMissing(production: ProducerContext): Promise<void> {
  const { recorder, dropMissing, listName, onMissing } = production;
  if (dropMissing) return void await recorder.skipMissing(listName);
  const missing = await recorder.missing();
  if (missing.count > 0 || (missing.leftBehind ?? 0) > 0) onMissing(missing);
}

/**
 * Claims rows and offers those that the ledger returns as jobs.
 *
 * @param at `place` of the first row, from 0, and `after`, the line up to which rows are in the ledger.
 * @returns The number of rows examined: all of them, unless `--limit` leaves no room.
 */
async function offerRows(
  production: ProducerContext,
  rows: Batch,
  at: { readonly place: number; readonly after: number },
): Promise<number> {
  const { selection, recorder, channel, returns, suppression } = production;
  const { version: clearedBy } = suppression;
  const entries: ListEntry[] = [];
  let looked = 0;
  for (let room = selection.room; looked < rows.length; looked++) {
    const row = rows[looked]!;
    if (row.line <= at.after || !selection.covers(at.place + looked)) continue;
    const [entry, ...copies] = entriesOf(row, production);
    if (entry.row.kind === "recipient" && !selection.chooses(entry.row)) continue;
    if (entry.row.kind === "recipient" && entry.skip === undefined && room-- <= 0) break;
    entries.push(entry, ...copies);
  }
  if (entries.length === 0) return looked;
  const upToLine = selection.whole ? rows[looked - 1]!.line : undefined;
  const claims = await recorder.claim(entries, upToLine);
  for (const [index, claim] of claims.entries()) {
    const { row } = entries[index]!;
    if (claim.kind === "known") returns.found(claim, now());
    if (claim.kind !== "job" || row.kind !== "recipient") continue;
    selection.took(row);
    const job = { recipient: row, id: claim.id, attempt: 1, firstTriedAt: undefined, clearedBy };
    await sendAll(channel, production.reserve.holdBack(job));
  }
  return looked;
}

/** A row's entry, and those of the copies of its mail, which are claimed together with it. */
function entriesOf(
  row: Batch[number],
  { columns, required, suppression, copies }: ProducerContext,
): readonly [ListEntry, ...ListEntry[]] {
  const read = row.kind === "row" ? recipientOf(row, columns, required) : row;
  if (read.kind === "bad-row") return [{ row: read, skip: undefined }];
  const copied = copies?.(read) ?? [];
  if ("kind" in copied) return [{ row: copied, skip: undefined }];
  const entryOf = (row: Recipient): ListEntry => ({ row, skip: suppression.why(row.key) });
  return [entryOf(read), ...copied.map(entryOf)];
}
