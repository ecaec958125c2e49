/** What `export` adds to the list's own columns; relied on from outside, and what an export is known by when it is read as a list. */
export const LEDGER_COLUMNS = [
  "_state",
  "_attempts",
  "_code",
  "_enhanced",
  "_reply",
  "_stage",
  "_relay",
  "_message_id",
  "_line",
  "_at",
  "_reason",
] as const;
