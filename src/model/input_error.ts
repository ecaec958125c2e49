/** Where in a user's file something is wrong; `line` and `column` count from 1. */
export interface SourcePlace {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/**
 * What the user gave cannot be used: a flag, the campaign file, the CSV header, the template, a key file.
 *
 * Thrown before the first mail only; the program ends with exit code 2 and has sent nothing. The message names
 * action, rule and found value without a final period; `hint` is the next step, where there is one.
 */
export class InputError extends Error {
  override readonly name = "InputError";
  readonly place: SourcePlace | undefined;
  readonly hint: string | undefined;

  constructor(
    message: string,
    details: {
      place?: SourcePlace | undefined;
      hint?: string | undefined;
      cause?: unknown;
    } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.place = details.place;
    this.hint = details.hint;
  }

  /** `file:line:column: message`, and the hint on a line of its own. */
  describe(): string {
    const { place } = this;
    const where = place
      ? [place.file, place.line, place.column].filter((part) => part !== undefined)
      : [];
    const head = place ? `${where.join(":")}: ${this.message}` : this.message;
    return this.hint === undefined ? head : `${head}\n  ${this.hint}`;
  }
}
