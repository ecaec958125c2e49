import { STATE_NUMBERS } from "../state_numbers.ts";

/**
 * Reports that arrived after a mail was accepted, one row per report and recipient, so that reading a report twice
 * changes nothing. `kind` is hard, soft or complaint. The table is created with the first report.
 */
export const CREATE_BOUNCES = `CREATE TABLE IF NOT EXISTS bounce (
    recipient INTEGER NOT NULL,
    report TEXT NOT NULL,
    kind TEXT NOT NULL,
    at INTEGER NOT NULL,
    status TEXT,
    diagnostic TEXT NOT NULL,
    PRIMARY KEY (recipient, report)
  ) STRICT, WITHOUT ROWID`;

export const HAS_BOUNCES = `SELECT count(*) AS n FROM sqlite_schema WHERE name = 'bounce'`;

export const READ_MAILED =
  `SELECT id, key, state, at, stage, message_id FROM recipient WHERE id = ?`;

/**
 * Finds rows by the local part of the Message-ID. An index would slow down every mail; reports that name their
 * recipient do not need this, and the others are looked up many at a time.
 */
export const FIND_MESSAGES = `SELECT id, key, state, at, stage, message_id FROM recipient
   WHERE key IS NOT NULL AND message_id IS NOT NULL
   AND lower(substr(message_id, 2, 32)) IN (SELECT value FROM json_each(?))`;

/** All Message-IDs, for tokens that can only be computed from them. */
export const ALL_MESSAGES = `SELECT id, lower(substr(message_id, 2, 32)) AS token FROM recipient
   WHERE key IS NOT NULL AND message_id IS NOT NULL`;

export const FIND_BOUNCE = `SELECT 1 FROM bounce WHERE recipient = ? AND report = ?`;

export const NOTE_BOUNCE =
  `INSERT INTO bounce (recipient, report, kind, at, status, diagnostic) VALUES (?, ?, ?, ?, ?, ?)`;

export const COUNT_SOFT = `SELECT count(*) AS n FROM bounce WHERE recipient = ? AND kind = 'soft'`;

/** The acceptance of the mail, if a relay has accepted it; a person who settles it as sent leaves the code of a refusal. */
const ACCEPTANCE = `CASE WHEN state = ${STATE_NUMBERS.sent} AND code BETWEEN 200 AND 299
   THEN json_object('code', code, 'enhanced', enhanced, 'text', coalesce(reply, ''), 'at', at) ELSE accepted END`;

/** Marks an accepted mail that bounced permanently, and keeps its acceptance. */
export const FAIL_BOUNCED =
  `UPDATE recipient SET accepted = ${ACCEPTANCE}, state = ${STATE_NUMBERS.failed}, at = ?, code = ?, enhanced = ?, reply = ?,
   stage = 'bounce', reason = ?, not_before = NULL WHERE id = ?`;
