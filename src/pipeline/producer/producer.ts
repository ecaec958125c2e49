import { sleep } from "../../time/sleep.ts";
import type { Stop } from "../../model/stop.ts";
import type { DueRecipient, ListEntry, Missing } from "../../ledger/ledger.ts";
import type { Recorder } from "../../ledger/recorder.ts";
import { now } from "../../time/steady_time.ts";
import type { Tally } from "../../model/tally.ts";
import { InputError } from "../../model/input_error.ts";
import type { Channel } from "../channel.ts";
import type { Batch } from "../../list/list.ts";
import { recipientOf } from "../../list/recipient.ts";
import type { Columns, Job } from "../../model/recipient.ts";
import type { Doubts } from "./doubts.ts";
import type { Reserve } from "./reserve.ts";
import type { Returns } from "./returns.ts";
import type { Selection } from "./selection.ts";
import type { ListNews, ListPass, SendingList } from "../../list/file/sending_list.ts";
import type { Suppressing } from "../../suppression/suppression_files.ts";
import { untilStopped } from "./until_stopped.ts";

/** What the producer works with. */
export interface Production {
  readonly list: SendingList;
  readonly columns: Columns;
  /** How messages call the list. */
  readonly listName: string;
  readonly required: readonly number[];
  readonly selection: Selection;
  readonly returns: Returns;
  readonly suppression: Suppressing;
  /** Every row up to this line is in the ledger. */
  readonly resumeAfterLine: number;
  readonly recorder: Recorder;
  readonly tally: () => Tally;
  readonly channel: Channel<Job>;
  /** Rows claimed at a time. */
  readonly claimSize: number;
  readonly stop: Stop;
  /** Wait for deferred recipients until they are settled. */
  readonly wait: boolean;
  /** What the relays' refusals leave open. */
  readonly doubts: Doubts;
  readonly reserve: Reserve;
  /** Skip recipients who wait and are not in the list; else they wait for a list that has them. */
  readonly dropMissing: boolean;
  /** Told that only recipients with a later due time are left; undefined: no longer so. */
  readonly onWaiting: (until: number | undefined) => void;
  /** Told of recipients asked for by name who are not in the list. */
  readonly onUnmet: (keys: readonly string[]) => void;
  /** Told of recipients who wait and are not in the list. */
  readonly onMissing: (missing: Missing) => void;
}

/** Looks again after this whether what is under way is settled. */
const LOOK_AGAIN_MS = 20;
/** The same where nothing else can be done meanwhile. */
const LOOK_FOR_ANSWERS_MS = 2;
/** Longest time for which the last recipients wait for the others' replies: longer where a relay may be refusing us. */
const SHORTEST_HOLD_MS = 1_000;
const LONGEST_HOLD_MS = 10_000;
/** Longest sleep towards a due time: a machine that slept meanwhile is noticed soon. */
const LONGEST_SLEEP_MS = 1_000;

/**
 * Fills the channel: rows of the list, claimed in the ledger first, and between them recipients that the ledger gives back
 * because their time has come. Closes the channel when nobody is owed a mail any more, or when the run stops.
 */
export async function produce(production: Production): Promise<void> {
  const { channel, stop, returns } = production;
  try {
    await returns.begin();
    // Who waited before the new rows: also where --limit leaves no room for both.
    await offerReturning(production, production.reserve);
    await offerList(production);
    await offerReserve(production, "clear");
    await offerDeferred(production);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  }
  if (!stop.signal.aborted) await channel.close();
}

async function offerList(production: Production): Promise<void> {
  const { selection, stop } = production;
  // Chosen rows may stand above the place that earlier runs have reached.
  let line = selection.whole ? production.resumeAfterLine : 0;
  for (;;) {
    const pass = await production.list.rowsAfter(line);
    const { end, reached } = await offerPass(production, pass, line);
    if (stop.signal.aborted || end === "enough") return;
    if (end === "changed") return await giveUpList(production);
    if (end === "through") break;
    line = reached;
  }
  selection.assertFoundAny(production.listName);
  if (!selection.picks) await leaveOrDropMissing(production);
  if (selection.unmet.length > 0) production.onUnmet(selection.unmet);
}

/** How far a pass over the list has come: through it, to the end of `--limit`, or to where the list is not what it was. */
interface Passed {
  readonly end: "through" | "enough" | Exclude<ListNews, "as scanned">;
  /** The rows up to this line need not be read again. */
  readonly reached: number;
}

async function offerPass(production: Production, pass: ListPass, after: number): Promise<Passed> {
  const { list, selection, claimSize, stop } = production;
  let reached = after;
  let place = 0;
  try {
    for await (const batch of untilStopped(pass.rows, stop.signal)) {
      for (let from = 0; from < batch.length;) {
        // Rows count only where the list is, after they were read, still what was scanned: they might be torn.
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
    // What is wrong with a list that is being written to may be that alone.
    const news = error instanceof InputError ? await list.news() : "as scanned";
    if (news === "as scanned") throw error;
    return { end: news, reached };
  }
  if (stop.signal.aborted) return { end: "enough", reached };
  const news = await list.news();
  if (news !== "as scanned") return { end: news, reached };
  return { end: pass.isAsScanned() ? "through" : "changed", reached };
}

/** No place in the list holds any more, and the plan was made for another one. */
async function giveUpList({ recorder, stop, listName }: Production): Promise<void> {
  await recorder.forgetList();
  stop.request(
    `The list '${listName}' changed while it was being sent`,
    "run again when the program that writes it is done: nobody is mailed twice",
  );
}

/** Everybody in the list has been met: who waits and was not met is in an earlier list alone. */
async function leaveOrDropMissing(production: Production): Promise<void> {
  const { recorder, dropMissing, listName, onMissing } = production;
  if (dropMissing) return void await recorder.skipMissing(listName);
  const missing = await recorder.missing();
  if (missing.count > 0) onMissing(missing);
}

/**
 * Claims rows and offers those that the ledger says are ours.
 *
 * @param at `place` of the first row, from 0, and the line up to which rows are in the ledger.
 * @returns How many rows were looked at: all of them, but where `--limit` leaves no room.
 */
async function offerRows(
  production: Production,
  rows: Batch,
  at: { readonly place: number; readonly after: number },
): Promise<number> {
  const { selection, recorder, channel, returns } = production;
  const entries: ListEntry[] = [];
  let looked = 0;
  for (let room = selection.room; looked < rows.length; looked++) {
    const row = rows[looked]!;
    if (row.line <= at.after || !selection.covers(at.place + looked)) continue;
    const entry = entryOf(row, production);
    if (entry.row.kind === "recipient" && !selection.chooses(entry.row)) continue;
    if (entry.row.kind === "recipient" && entry.skip === undefined && room-- <= 0) break;
    entries.push(entry);
  }
  if (entries.length === 0) return looked;
  const upToLine = selection.whole ? rows[looked - 1]!.line : undefined;
  const claims = await recorder.claim(entries, upToLine);
  for (const [index, claim] of claims.entries()) {
    const { row } = entries[index]!;
    if (claim.kind === "known") returns.met(claim, now());
    if (claim.kind !== "job" || row.kind !== "recipient") continue;
    selection.took(row);
    const job = { recipient: row, id: claim.id, attempt: 1, firstTriedAt: undefined };
    await sendAll(channel, production.reserve.exchange(job));
  }
  return looked;
}

function entryOf(row: Batch[number], { columns, required, suppression }: Production): ListEntry {
  const judged = row.kind === "row" ? recipientOf(row, columns, required) : row;
  return {
    row: judged,
    skip: judged.kind === "recipient" ? suppression.why(judged.key) : undefined,
  };
}

/**
 * Offers recipients whose time has come, and those in doubt that are to be sent to again. Returns how many. With a reserve the last
 * ones are held back: an earlier run may have come to all of the list.
 */
async function offerReturning(production: Production, reserve?: Reserve): Promise<number> {
  const { returns, claimSize } = production;
  const doubted = await returns.claimInDoubt(claimSize, now());
  for (const owed of doubted) await offerAgain(production, owed, "in-doubt");
  const due = await returns.claimDue(now(), claimSize - doubted.length);
  for (const owed of due) await offerAgain(production, owed, "skipped", reserve);
  return doubted.length + due.length;
}

/** Offers one of them. Whoever was suppressed meanwhile gets no mail, and the state `ruledOut`. */
async function offerAgain(
  { recorder, channel, selection, suppression }: Production,
  { id, recipient, attempts, firstTriedAt }: DueRecipient,
  ruledOut: "skipped" | "in-doubt",
  reserve?: Reserve,
): Promise<void> {
  const reason = suppression.why(recipient.key);
  if (reason !== undefined) {
    return recorder.settle({ id, relay: "", messageId: "" }, { state: ruledOut, reason });
  }
  selection.took(recipient);
  const job = { recipient, id, attempt: attempts + 1, firstTriedAt };
  await sendAll(channel, reserve?.exchange(job) ?? [job]);
}

async function sendAll(channel: Production["channel"], jobs: readonly Job[]): Promise<void> {
  for (const job of jobs) await channel.send(job);
}

/**
 * Offers the last recipients of the list, or of a round. Where a relay has refused some and taken nobody since, they go one by
 * one, each when all others are answered: whether they are taken says whose fault it was. With "clear" those left when that is
 * known are kept for the round of those set aside, if anybody is; but one of them goes first where no relay has taken mail yet in
 * this run. Otherwise a round of recipients refused for their own sake would stop this run before it came to these, and the next
 * one as well.
 */
async function offerReserve(production: Production, until: "clear" | "empty"): Promise<void> {
  const { reserve, channel, tally, doubts, stop } = production;
  while (reserve.size > 0) {
    // A reply that does not come must not hold these up for as long as replies are waited for.
    const heldUntil = now() + (doubts.open ? LONGEST_HOLD_MS : SHORTEST_HOLD_MS);
    while (tally().claimed > reserve.size && !stop.signal.aborted && now() < heldUntil) {
      await sleep(LOOK_FOR_ANSWERS_MS, stop.signal);
    }
    const kept = until === "clear" && tally().deferred > 0;
    if (kept && !doubts.open && doubts.taken) return;
    await sendAll(channel, doubts.open || kept ? reserve.take(1) : reserve.take());
  }
}

/** After the list: offers those that fall due, and then those set aside, until nobody is under way or waiting. */
async function offerDeferred(production: Production): Promise<void> {
  const { returns, tally, channel, stop, wait, onWaiting, doubts, reserve } = production;
  /** How much was known when the last round of those set aside began. */
  let learntBefore: number | undefined;
  const heldUntil = now() + LONGEST_HOLD_MS;
  while (!stop.signal.aborted) {
    const last = learntBefore === undefined ? reserve : undefined;
    if (await offerReturning(production, last) > 0) continue;
    if (tally().claimed > reserve.size) {
      await sleep(LOOK_AGAIN_MS, stop.signal);
      if (now() >= heldUntil) await sendAll(channel, reserve.take());
      continue;
    }
    if (learntBefore === undefined || doubts.learnt > learntBefore) {
      learntBefore = doubts.learnt;
      doubts.lastRound(reserve.size > 0);
      returns.beginRound();
      if (await offerSetAside(production) > 0) continue;
    }
    const due = await returns.nextDue(now());
    // Nobody is owed a mail: what the relays refused is settled.
    if (due === undefined && !await returns.anySetAside()) return;
    if (due === undefined || (!wait && due > now())) {
      if (!doubts.conclude()) return;
      learntBefore = undefined;
      continue;
    }
    onWaiting(due);
    await sleep(Math.min(due - now(), LONGEST_SLEEP_MS), stop.signal);
    onWaiting(undefined);
  }
}

/** Offers everybody set aside, once, and those held back; others that fall due meanwhile wait. Returns how many it offered. */
async function offerSetAside(production: Production): Promise<number> {
  const { returns, claimSize, stop, reserve } = production;
  const kept = reserve.size > 0;
  let offered = reserve.size;
  while (!stop.signal.aborted) {
    const owed = await returns.claimSetAside(now(), claimSize);
    if (owed.length === 0) break;
    for (const one of owed) {
      await offerAgain(production, one, "skipped", kept ? undefined : reserve);
    }
    offered += owed.length;
  }
  await offerReserve(production, "empty");
  return offered;
}
