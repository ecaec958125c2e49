import { InputError } from "../../model/input_error.ts";
import { nearest } from "../../text/nearest.ts";

/** Characters of a found value that a message shows. */
const SHOWN = 60;

/** What is wrong with a relay's URL. The reason must not hold the URL as a whole, nor what can be its password. */
export function urlError(reason: string, hint?: string): InputError {
  return new InputError(`Cannot use the SMTP URL: ${reason}`, hint === undefined ? {} : { hint });
}

/** A hint that names the known word closest to what was found; undefined where none is close. */
export function didYouMean(found: string, known: readonly string[]): string | undefined {
  const near = nearest(found, known);
  return near === undefined ? undefined : `did you mean "${near}"?`;
}

/** A found value in double quotes, cut where it is long. */
export function quoteInError(text: string): string {
  return JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text);
}
