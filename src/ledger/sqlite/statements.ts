import { SET_ASIDE } from "../../model/outcome.ts";

/** Marks the file as ours in the SQLite header (offset 68): "emld". */
export const APPLICATION_ID = 0x656d6c64;

/** Raised with every change of the tables below; a file with a higher one is left untouched. */
export const SCHEMA_VERSION = 3;

/** The first version with `recipient_of_key`. */
export const FIRST_WITH_KEYS = 2;

/**
 * One row a recipient. `key` is NULL for rows that are nobody of their own (invalid, duplicate); the line tells them apart.
 * `recipient_of_key` holds the keys of the rows up to `keyed_up_to`, see KeyIndex. The index on due times holds only rows
 * that wait (state 0 or 3), so the way of a mail that is simply sent never touches it; its rows are apart by revision, so that
 * asking who is due never reads those who wait in an earlier list alone. `tally` is one row: whoever closes a
 * ledger leaves its counts `exact`, so that opening one of any size counts nothing; they lag behind while a process sends,
 * and after it died the rows are counted.
 * `room` is filler as long as what a mail's way will add to its row: a row that grows in place tears its page in two.
 */
export const CREATE_TABLES = `
  CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE recipient (
    id INTEGER PRIMARY KEY,
    key TEXT,
    line INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    state INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    not_before INTEGER,
    first_tried_at INTEGER,
    at INTEGER,
    code INTEGER,
    address TEXT NOT NULL,
    fields TEXT NOT NULL,
    enhanced TEXT,
    reply TEXT,
    stage TEXT,
    relay TEXT,
    message_id TEXT,
    reason TEXT,
    room TEXT
  ) STRICT;
  CREATE TABLE recipient_of_key (key TEXT PRIMARY KEY, id INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX recipient_line ON recipient (line) WHERE key IS NULL;
  CREATE INDEX recipient_due ON recipient (revision, not_before) WHERE state IN (0, 3);
  CREATE TABLE tally (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    counts TEXT NOT NULL,
    up_to_line INTEGER NOT NULL,
    keyed_up_to INTEGER NOT NULL DEFAULT 0,
    exact INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  INSERT INTO tally VALUES (1, '[]', 0, 0, 1);
`;

/** From version 1, which had an index that took each key as it came. */
export const FROM_VERSION_1 = `
  ALTER TABLE recipient ADD COLUMN room TEXT;
  DROP INDEX recipient_key;
  CREATE TABLE recipient_of_key (key TEXT PRIMARY KEY, id INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO recipient_of_key (key, id) SELECT key, id FROM recipient WHERE key IS NOT NULL ORDER BY key;
  ALTER TABLE tally ADD COLUMN keyed_up_to INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE tally DROP COLUMN open_from;
  ALTER TABLE tally ADD COLUMN exact INTEGER NOT NULL DEFAULT 0;
  UPDATE tally SET keyed_up_to = coalesce(
    (SELECT id FROM recipient WHERE key IS NOT NULL ORDER BY id DESC LIMIT 1), 0);
`;

/** From version 2, whose index on due times held the lists one among another. */
export const FROM_VERSION_2 = `
  DROP INDEX recipient_due;
  CREATE INDEX recipient_due ON recipient (revision, not_before) WHERE state IN (0, 3);
`;

export const READ_KEYED = `SELECT keyed_up_to FROM tally`;

/** Of rows with a key, which stay for good: the ids of others are given anew when they are deleted. */
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
  `INSERT INTO recipient (key, line, revision, state, address, fields, room) VALUES (?, ?, ?, 1, ?, ?, '${ROOM}')`;

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
  `UPDATE recipient SET state = 8, reason = ?, at = ?, not_before = NULL WHERE id = ?`;

const OWED =
  `SELECT id, key, line, address, fields, attempts, first_tried_at, state FROM recipient`;

/** Waiting recipients of the present list with a due time from the second value to the third, longest due first. */
export const DUE = `${OWED}
   WHERE state IN (0, 3) AND revision = ? AND not_before BETWEEN ? AND ? ORDER BY not_before LIMIT ?`;

/** Chosen rows that are due by the third value, or only between the fourth and the fifth, which no clock of today's wrote. */
export const DUE_OF_ROWS = `${OWED} WHERE id IN (SELECT value FROM json_each(?))
   AND state IN (0, 3) AND revision = ? AND (not_before <= ? OR not_before BETWEEN ? AND ?)`;

/** Who is set aside: the first value is their due time. Of the rows from the third value to the fourth, in their order. */
export const SET_ASIDE_BETWEEN = `${OWED}
   WHERE not_before = ? AND revision = ? AND id BETWEEN ? AND ? AND state IN (0, 3) ORDER BY id LIMIT ?`;

/** Of them, who was set aside longest ago. Reads all of them: once a run. */
export const LONGEST_SET_ASIDE = `SELECT id FROM recipient
   WHERE not_before = ? AND revision = ? AND state IN (0, 3) ORDER BY at, id LIMIT 1`;

/** The same of chosen rows. */
export const SET_ASIDE_OF_ROWS = `${OWED} WHERE id IN (SELECT value FROM json_each(?))
   AND not_before = ? AND revision = ? AND state IN (0, 3)`;

/** Of chosen rows those that are in doubt. */
export const DOUBTED_OF_ROWS = `${OWED} WHERE id IN (SELECT value FROM json_each(?))
   AND state = 6 AND revision = ?`;

export const NEXT_DUE =
  `SELECT min(not_before) AS due FROM recipient WHERE state IN (0, 3) AND revision = ? AND not_before < ?`;

/** Reads every row: asked once, by a run that sends to them again. */
export const IN_DOUBT = `SELECT id FROM recipient WHERE state = 6 AND revision = ? ORDER BY id`;

/** A first try in the future is one by a clock that was set back since: the time for retries runs from now on. */
export const CLAIM =
  `UPDATE recipient SET state = 1, first_tried_at = min(first_tried_at, ?) WHERE id = ?`;

/** `room` is left from a character on, counted from 1: what is written here takes the ones before. */
export const HAND_OVER =
  `UPDATE recipient SET state = 2, relay = ?, message_id = ?, at = ?, room = substr(room, ?) WHERE id = ?`;

/** An accepted mail's end, by far the most frequent one; relay and Message-ID are those of the hand-over. */
export const SETTLE_SENT =
  `UPDATE recipient SET state = 4, attempts = attempts + 1, not_before = NULL, at = ?, code = ?, enhanced = ?,
   reply = ?, stage = ?, reason = NULL, room = NULL WHERE id = ?`;

export const SETTLE = `UPDATE recipient SET state = ?, attempts = attempts + ?, not_before = ?,
   first_tried_at = coalesce(first_tried_at, ?), at = ?, code = ?, enhanced = ?, reply = ?, stage = ?, relay = ?,
   message_id = ?, reason = ?, room = NULL WHERE id = ?`;

/**
 * A recipient in doubt, to be sent to again. Until that mail is handed over it is as much in doubt as before: of claimed rows it
 * alone was handed over once and has no due time.
 */
export const CLAIM_IN_DOUBT = `UPDATE recipient SET state = 1, not_before = NULL,
   first_tried_at = min(first_tried_at, ?) WHERE id = ?`;
const WAS_IN_DOUBT = `(not_before IS NULL AND relay IS NOT NULL)`;

const LET_GO = `UPDATE recipient SET state = CASE WHEN ${WAS_IN_DOUBT} THEN 6 ELSE 0 END,
   not_before = CASE WHEN ${WAS_IN_DOUBT} THEN NULL WHEN not_before = ${SET_ASIDE} THEN ${SET_ASIDE} ELSE 0 END`;

/** What is claimed and was not handed over is what it was before. */
export const RELEASE = `${LET_GO} WHERE id = ?`;

/** Of claimed rows, those that were in doubt. Reads every row. */
export const COUNT_CLAIMED_IN_DOUBT =
  `SELECT count(*) AS n FROM recipient WHERE state = 1 AND ${WAS_IN_DOUBT}`;

/** What a process that ended abruptly had claimed but not handed over was certainly not sent by it. Reads every row. */
export const RECOVER_CLAIMED = `${LET_GO} WHERE state = 1`;

const ABANDONED = `UPDATE recipient SET state = 6, attempts = attempts + 1,
   reason = 'Handed over to ' || relay || ' when the process ended; no reply was recorded'`;

/** What it had handed over may have been sent. */
export const RECOVER_HANDED_OVER = `${ABANDONED} WHERE state = 2`;

/** The same for one of them. */
export const HOLD_IN_DOUBT = `${ABANDONED} WHERE id = ?`;

/** A recipient that the list or a suppression had ruled out, and no mail went to, is met again and ruled in. */
export const REJOIN =
  `UPDATE recipient SET state = 0, not_before = 0, reason = NULL, at = NULL WHERE id = ?`;

/** Rows that are nobody of their own are judged anew in a changed list. */
export const FORGET_INVALID = `DELETE FROM recipient WHERE key IS NULL AND revision < ?`;

/** Waiting recipients whom a whole pass of a changed list did not meet, and the first of them. */
export const COUNT_MISSING =
  `SELECT count(*) AS n FROM recipient WHERE state IN (0, 3) AND revision < ?`;
export const FIRST_MISSING =
  `SELECT address FROM recipient WHERE state IN (0, 3) AND revision < ? ORDER BY id LIMIT ?`;

/** As a run will find them: what a process had that is gone waits again. */
export const WAITING =
  `SELECT key, address FROM recipient WHERE state IN (0, 1, 3) AND key IS NOT NULL ORDER BY id`;
export const WAITS_ELSEWHERE =
  `SELECT EXISTS (SELECT 1 FROM recipient WHERE state IN (0, 3) AND revision < ?) AS n`;

/** They get no mail. */
export const SKIP_MISSING = `UPDATE recipient SET state = 8, not_before = NULL, at = ?, reason = ?
   WHERE state IN (0, 3) AND revision < ?`;

/** Reads every row: only after changes of which nobody knows how many rows of which state they met. */
export const COUNT_STATES = `SELECT state, count(*) AS n FROM recipient GROUP BY state`;

/** Reads every row: only for a person who asks, or a run that has ended. */
export const COUNT_MET = `SELECT count(*) AS n FROM recipient WHERE revision = ?`;

/** Mails accepted, or perhaps, by the sandbox and by others. Reads every row: asked of ledgers of earlier versions alone. */
export const COUNT_TAKEN = `SELECT coalesce(sum(relay = 'sandbox:'), 0) AS sandbox,
   coalesce(sum(relay <> 'sandbox:'), 0) AS real FROM recipient WHERE state IN (2, 4, 6)`;

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

/** Whom a person queues begins anew: with all its tries, and all the time for them. */
export const BEGIN_ANEW = `UPDATE recipient SET attempts = 0, first_tried_at = NULL WHERE id = ?`;

/** As queued by a person; what the last try came to stays on record until the next one is over. */
const TRY_AGAIN =
  `UPDATE recipient SET state = 0, not_before = 0, attempts = 0, first_tried_at = NULL`;
export const RETRY_ONE = `${TRY_AGAIN} WHERE id = ?`;

/** Rows of the present list that are somebody. Reads every row: once, where a person asks for it. */
export const RETRY_STATE = `${TRY_AGAIN} WHERE state = ? AND revision = ? AND key IS NOT NULL`;

/** Those in the states or with the keys given, by state. */
export const COUNT_RETRIED = `SELECT state, count(*) AS n FROM recipient WHERE key IS NOT NULL
   AND (state IN (SELECT value FROM json_each(?)) OR key IN (SELECT value FROM json_each(?)))
   GROUP BY state`;

/** Of the keys given, one that was sent a mail. */
export const FIND_SENT = `SELECT key FROM recipient
   WHERE state = 4 AND key IN (SELECT value FROM json_each(?)) LIMIT 1`;
