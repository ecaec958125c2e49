import { InputError, type SourcePlace } from "../../model/input_error.ts";

/** Where settings that replace headers were given, by the flag that they are compiled under; settings from flags are not listed. */
export type Origins = Readonly<Record<string, SourcePlace>>;

/** An error under a flag's name, moved to where the user gave the setting. */
export function atOrigin(error: unknown, origins: Origins): unknown {
  if (!(error instanceof InputError) || error.place === undefined) return error;
  const place = Object.hasOwn(origins, error.place.file) ? origins[error.place.file] : undefined;
  if (place === undefined) return error;
  const { message, hint } = error;
  return new InputError(message, { place, hint, kind: "configuration", cause: error });
}
