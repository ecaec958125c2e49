import { join } from "node:path";

/** The mail that every contender sends: about 1 kB with its headers, with three values of the row. */
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

/** The files of a mailing, in their own folder. */
export class Mailing {
  readonly #folder: string;
  readonly template: string;
  readonly body: string;
  /** An empty campaign file, so that the one in the working directory is not used. */
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

  /** Returns the path of a list with `count` rows, which is written once. */
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

  /** Returns a ledger path at which nothing exists yet. */
  ledger(name: string): string {
    const path = join(this.#folder, `${name}.ledger`);
    for (const end of ["", "-wal", "-shm", ".lock"]) removeIfThere(path + end);
    return path;
  }
}

/** Appends rows with addresses that no lower number has. */
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
 * Maps each row number below 2³² to a different number, in no order: the addresses of a real list are scattered over
 * the ledger's index, and sorted ones would flatter it. (An odd factor permutes the numbers; this one is 2³² by the
 * golden ratio.)
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
