import { extname } from "node:path";
import mime from "mime";

const UNKNOWN = "application/octet-stream";

/** Types that the table has by another name, or for another kind of file. */
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
 * The media type that a file's name says; `application/octet-stream` where it says nothing.
 *
 * Of the composite types (RFC 2046, 5), which cannot be encoded, it is `message/rfc822` for `.eml` only: a web archive
 * (`.mht`) is a file to be saved, not a mail to be shown.
 */
export function mediaType(name: string): string {
  const extension = extname(`x${name}`).toLowerCase();
  if (extension === ".eml") return "message/rfc822";
  if (extension === "") return UNKNOWN;
  const type = CORRECTED.get(extension) ?? mime.getType(extension) ?? UNKNOWN;
  return /^(?:message|multipart)\//.test(type) ? UNKNOWN : type;
}
