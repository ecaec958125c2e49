import { InputError, type SourcePlace } from "../../model/input_error.ts";

/** Where settings that replace headers were given, by the flag they are compiled under; a flag is a place of its own. */
export type Origins = Readonly<Record<string, SourcePlace>>;

/** A fault found under a flag's name, told where the user gave the setting. */
export function atOrigin(error: unknown, origins: Origins): unknown {
  if (!(error instanceof InputError) || error.place === undefined) return error;
  const place = Object.hasOwn(origins, error.place.file) ? origins[error.place.file] : undefined;
  if (place === undefined) return error;
  const { message, hint } = error;
  return new InputError(message, { place, hint, cause: error });
}
