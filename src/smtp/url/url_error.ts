import { InputError } from "../../model/input_error.ts";
import { nearest } from "../../text/nearest.ts";

/** Characters of a found value that a message shows. */
const SHOWN = 60;

/** Returns the error for a relay's URL. The reason must contain neither the whole URL nor what can be its password. */
export function urlError(reason: string, hint?: string): InputError {
  return new InputError(`Cannot use the SMTP URL: ${reason}`, hint === undefined ? {} : { hint });
}

/** Returns a hint that names the known word closest to the one found; undefined if none is close. */
export function didYouMean(found: string, known: readonly string[]): string | undefined {
  const near = nearest(found, known);
  return near === undefined ? undefined : `Did you mean "${near}"?`;
}

/** Returns a found value in double quotes, shortened if it is long. */
export function quoteInError(text: string): string {
  return JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text);
}
