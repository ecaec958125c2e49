import { SET_ASIDE } from "../../model/outcome.ts";
import { STATE_NUMBERS, WAITS } from "./state_numbers.ts";

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

/** Of rows with a key, which stay for good: the ids of others are reused after they are deleted. */
export const LAST_KEYED = `SELECT id FROM recipient WHERE key IS NOT NULL ORDER BY id DESC LIMIT 1`;

export const WRITE_KEYED = `UPDATE tally SET keyed_up_to = ?`;

export const KEYS_AFTER = `SELECT key, id FROM recipient WHERE id > ? AND key IS NOT NULL`;

/** Sorted first: one page of the index after the other. */
export const INDEX_KEYS = `INSERT INTO recipient_of_key (key, id)
   SELECT key, id FROM recipient WHERE id > ? AND key IS NOT NULL ORDER BY key`;

export const FIND_KEY = `SELECT id FROM recipient_of_key WHERE key = ?`;

/** Relay, Message-ID, times and a usual reply. */
const ROOM = " ".repeat(96);

/** Enters a recipient whose key is not known, and claims it at once. */
export const ENTER_RECIPIENT =
  `INSERT INTO recipient (key, line, revision, state, address, fields, room) VALUES (?, ?, ?, ${CLAIMED}, ?, ?, '${ROOM}')`;

/** Enters a row that gets no mail: invalid (without a key), suppressed (with it), or the duplicate of another (without). */
export const ENTER_SETTLED =
  `INSERT INTO recipient (key, line, revision, state, address, fields, reason, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
   ON CONFLICT DO NOTHING`;

export const READ_KNOWN =
  `SELECT id, line, revision, state, not_before FROM recipient WHERE id = ?`;

/** A recipient met again in a changed list: its cells and its line are the new ones, its state stays. */
export const MEET_AGAIN =
  `UPDATE recipient SET line = ?, revision = ?, address = ?, fields = ? WHERE id = ?`;

/** A waiting recipient that is suppressed now. */
export const SKIP_ONE =
  `UPDATE recipient SET state = ${SKIPPED}, reason = ?, at = ?, not_before = NULL WHERE id = ?`;

const OWED =
  `SELECT id, key, line, address, fields, attempts, first_tried_at, state FROM recipient`;

/** Waiting recipients of the present list with a due time from the second value to the third, longest due first. */
export const DUE = `${OWED}
   WHERE ${WAITS} AND revision = ? AND not_before BETWEEN ? AND ? ORDER BY not_before LIMIT ?`;

/** Chosen rows that are due by the third value, or only between the fourth and the fifth, which no clock of today's wrote. */
export const DUE_OF_ROWS = `${OWED} WHERE id IN (SELECT value FROM json_each(?))
   AND ${WAITS} AND revision = ? AND (not_before <= ? OR not_before BETWEEN ? AND ?)`;

/** Who is set aside: the first value is their due time. Of the rows from the third value to the fourth, in their order. */
export const SET_ASIDE_BETWEEN = `${OWED}
   WHERE not_before = ? AND revision = ? AND id BETWEEN ? AND ? AND ${WAITS} ORDER BY id LIMIT ?`;

/** Of them, who was set aside longest ago. Reads all of them: once a run. */
export const LONGEST_SET_ASIDE = `SELECT id FROM recipient
   WHERE not_before = ? AND revision = ? AND ${WAITS} ORDER BY at, id LIMIT 1`;

/** The same of chosen rows. */
export const SET_ASIDE_OF_ROWS = `${OWED} WHERE id IN (SELECT value FROM json_each(?))
   AND not_before = ? AND revision = ? AND ${WAITS}`;

/** Of chosen rows those that are in doubt. */
export const DOUBTED_OF_ROWS = `${OWED} WHERE id IN (SELECT value FROM json_each(?))
   AND state = ${DOUBTED} AND revision = ?`;

export const NEXT_DUE =
  `SELECT min(not_before) AS due FROM recipient WHERE ${WAITS} AND revision = ? AND not_before < ?`;

/** Reads every row: asked once, by a run that sends to them again. */
export const IN_DOUBT =
  `SELECT id FROM recipient WHERE state = ${DOUBTED} AND revision = ? ORDER BY id`;

/** A first try in the future is one by a clock that was set back since: the time for retries runs from now on. */
export const CLAIM =
  `UPDATE recipient SET state = ${CLAIMED}, first_tried_at = min(first_tried_at, ?) WHERE id = ?`;

/** `room` is left from a character on, counted from 1: what is written here takes the ones before. */
export const HAND_OVER =
  `UPDATE recipient SET state = ${HANDED_OVER}, relay = ?, message_id = ?, at = ?, room = substr(room, ?) WHERE id = ?`;

/** An accepted mail's end, by far the most frequent one; relay and Message-ID are those of the hand-over. */
export const SETTLE_SENT =
  `UPDATE recipient SET state = ${SENT}, attempts = attempts + 1, not_before = NULL, at = ?, code = ?, enhanced = ?,
   reply = ?, stage = ?, reason = NULL, room = NULL WHERE id = ?`;

export const SETTLE = `UPDATE recipient SET state = ?, attempts = attempts + ?, not_before = ?,
   first_tried_at = coalesce(first_tried_at, ?), at = ?, code = ?, enhanced = ?, reply = ?, stage = ?, relay = ?,
   message_id = ?, reason = ?, room = NULL WHERE id = ?`;

/**
 * A recipient in doubt, to be sent to again. Until that mail is handed over it is as much in doubt as before: of claimed rows it
 * alone was handed over once and has no due time.
 */
export const CLAIM_IN_DOUBT = `UPDATE recipient SET state = ${CLAIMED}, not_before = NULL,
   first_tried_at = min(first_tried_at, ?) WHERE id = ?`;
const WAS_IN_DOUBT = `(not_before IS NULL AND relay IS NOT NULL)`;

const LET_GO =
  `UPDATE recipient SET state = CASE WHEN ${WAS_IN_DOUBT} THEN ${DOUBTED} ELSE ${QUEUED} END,
   not_before = CASE WHEN ${WAS_IN_DOUBT} THEN NULL WHEN not_before = ${SET_ASIDE} THEN ${SET_ASIDE} ELSE 0 END`;

/** What is claimed and was not handed over is what it was before. */
export const RELEASE = `${LET_GO} WHERE id = ?`;

/** Of claimed rows, those that were in doubt. Reads every row. */
export const COUNT_CLAIMED_IN_DOUBT =
  `SELECT count(*) AS n FROM recipient WHERE state = ${CLAIMED} AND ${WAS_IN_DOUBT}`;

/** What a process that ended abruptly had claimed but not handed over was certainly not sent by it. Reads every row. */
export const RECOVER_CLAIMED = `${LET_GO} WHERE state = ${CLAIMED}`;

const ABANDONED = `UPDATE recipient SET state = ${DOUBTED}, attempts = attempts + 1,
   reason = 'Handed over to ' || relay || ' when the process ended; no reply was recorded'`;

/** What it had handed over may have been sent. */
export const RECOVER_HANDED_OVER = `${ABANDONED} WHERE state = ${HANDED_OVER}`;

/** The same for one of them. */
export const HOLD_IN_DOUBT = `${ABANDONED} WHERE id = ?`;

/** A recipient that the list or a suppression had ruled out, and no mail went to, is met again and ruled in. */
export const REJOIN =
  `UPDATE recipient SET state = ${QUEUED}, not_before = 0, reason = NULL, at = NULL WHERE id = ?`;

/** Rows that are no recipients of their own are judged again in a changed list. */
export const FORGET_INVALID = `DELETE FROM recipient WHERE key IS NULL AND revision < ?`;

/** Waiting recipients whom a whole pass of a changed list did not meet, and the first of them. */
export const COUNT_MISSING = `SELECT count(*) AS n FROM recipient WHERE ${WAITS} AND revision < ?`;
export const FIRST_MISSING =
  `SELECT address FROM recipient WHERE ${WAITS} AND revision < ? ORDER BY id LIMIT ?`;

/** As a run will find them: what a process had that is gone waits again. */
export const WAITING =
  `SELECT id, key, address FROM recipient WHERE id > ? AND state IN (${QUEUED}, ${CLAIMED}, ${DEFERRED})
   AND key IS NOT NULL ORDER BY id LIMIT ?`;
export const WAITS_ELSEWHERE =
  `SELECT EXISTS (SELECT 1 FROM recipient WHERE ${WAITS} AND revision < ?) AS n`;

/** They get no mail. */
export const SKIP_MISSING =
  `UPDATE recipient SET state = ${SKIPPED}, not_before = NULL, at = ?, reason = ?
   WHERE ${WAITS} AND revision < ?`;

/** Reads every row: only after changes of which nobody knows how many rows of which state they met. */
export const COUNT_STATES = `SELECT state, count(*) AS n FROM recipient GROUP BY state`;

/** Reads every row: only for a person who asks, or a run that has ended. */
export const COUNT_MET = `SELECT count(*) AS n FROM recipient WHERE revision = ?`;

/** Mails accepted, or perhaps, by the sandbox and by others. Reads every row: asked of ledgers of earlier versions alone. */
export const COUNT_TAKEN = `SELECT coalesce(sum(relay = 'sandbox:'), 0) AS sandbox,
   coalesce(sum(relay <> 'sandbox:'), 0) AS real FROM recipient WHERE state IN (${HANDED_OVER}, ${SENT}, ${DOUBTED})`;

export const WRITE_TALLY = `UPDATE tally SET counts = ?, up_to_line = ?, exact = ?`;

export const WRITE_COUNTS = `UPDATE tally SET counts = ?, exact = 1`;

/** Of version 1, whose counts are in step but for a process that died. */
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

/** A recipient queued by a person starts again: with all attempts, and all the time for them. */
export const BEGIN_ANEW = `UPDATE recipient SET attempts = 0, first_tried_at = NULL WHERE id = ?`;

/** As queued by a person; what the last try came to stays on record until the next one is over. */
const TRY_AGAIN =
  `UPDATE recipient SET state = ${QUEUED}, not_before = 0, attempts = 0, first_tried_at = NULL`;
export const RETRY_ONE = `${TRY_AGAIN} WHERE id = ?`;

/** Rows of the present list that are somebody. Reads every row: once, where a person asks for it. */
export const RETRY_STATE = `${TRY_AGAIN} WHERE state = ? AND revision = ? AND key IS NOT NULL`;

/** Those in the states or with the keys given, by state. */
export const COUNT_RETRIED = `SELECT state, count(*) AS n FROM recipient WHERE key IS NOT NULL
   AND (state IN (SELECT value FROM json_each(?)) OR key IN (SELECT value FROM json_each(?)))
   GROUP BY state`;

/** Of the keys given, one that was sent a mail. */
export const FIND_SENT = `SELECT key FROM recipient
   WHERE state = ${SENT} AND key IN (SELECT value FROM json_each(?)) LIMIT 1`;
