import { SET_ASIDE } from "../../model/outcome.ts";
import { LEFT_OUT, STATE_NUMBERS, WAITS } from "./state_numbers.ts";

const {
  queued: QUEUED,
  claimed: CLAIMED,
  "handed-over": HANDED_OVER,
  deferred: DEFERRED,
  sent: SENT,
  "in-doubt": DOUBTED,
  skipped: SKIPPED,
} = STATE_NUMBERS;

export const READ_KEYED = `SELECT keyed_up_to FROM tally`;

/** Considers only rows with a key, which are never deleted; the ids of deleted rows are reused. */
export const LAST_KEYED = `SELECT id FROM recipient WHERE key IS NOT NULL ORDER BY id DESC LIMIT 1`;

export const WRITE_KEYED = `UPDATE tally SET keyed_up_to = ?`;

export const KEYS_AFTER = `SELECT key, id FROM recipient WHERE id > ? AND key IS NOT NULL`;

/** Sorted, so that the pages of the index are written one after the other. */
export const INDEX_KEYS = `INSERT INTO recipient_of_key (key, id)
   SELECT key, id FROM recipient WHERE id > ? AND key IS NOT NULL ORDER BY key`;

export const FIND_KEY = `SELECT id FROM recipient_of_key WHERE key = ?`;

/** Keys that begin with a mailbox and a space: "!" is the character after the space. */
export const FIND_OF_MAILBOX = `SELECT id FROM recipient_of_key WHERE key > ? AND key < ?`;

/** Room for relay, Message-ID, times, run, size and a typical reply; a mail with attachments is work enough without it. */
const ROOM = " ".repeat(101);

/** Enters a recipient with a new key, and claims it at once. */
export const ENTER_RECIPIENT =
  `INSERT INTO recipient (key, line, revision, state, address, fields, room) VALUES (?, ?, ?, ${CLAIMED}, ?, ?, '${ROOM}')`;

/** Enters a row that gets no mail: invalid (without a key), suppressed (with it), or the duplicate of another (without). */
export const ENTER_SETTLED =
  `INSERT INTO recipient (key, line, revision, state, address, fields, reason, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
   ON CONFLICT DO NOTHING`;

/** The cells of a row whose duplicate was found. */
export const READ_FIELDS = `SELECT fields FROM recipient WHERE id = ?`;

export const READ_KNOWN =
  `SELECT id, key, line, revision, state, not_before, replaced_by FROM recipient WHERE id = ?`;

/** Updates a recipient found in a changed list: cells and line are replaced, the state stays. */
export const MEET_AGAIN =
  `UPDATE recipient SET line = ?, revision = ?, address = ?, fields = ? WHERE id = ?`;

/** Skips a waiting recipient that is suppressed now. */
export const SKIP_ONE =
  `UPDATE recipient SET state = ${SKIPPED}, reason = ?, at = ?, not_before = NULL WHERE id = ?`;

export const MARK_COPY = `UPDATE recipient SET copy_of = ? WHERE id = ?`;

/** The recipient whose mail is copied. */
export const READ_COPIED = `SELECT key, address FROM recipient WHERE id = ?`;

/** The columns of a `StoredRecipient`, and what claiming one or judging one again needs. */
export const SELECT_RECIPIENT =
  `SELECT id, key, line, address, fields, attempts, first_tried_at, state, reason, copy_of
   FROM recipient`;

/** Waiting recipients of the current list with a due time between the second and third values, longest due first. */
export const DUE = `${SELECT_RECIPIENT}
   WHERE ${WAITS} AND revision = ? AND not_before BETWEEN ? AND ? ORDER BY not_before LIMIT ?`;

/** Selected rows that are due by the third value, or between the fourth and fifth: written before the clock was set back. */
export const DUE_OF_ROWS = `${SELECT_RECIPIENT} WHERE id IN (SELECT value FROM json_each(?))
   AND ${WAITS} AND revision = ? AND (not_before <= ? OR not_before BETWEEN ? AND ?)`;

/** Recipients set aside (the first value is their due time) between the rows of the third and fourth values, in row order. */
export const SET_ASIDE_BETWEEN = `${SELECT_RECIPIENT}
   WHERE not_before = ? AND revision = ? AND id BETWEEN ? AND ? AND ${WAITS} ORDER BY id LIMIT ?`;

/** The one that was set aside longest ago. Reads all of them, once per run. */
export const LONGEST_SET_ASIDE = `SELECT id FROM recipient
   WHERE not_before = ? AND revision = ? AND ${WAITS} ORDER BY at, id LIMIT 1`;

/** The same for selected rows. */
export const SET_ASIDE_OF_ROWS = `${SELECT_RECIPIENT} WHERE id IN (SELECT value FROM json_each(?))
   AND not_before = ? AND revision = ? AND ${WAITS}`;

/** The selected rows that are in doubt. */
export const DOUBTED_OF_ROWS = `${SELECT_RECIPIENT} WHERE id IN (SELECT value FROM json_each(?))
   AND state = ${DOUBTED} AND revision = ?`;

export const NEXT_DUE =
  `SELECT min(not_before) AS due FROM recipient WHERE ${WAITS} AND revision = ? AND not_before < ?`;

/** Reads every row, once, in a run that sends to them again. */
export const IN_DOUBT =
  `SELECT id FROM recipient WHERE state = ${DOUBTED} AND revision = ? ORDER BY id`;

/** A first try in the future was recorded before the clock was set back; the time for retries then starts now. */
export const CLAIM =
  `UPDATE recipient SET state = ${CLAIMED}, first_tried_at = min(first_tried_at, ?) WHERE id = ?`;

/** Shortens `room` by what is written here; the value is the first character, counted from 1, that remains. */
export const HAND_OVER =
  `UPDATE recipient SET state = ${HANDED_OVER}, relay = ?, message_id = ?, at = ?,
   run = ?, size = ?, attachments = ?, room = substr(room, ?) WHERE id = ?`;

export const BEGIN_RUN = `INSERT INTO run (at, template) VALUES (?, ?)`;

export const READ_RUN = `SELECT template FROM run WHERE id = ?`;

/** Settles an accepted mail, by far the most frequent case; relay and Message-ID are those of the hand-over. */
export const SETTLE_SENT =
  `UPDATE recipient SET state = ${SENT}, attempts = attempts + 1, not_before = NULL, at = ?, code = ?, enhanced = ?,
   reply = ?, stage = ?, reason = NULL, room = NULL WHERE id = ?`;

export const SETTLE = `UPDATE recipient SET state = ?, attempts = attempts + ?, not_before = ?,
   first_tried_at = coalesce(first_tried_at, ?), at = ?, code = ?, enhanced = ?, reply = ?, stage = ?,
   relay = coalesce(?, relay), message_id = coalesce(?, message_id), reason = ?, room = NULL WHERE id = ?`;

/**
 * Claims a recipient in doubt. Until the new mail is handed over, the recipient is still in doubt; such rows are the
 * only claimed ones that have a relay and no due time.
 */
export const CLAIM_IN_DOUBT = `UPDATE recipient SET state = ${CLAIMED}, not_before = NULL,
   first_tried_at = min(first_tried_at, ?) WHERE id = ?`;
const WAS_IN_DOUBT = `(not_before IS NULL AND relay IS NOT NULL)`;

const LET_GO =
  `UPDATE recipient SET state = CASE WHEN ${WAS_IN_DOUBT} THEN ${DOUBTED} ELSE ${QUEUED} END,
   not_before = CASE WHEN ${WAS_IN_DOUBT} THEN NULL WHEN not_before = ${SET_ASIDE} THEN ${SET_ASIDE} ELSE 0 END`;

/** Returns a claimed row that was not handed over to its former state. */
export const RELEASE = `${LET_GO} WHERE id = ?`;

/** The claimed rows that were in doubt. Reads every row. */
export const COUNT_CLAIMED_IN_DOUBT =
  `SELECT count(*) AS n FROM recipient WHERE state = ${CLAIMED} AND ${WAS_IN_DOUBT}`;

/** Releases what a dead process had claimed but not handed over: it was certainly not sent. Reads every row. */
export const RECOVER_CLAIMED = `${LET_GO} WHERE state = ${CLAIMED}`;

const ABANDONED = `UPDATE recipient SET state = ${DOUBTED}, attempts = attempts + 1,
   reason = 'Handed over to ' || relay || ' when the process ended; no reply was recorded'`;

/** Marks what it had handed over, and may have been sent. */
export const RECOVER_HANDED_OVER = `${ABANDONED} WHERE state = ${HANDED_OVER}`;

/** The same for one row. */
export const HOLD_IN_DOUBT = `${ABANDONED} WHERE id = ?`;

/** Queues a recipient whom an earlier list or suppression had excluded, and who was never mailed. */
export const REJOIN =
  `UPDATE recipient SET state = ${QUEUED}, not_before = 0, reason = NULL, at = NULL WHERE id = ?`;

/** Deletes invalid and duplicate rows; a changed list determines them again. */
export const FORGET_INVALID = `DELETE FROM recipient WHERE key IS NULL AND revision < ?`;

/** Waiting recipients who are not in the changed list, and the first of them. */
export const COUNT_MISSING = `SELECT count(*) AS n FROM recipient WHERE ${WAITS} AND revision < ?`;
export const FIRST_MISSING =
  `SELECT address FROM recipient WHERE ${WAITS} AND revision < ? ORDER BY id LIMIT ?`;

/** Waiting recipients as the next run will find them, including those claimed by a dead process. */
export const WAITING =
  `SELECT id, key, address FROM recipient WHERE id > ? AND state IN (${QUEUED}, ${CLAIMED}, ${DEFERRED})
   AND key IS NOT NULL ORDER BY id LIMIT ?`;
export const WAITS_ELSEWHERE =
  `SELECT EXISTS (SELECT 1 FROM recipient WHERE ${WAITS} AND revision < ?) AS n`;

export const SKIP_MISSING =
  `UPDATE recipient SET state = ${SKIPPED}, not_before = NULL, at = ?, reason = ?
   WHERE ${WAITS} AND revision < ?`;

/** Reads every row; used only after changes to an unknown number of rows in each state. */
export const COUNT_STATES = `SELECT state, count(*) AS n FROM recipient GROUP BY state`;

/** Reads every row; used only at the end of a run, or on request. */
export const COUNT_LIST_ROWS =
  `SELECT count(*) AS n FROM recipient WHERE revision = ? AND copy_of IS NULL`;
export const COUNT_LIST_ROWS_BEFORE_4 = `SELECT count(*) AS n FROM recipient WHERE revision = ?`;

/** Recipients of a list who are suppressed; those replaced by another recipient are not. The index alone answers it: 200,000 take 40 ms. */
export const COUNT_SUPPRESSED = `SELECT count(*) AS n FROM recipient
   WHERE revision = ? AND state = ${SKIPPED} AND ${LEFT_OUT} AND replaced_by IS NULL`;
export const COUNT_SUPPRESSED_BEFORE_4 =
  `SELECT count(*) AS n FROM recipient WHERE revision = ? AND state = ${SKIPPED} AND key IS NOT NULL`;

/**
 * Mails accepted, or possibly accepted, by the sandbox and by others. Reads every row; used only for ledgers of
 * earlier versions.
 */
export const COUNT_TAKEN = `SELECT coalesce(sum(relay = 'sandbox:'), 0) AS sandbox,
   coalesce(sum(relay <> 'sandbox:'), 0) AS real FROM recipient WHERE state IN (${HANDED_OVER}, ${SENT}, ${DOUBTED})`;

export const WRITE_TALLY = `UPDATE tally SET counts = ?, up_to_line = ?, exact = ?`;

export const WRITE_COUNTS = `UPDATE tally SET counts = ?, exact = 1`;

/** For version 1, whose counts are right unless the process died. */
export const READ_TALLY_OF_1 = `SELECT counts, up_to_line, 0 AS exact FROM tally`;

export const READ_VERSION = `PRAGMA user_version`;

export const READ_TALLY = `SELECT counts, up_to_line, exact FROM tally`;

export const READ_FACT = `SELECT value FROM fact WHERE name = ?`;

export const WRITE_FACT =
  `INSERT INTO fact (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`;

export const ALL_ROWS = `SELECT * FROM recipient WHERE id > ? ORDER BY id LIMIT ?`;

export const ROWS_IN_STATES =
  `SELECT * FROM recipient WHERE id > ? AND state IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT ?`;

export const SETTLE_BY_HAND =
  `UPDATE recipient SET state = ?, not_before = ?, at = ?, reason = ? WHERE id = ?`;

/** Gives a recipient queued by a person all attempts, and all the time for them, once more. */
export const START_OVER = `UPDATE recipient SET attempts = 0, first_tried_at = NULL WHERE id = ?`;

/** Queues a recipient as a person would; the result of the last try stays on record until the next one ends. */
const TRY_AGAIN =
  `UPDATE recipient SET state = ${QUEUED}, not_before = 0, attempts = 0, first_tried_at = NULL`;
export const RETRY_ONE = `${TRY_AGAIN} WHERE id = ?`;

/** Rows of the current list that are recipients. Reads every row, once, on request. */
export const RETRY_STATE = `${TRY_AGAIN} WHERE state = ? AND revision = ? AND key IS NOT NULL`;

/** Whether a key, or the mailbox at its beginning, is among the first value: Deno 2.5 cannot bind ?1 by its place. */
const NAMES = `WITH name AS (SELECT value FROM json_each(?))`;
const NAMED = `(key IN name OR substr(key, 1, instr(key, ' ') - 1) IN name)`;

/** Counts by state the recipients who are named, or in the states of the second value. */
export const COUNT_RETRIED = countRetried("AND replaced_by IS NULL");
export const COUNT_RETRIED_BEFORE_4 = countRetried("");
function countRetried(condition: string): string {
  return `${NAMES} SELECT state, count(*) AS n FROM recipient WHERE key IS NOT NULL
   AND (${NAMED} OR state IN (SELECT value FROM json_each(?))) ${condition} GROUP BY state`;
}

/** The recipients who are named, and whether each was sent a mail. */
export const FIND_SENT =
  `${NAMES} SELECT key, state = ${SENT} AS sent FROM recipient WHERE key IS NOT NULL AND ${NAMED}`;

/** Skips recipients who wait under a key of another kind: those of the list now have other rows. */
export const SKIP_OTHERWISE_KEYED =
  `UPDATE recipient SET state = ${SKIPPED}, not_before = NULL, at = ?, reason = ?
   WHERE ${WAITS} AND key IS NOT NULL`;
