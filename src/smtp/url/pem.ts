import { InputError } from "../../model/input_error.ts";

/** The label (RFC 7468) that the file of each parameter must contain at least once. */
const LABELS = {
  ca: "CERTIFICATE",
  cert: "CERTIFICATE",
  key: "(?:[A-Z0-9]+ )?PRIVATE KEY",
} as const;

/**
 * Reads a PEM file of certificates or of a private key.
 *
 * @throws InputError that names the file and shows nothing of its contents.
 */
export function readPem(
  name: keyof typeof LABELS,
  path: string,
  readTextFile: (path: string) => string,
): string {
  const text = read(name, path, readTextFile);
  const label = LABELS[name];
  if (new RegExp(`-----BEGIN ${label}-----[^]+-----END ${label}-----`).test(text)) return text;
  const wanted = name === "key" ? "private key" : "certificate";
  throw new InputError(`Cannot use ${name} as its file contains no PEM ${wanted}`, {
    place: { file: path },
    hint: `A PEM file has a line "-----BEGIN ${wanted.toUpperCase()}-----".`,
  });
}

function read(name: string, path: string, readTextFile: (path: string) => string): string {
  try {
    return readTextFile(path);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new InputError(`Cannot read the file of ${name}: ${reason}`, {
      place: { file: path },
      cause,
    });
  }
}
