import { extname } from "node:path";
import mime from "mime";

const UNKNOWN = "application/octet-stream";

/** Types for which the table has another name, or another kind of file. */
const CORRECTED: ReadonlyMap<string, string> = new Map([
  // A JPEG file as some browsers save it; image/pjpeg is a name of old Internet Explorers.
  [".jfif", "image/jpeg"],
  [".vcf", "text/vcard"], // RFC 6350, 10.1
  [".yaml", "application/yaml"], // RFC 9512, 2.1
  [".yml", "application/yaml"],
  // application/pgp-encrypted is the part of an encrypted mail that holds its version (RFC 3156, 4), not a file.
  [".pgp", UNKNOWN],
]);

/**
 * The media type for a file name; `application/octet-stream` if it has none.
 *
 * Of the composite types (RFC 2046, 5), which cannot be encoded, it is `message/rfc822` for `.eml` only: a web archive
 * (`.mht`) is a file to save, not a mail to show.
 */
export function mediaType(name: string): string {
  const extension = extname(`x${name}`).toLowerCase();
  if (extension === ".eml") return "message/rfc822";
  if (extension === "") return UNKNOWN;
  const type = CORRECTED.get(extension) ?? mime.getType(extension) ?? UNKNOWN;
  return /^(?:message|multipart)\//.test(type) ? UNKNOWN : type;
}
