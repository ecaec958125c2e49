import type { StopKind } from "./stop_kind.ts";

/** Where in a user's file something is wrong; `line` and `column` count from 1. */
export interface SourcePlace {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/**
 * Reports unusable input: a flag, the campaign file, the CSV header, the template, a key file.
 *
 * It is thrown only before the first mail; the program exits with code 2 and has sent nothing. The message names the
 * action, the rule and the value found, without a final period; `hint` is the next step, if there is one.
 */
export class InputError extends Error {
  override readonly name = "InputError";
  readonly place: SourcePlace | undefined;
  readonly hint: string | undefined;
  /** What the unusable input is; undefined: a setting, or whatever the caller says with `about()`. */
  #kind: StopKind | undefined;

  constructor(
    message: string,
    details: {
      place?: SourcePlace | undefined;
      hint?: string | undefined;
      kind?: StopKind | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.place = details.place;
    this.hint = details.hint;
    this.#kind = details.kind;
  }

  get kind(): StopKind {
    return this.#kind ?? "configuration";
  }

  /** Says what the input is, unless that was said where the error was thrown. Returns the error itself. */
  about(kind: StopKind): this {
    this.#kind ??= kind;
    return this;
  }

  /** Returns `file:line:column: message`, with the hint on a separate line. */
  describe(): string {
    const { place } = this;
    const where = place
      ? [place.file, place.line, place.column].filter((part) => part !== undefined)
      : [];
    const head = place ? `${where.join(":")}: ${this.message}` : this.message;
    return this.hint === undefined ? head : `${head}\n  ${this.hint}`;
  }
}

/** Runs `read`; an {@link InputError} that does not say what it is about gets this kind. */
export async function aboutInput<T>(kind: StopKind, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    throw error instanceof InputError ? error.about(kind) : error;
  }
}
