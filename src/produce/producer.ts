import { sleep } from "../consume/sleep.ts";
import type { Stop } from "../consume/stop.ts";
import type { Entry } from "../record/ledger.ts";
import type { Recorder } from "../record/recorder.ts";
import type { Tally } from "../report/tally.ts";
import type { Channel } from "./channel.ts";
import type { Batch } from "./csv.ts";
import { type Columns, type Job, recipientOf } from "./recipient.ts";
import type { Selection } from "./selection.ts";
import type { Suppressing } from "./suppression.ts";

/** What the producer works with. */
export interface Production {
  readonly rows: ReadableStream<Batch>;
  readonly columns: Columns;
  /** How the list is called where somebody is no longer in it. */
  readonly listName: string;
  readonly required: readonly number[];
  readonly selection: Selection;
  readonly suppression: Suppressing;
  /** Rows up to this line are in the ledger. */
  readonly resumeAfterLine: number;
  readonly recorder: Recorder;
  readonly tally: () => Tally;
  readonly channel: Channel<Job>;
  /** Rows claimed at a time. */
  readonly claimSize: number;
  readonly stop: Stop;
  /** Wait for deferred recipients until they are settled. */
  readonly wait: boolean;
  /** Told that only recipients with a later due time are left; undefined: no longer so. */
  readonly onWaiting: (until: number | undefined) => void;
  /** Told of recipients asked for by name who are not in the list. */
  readonly onUnmet: (keys: readonly string[]) => void;
}

/** Looks again after this whether what is under way is settled. */
const LOOK_AGAIN_MS = 20;
/** Longest sleep towards a due time, so that a changed clock does no harm. */
const LONGEST_SLEEP_MS = 1_000;

/**
 * Fills the channel: rows of the list, claimed in the ledger first, and between them recipients that the ledger gives back
 * because their time has come. Closes the channel when nobody is owed a mail any more, or when the run stops.
 */
export async function produce(production: Production): Promise<void> {
  const { channel, stop } = production;
  try {
    // Who waited before the new rows: also where --limit leaves no room for both.
    await offerDue(production);
    await offerList(production);
    await offerDeferred(production);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
  if (!stop.signal.aborted) await channel.close();
}

async function offerList(production: Production): Promise<void> {
  const { rows, selection, resumeAfterLine, claimSize, recorder, stop, listName } = production;
  let place = 0;
  for await (const batch of untilStopped(rows, stop.signal)) {
    for (let from = 0; from < batch.length; from += claimSize) {
      const slice = batch.slice(from, from + claimSize);
      if (slice.at(-1)!.line > resumeAfterLine) await offerRows(production, slice, place);
      place += slice.length;
      if (stop.signal.aborted || selection.room <= 0) return;
      await offerDue(production);
    }
  }
  if (stop.signal.aborted) return;
  if (selection.whole) await recorder.skipMissing(listName);
  if (selection.unmet.length > 0) production.onUnmet(selection.unmet);
}

/**
 * The rows until the run stops: also where the next one may never come, as from a pipe that somebody holds open. The stream
 * is closed by who opened it, together with the file behind it.
 */
async function* untilStopped<T>(rows: ReadableStream<T>, signal: AbortSignal): AsyncGenerator<T> {
  const reader = rows.getReader();
  while (!signal.aborted) {
    const next = await readUnlessStopped(reader, signal);
    if (next === undefined || next.done) return;
    yield next.value;
  }
}

/** Not `Promise.race()` with one promise for the whole run: that would keep what every read brought, which is the list. */
function readUnlessStopped<T>(
  reader: ReadableStreamDefaultReader<T>,
  signal: AbortSignal,
): Promise<ReadableStreamReadResult<T> | undefined> {
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(undefined);
    signal.addEventListener("abort", stop, { once: true });
    reader.read().then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}

/** Claims rows and offers those that the ledger says are ours. */
async function offerRows(production: Production, batch: Batch, place: number): Promise<void> {
  const { selection, recorder, channel, resumeAfterLine } = production;
  const entries: Entry[] = [];
  let lastLine = 0;
  let room = selection.room;
  for (const [index, row] of batch.entries()) {
    if (row.line <= resumeAfterLine || !selection.covers(place + index)) continue;
    const entry = entryOf(row, production);
    if (entry.row.kind === "recipient" && !selection.chooses(entry.row)) continue;
    if (entry.row.kind === "recipient" && entry.skip === undefined && room-- <= 0) break;
    entries.push(entry);
    lastLine = row.line;
  }
  if (entries.length === 0) return;
  const claims = await recorder.claim(entries, selection.whole ? lastLine : undefined);
  for (const [index, claim] of claims.entries()) {
    const { row } = entries[index]!;
    if (claim.kind !== "job" || row.kind !== "recipient") continue;
    selection.took(row);
    await channel.send({ recipient: row, id: claim.id, attempt: 1, firstTriedAt: undefined });
  }
}

function entryOf(row: Batch[number], { columns, required, suppression }: Production): Entry {
  const judged = row.kind === "row" ? recipientOf(row, columns, required) : row;
  return {
    row: judged,
    skip: judged.kind === "recipient" ? suppression.why(judged.key) : undefined,
  };
}

/** Offers recipients whose time has come; answers how many. */
async function offerDue(production: Production): Promise<number> {
  const { recorder, channel, selection, suppression, claimSize } = production;
  const { keys } = selection;
  const most = keys === undefined ? Math.min(claimSize, selection.room) : claimSize;
  const owed = await recorder.claimDue(Date.now(), most, keys);
  for (const { id, recipient, attempts, firstTriedAt } of owed) {
    const reason = suppression.why(recipient.key);
    if (reason === undefined) {
      selection.took(recipient);
      await channel.send({ recipient, id, attempt: attempts + 1, firstTriedAt });
    } else {
      recorder.settle({ id, relay: "", messageId: "" }, {
        state: "skipped",
        reason,
      });
    }
  }
  return owed.length;
}

/** The list is through: gives out who falls due, until nobody is under way or waiting. */
async function offerDeferred(production: Production): Promise<void> {
  const { recorder, tally, selection, stop, wait, onWaiting } = production;
  while (!stop.signal.aborted) {
    if (await offerDue(production) > 0) continue;
    if (tally().claimed > 0) {
      await sleep(LOOK_AGAIN_MS, stop.signal);
      continue;
    }
    const due = await recorder.nextDue(selection.keys);
    if (due === undefined || (!wait && due > Date.now())) return;
    onWaiting(due);
    await sleep(Math.min(due - Date.now(), LONGEST_SLEEP_MS), stop.signal);
    onWaiting(undefined);
  }
}
