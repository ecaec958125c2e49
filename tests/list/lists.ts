import assert from "node:assert/strict";
import type { ListOptions } from "../../src/list/list_options.ts";
import { openList } from "../../src/list/list.ts";
import type { BadRow, Columns, CsvRow } from "../../src/model/recipient.ts";
import { InputError } from "../../src/model/input_error.ts";

export const PLAIN: ListOptions = {
  recipients: "-",
  encoding: undefined,
  delimiter: undefined,
  emailColumn: undefined,
};

export function bytesOf(text: string | Uint8Array): Uint8Array {
  return typeof text === "string" ? new TextEncoder().encode(text) : text;
}

/** The bytes as a stream, in pieces of the given length. */
export function streamOf(bytes: Uint8Array, step = bytes.length): ReadableStream<Uint8Array> {
  return ReadableStream.from((function* () {
    for (let at = 0; at < bytes.length; at += step) yield bytes.slice(at, at + step);
  })());
}

/** A list read to its end. */
export interface ReadList extends Columns {
  readonly encoding: string;
  readonly delimiter: string | undefined;
  readonly rows: readonly (CsvRow | BadRow)[];
}

export async function read(
  text: string | Uint8Array,
  options: Partial<ListOptions> = {},
  step?: number,
  fromLine?: number,
): Promise<ReadList> {
  const stdin = streamOf(bytesOf(text), step);
  const { signal } = new AbortController();
  await using list = await openList({ ...PLAIN, ...options }, { stdin, signal }, fromLine);
  const rows: (CsvRow | BadRow)[] = [];
  for await (const batch of list.rows) rows.push(...batch);
  return { ...list.columns, encoding: list.encoding, delimiter: list.delimiter, rows };
}

/** The message of the error with which reading this list ends. */
export async function faultOf(
  text: string | Uint8Array,
  options: Partial<ListOptions> = {},
): Promise<string> {
  try {
    await read(text, options);
  } catch (error) {
    assert.ok(error instanceof InputError, String(error));
    return error.describe();
  }
  assert.fail("no error");
}

/** The rows that bytes are read to in pieces of a length, or place and message of the error that this ends with. */
export async function outcomeOf(bytes: Uint8Array, step: number): Promise<unknown> {
  try {
    return (await read(bytes, {}, step)).rows;
  } catch (error) {
    assert.ok(error instanceof InputError, String(error));
    // The hint is made from the bytes that came with the fault.
    return [error.place, error.message];
  }
}

export function row(line: number, ...cells: string[]): CsvRow {
  return { kind: "row", line, cells };
}

/** Encodes text as UTF-16, without adding a byte order mark. */
export function utf16(text: string, littleEndian: boolean): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(text.length * 2));
  for (let at = 0; at < text.length; at++) {
    bytes.setUint16(2 * at, text.charCodeAt(at), littleEndian);
  }
  return new Uint8Array(bytes.buffer);
}
