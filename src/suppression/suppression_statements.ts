/** Marks the file as ours in the SQLite header (offset 68): "emls". */
export const APPLICATION_ID = 0x656d6c73;

/** Incremented with every change of the table below; files with a higher version are left untouched. */
export const SCHEMA_VERSION = 1;

/** One row per address, found by its key; the table is its own index. */
export const CREATE_TABLE = `
  CREATE TABLE IF NOT EXISTS suppressed (
    key TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    campaign TEXT,
    source TEXT NOT NULL,
    reason TEXT
  ) STRICT, WITHOUT ROWID;
`;

/** Existing entries stay as first added, which is when the person unsubscribed. */
export const ADD =
  `INSERT INTO suppressed (key, at, campaign, source, reason) VALUES (?, ?, ?, ?, ?)
   ON CONFLICT DO NOTHING`;

export const REMOVE = `DELETE FROM suppressed WHERE key = ?`;

export const FIND = `SELECT key, at, campaign, source, reason FROM suppressed WHERE key = ?`;

export const COUNT = `SELECT count(*) AS n FROM suppressed`;

/** Oldest first; SQLite sorts on the disk if there are many. */
export const ALL = `SELECT key, at, campaign, source, reason FROM suppressed ORDER BY at, key`;

/** The next keys after a given one, as a JSON array, and the last of them; NULL if there are none. */
export const KEYS_AFTER = `SELECT json_group_array(key) AS keys, max(key) AS last
   FROM (SELECT key FROM suppressed WHERE key > ? ORDER BY key LIMIT ?)`;

/** The keys of a JSON array that are not on the list. */
export const NOT_LISTED =
  `SELECT value AS key FROM json_each(?) WHERE value NOT IN (SELECT key FROM suppressed)`;
