import { join } from "node:path";
import { InputError } from "../../model/input_error.ts";
import { Splitter } from "./splitter.ts";
import { fileErrorReason } from "../../files/file_error.ts";

/** Where a message was found. */
export interface MessagePlace {
  /** A path, or "-" for standard input. */
  readonly file: string;
  /** Counted from 1 in its file. */
  readonly number: number;
}

/** A message; of a long one, `bytes` is the beginning (see `MAX_KEPT`). */
export type FoundMessage =
  | { readonly kind: "message"; readonly place: MessagePlace; readonly bytes: Uint8Array }
  /** A file in a folder that cannot be read. */
  | { readonly kind: "unread"; readonly place: MessagePlace; readonly reason: string };

/** The folders of a Maildir that contain messages; those in `tmp` are still being written. */
const MAILDIR = ["cur", "new"];
/** Files in an ordinary folder that count as messages. */
const MAIL_FILE = /\.(?:eml|mbox|mbx|msg|txt)$/i;

/**
 * The messages of an mbox file, a Maildir, a folder of files, a single file or standard input ("-"), one at a time.
 *
 * @throws {InputError} where there is nothing of that name, it cannot be read, or a folder contains no messages
 */
export async function* readMessages(
  path: string,
  { stdin, signal }: { readonly stdin: ReadableStream<Uint8Array>; readonly signal: AbortSignal },
): AsyncGenerator<FoundMessage> {
  if (path === "-") return yield* split(stdin, path, signal);
  const isFolder = await userInput(path, async () => (await Deno.stat(path)).isDirectory);
  if (!isFolder) {
    const file = await userInput(path, () => Deno.open(path, { read: true }));
    return yield* split(file.readable, path, signal);
  }
  for (const file of await userInput(path, () => mailFiles(path))) {
    yield* readMailFile(file, signal);
  }
}

/** The files of a folder that contain messages, in the order of their names. */
async function mailFiles(folder: string): Promise<readonly string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  const boxes = entries.filter(({ name, isFile }) => MAILDIR.includes(name) && !isFile);
  const files: string[] = [];
  for (const { name } of boxes) {
    for await (const entry of Deno.readDir(join(folder, name))) {
      if (!entry.isDirectory) files.push(join(folder, name, entry.name));
    }
  }
  if (boxes.length === 0) {
    const mails = entries.filter(({ name, isDirectory }) => !isDirectory && MAIL_FILE.test(name));
    if (mails.length === 0) {
      throw new InputError("The folder contains no messages", {
        place: { file: folder },
        hint: "A Maildir has the folders cur and new; other folders need .eml or .mbox files.",
      });
    }
    files.push(...mails.map(({ name }) => join(folder, name)));
  }
  return files.sort();
}

async function* readMailFile(path: string, signal: AbortSignal): AsyncGenerator<FoundMessage> {
  let file: Deno.FsFile;
  try {
    // A pipe or a device would block.
    const { isFile } = await Deno.stat(path);
    if (!isFile) return yield unread(path, "not a file");
    file = await Deno.open(path, { read: true });
  } catch (error) {
    return yield unread(path, fileErrorReason(error, "no such file or folder"));
  }
  yield* split(file.readable, path, signal);
}

async function* split(
  stream: ReadableStream<Uint8Array>,
  file: string,
  signal: AbortSignal,
): AsyncGenerator<FoundMessage> {
  const splitter = new Splitter();
  let number = 0;
  const found = (bytes: Uint8Array): FoundMessage => ({
    kind: "message",
    place: { file, number: ++number },
    bytes,
  });
  try {
    for await (const chunk of stream) {
      signal.throwIfAborted();
      for (const { bytes } of splitter.push(chunk)) yield found(bytes);
    }
  } catch (error) {
    if (signal.aborted || !(error instanceof Error) || !("code" in error)) throw error;
    return yield unread(file, fileErrorReason(error, "no such file or folder"), number + 1);
  }
  for (const { bytes } of splitter.end()) yield found(bytes);
}

function unread(file: string, reason: string, number = 1): FoundMessage {
  return { kind: "unread", place: { file, number }, reason };
}

/** Turns errors about a path that the user gave into ones that name it. */
async function userInput<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError(
      `Cannot read the messages: ${fileErrorReason(cause, "no such file or folder")}`,
      {
        place: { file: path },
        cause,
      },
    );
  }
}
