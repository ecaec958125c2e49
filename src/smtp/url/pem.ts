import { InputError } from "../../model/input_error.ts";

/** RFC 7468: what the file of each parameter must hold at least one of. */
const LABELS = {
  ca: "CERTIFICATE",
  cert: "CERTIFICATE",
  key: "(?:[A-Z0-9]+ )?PRIVATE KEY",
} as const;

/**
 * Reads a PEM file of certificates or of a private key.
 *
 * @throws InputError naming the file, never holding what is in it.
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
  throw new InputError(`Cannot use ${name} as it holds no PEM ${wanted}`, {
    place: { file: path },
    hint: `a PEM file has a line "-----BEGIN ${wanted.toUpperCase()}-----"`,
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
