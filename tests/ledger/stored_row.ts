import assert from "node:assert/strict";
import { STATES } from "../../src/model/state.ts";
import { openDatabase } from "../support/database.ts";

export interface Stored {
  readonly state: string;
  readonly [column: string]: unknown;
}

/** A row as the file has it, with the name of its state; without the columns that its list decides. */
export function stored(path: string, id: number): Stored {
  using database = openDatabase(path, { readOnly: true });
  const row = database.prepare("SELECT * FROM recipient WHERE id = ?").get(id);
  assert(row !== undefined, `row ${id}`);
  const { state, room, id: _id, key: _key, line: _line, address: _a, fields: _f, ...columns } = row;
  return { ...columns, state: STATES[Number(state)]!, room: room === null ? null : "some" };
}

/** The columns that have not been written yet. */
export const NEW = {
  revision: 1,
  attempts: 0,
  not_before: null,
  first_tried_at: null,
  at: null,
  code: null,
  enhanced: null,
  reply: null,
  stage: null,
  relay: null,
  message_id: null,
  reason: null,
  room: "some",
  run: null,
  size: null,
  attachments: null,
  accepted: null,
  replaced_by: null,
  copy_of: null,
};

export const BY_RELAY = { relay: "mx.test:25", message_id: "<1@x>" };
/** What a hand-over writes, by the first run that sent from the ledger. */
export const HANDED_OVER = { ...BY_RELAY, run: 1, size: 700 };
export const SENT = { ...HANDED_OVER, code: 250, enhanced: "2.0.0", reply: "text", stage: "body" };
export const PUT_OFF = {
  ...BY_RELAY,
  code: 450,
  reply: "text",
  stage: "rcpt",
  reason: "RCPT was put off",
  room: null,
};
