import { LAST_STATE_NUMBER, LEFT_OUT, WAITS } from "../state_numbers.ts";

/** Marks the file as ours in the SQLite header (offset 68): "emld". */
export const APPLICATION_ID = 0x656d6c64;

/** Incremented with every change of the tables below; files with a higher version are left untouched. */
export const SCHEMA_VERSION = 4;

/** The first version with `recipient_of_key`. */
export const FIRST_WITH_KEYS = 2;

/**
 * Recipients left out by the list, the template or the suppression list, which another run may judge differently. The
 * index holds only these, so a mail that is simply sent never touches it. The suppressed are counted from it alone.
 */
const CREATE_LEFT_OUT =
  `CREATE INDEX recipient_left_out ON recipient (revision, state, id, replaced_by)
  WHERE ${LEFT_OUT}`;

/** The runs that sent from this ledger: when each began, and the digest of what its mails were made from. */
const CREATE_RUN =
  `CREATE TABLE run (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, template TEXT NOT NULL) STRICT`;

/**
 * One row per recipient. `key` is NULL for rows that are no recipients (invalid, duplicate); their line identifies
 * them. `recipient_of_key` holds the keys of the rows up to `keyed_up_to`, see KeyIndex. The index on due times holds
 * only waiting rows (`WAITS`), so a mail that is simply sent never touches it; it starts with the revision, so that a
 * query for due recipients never reads those that wait only in an earlier list. `tally` has one row. Closing a ledger
 * leaves its counts `exact`, so that opening one of any size counts nothing; they lag behind while a process sends,
 * and if it dies the rows are counted. `room` is filler of the length that sending will add to the row: a row that
 * outgrows its space splits its page. `run`, `size` (bytes) and `attachments` are those of the last mail that was
 * handed over, `accepted` is the relay's acceptance of a mail that bounced later, `replaced_by` the key of the
 * recipient who gets the mail instead, and `copy_of` the row whose mail this one is a copy of.
 */
export const CREATE_TABLES = `
  CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE recipient (
    id INTEGER PRIMARY KEY,
    key TEXT,
    line INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    state INTEGER NOT NULL CHECK (state BETWEEN 0 AND ${LAST_STATE_NUMBER}),
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
    room TEXT,
    run INTEGER,
    size INTEGER,
    attachments TEXT,
    accepted TEXT,
    replaced_by TEXT,
    copy_of INTEGER
  ) STRICT;
  CREATE TABLE recipient_of_key (key TEXT PRIMARY KEY, id INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX recipient_line ON recipient (line) WHERE key IS NULL;
  CREATE INDEX recipient_due ON recipient (revision, not_before) WHERE ${WAITS};
  ${CREATE_LEFT_OUT};
  ${CREATE_RUN};
  CREATE TABLE tally (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    counts TEXT NOT NULL,
    up_to_line INTEGER NOT NULL,
    keyed_up_to INTEGER NOT NULL DEFAULT 0,
    exact INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  INSERT INTO tally VALUES (1, '[]', 0, 0, 1);
`;

/** Upgrades from version 1, whose key index was updated for each row. */
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

/** Upgrades from version 2, whose index on due times did not separate the lists. */
export const FROM_VERSION_2 = `
  DROP INDEX recipient_due;
  CREATE INDEX recipient_due ON recipient (revision, not_before) WHERE ${WAITS};
`;

/** Upgrades from version 3, which did not know by which run a mail was sent. */
export const FROM_VERSION_3 = `
  ALTER TABLE recipient ADD COLUMN run INTEGER;
  ALTER TABLE recipient ADD COLUMN size INTEGER;
  ALTER TABLE recipient ADD COLUMN attachments TEXT;
  ALTER TABLE recipient ADD COLUMN accepted TEXT;
  ALTER TABLE recipient ADD COLUMN replaced_by TEXT;
  ALTER TABLE recipient ADD COLUMN copy_of INTEGER;
  ${CREATE_LEFT_OUT};
  ${CREATE_RUN};
`;
