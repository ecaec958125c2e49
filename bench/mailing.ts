import { join } from "node:path";

/** The letter all sides send: about 1 KB with its headers, three values of the row in it. */
export const SUBJECT = "Hello {{ Name }}, news from {{ City }}";
export const SENDER = "bench@example.com";

const LINE =
  "This is a line of a letter that says nothing much, and says it in some seventy letters.";
export const BODY = [
  "Dear {{ Name }},",
  "",
  ...Array<string>(8).fill(LINE),
  "",
  "You get this as {{ Email }}.",
  "",
].join("\n");

/** Rows written at a time. */
const BATCH = 10_000;

/** The files of a mailing, in a folder of their own. */
export class Mailing {
  readonly #folder: string;
  readonly template: string;
  readonly body: string;
  /** An empty campaign file, so that the one of the working directory is not taken. */
  readonly config: string;

  constructor(folder: string) {
    this.#folder = folder;
    this.template = join(folder, "letter.txt");
    this.body = join(folder, "body.txt");
    this.config = join(folder, "campaign.toml");
    Deno.writeTextFileSync(this.template, `From: ${SENDER}\nSubject: ${SUBJECT}\n\n${BODY}`);
    Deno.writeTextFileSync(this.body, BODY);
    Deno.writeTextFileSync(this.config, "");
  }

  /** A list of so many rows; written once. */
  list(rows: number): string {
    const path = join(this.#folder, `list-${rows}.csv`);
    try {
      Deno.statSync(path);
    } catch {
      Deno.writeTextFileSync(path, "Name,Email,City\n");
      appendRows(path, 0, rows);
    }
    return path;
  }

  /** A ledger's path at which there is nothing yet. */
  ledger(name: string): string {
    const path = join(this.#folder, `${name}.ledger`);
    for (const end of ["", "-wal", "-shm", ".lock"]) removeIfThere(path + end);
    return path;
  }
}

/** Adds rows of other people than those of smaller numbers. */
export function appendRows(path: string, from: number, count: number): void {
  using file = Deno.openSync(path, { append: true });
  const encoder = new TextEncoder();
  for (let start = from; start < from + count; start += BATCH) {
    const end = Math.min(start + BATCH, from + count);
    let text = "";
    for (let row = start; row < end; row++) {
      text += `Ada Lovelace ${row},${localPart(row)}@example.com,Town ${row % 997}\n`;
    }
    const bytes = encoder.encode(text);
    for (let at = 0; at < bytes.length;) at += file.writeSync(bytes.subarray(at));
  }
}

/**
 * Another one for each row below 2³², in no order: a real list's addresses fall all over the ledger's index, and sorted ones
 * would flatter it. (An odd factor permutes the numbers; this one is 2³² by the golden ratio.)
 */
function localPart(row: number): string {
  return `reader.${(Math.imul(row, 0x9e3779b1) >>> 0).toString(36)}`;
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
