import { fileErrorReason } from "../../files/file_error.ts";
import { InputError } from "../../model/input_error.ts";

/** The error for a file that the system does not let us read. */
export function unreadable(what: string, path: string, cause: unknown): InputError {
  return new InputError(`Cannot read the ${what}: ${fileErrorReason(cause)}`, {
    place: { file: path },
    cause,
  });
}
