/**
 * Returns the reason for a file system error, worded to follow a colon: "permission denied".
 *
 * @param notFound The reason if the path does not exist.
 */
export function fileErrorReason(cause: unknown, notFound: string = "no such file"): string {
  if (cause instanceof Deno.errors.NotFound) return notFound;
  if (cause instanceof Deno.errors.IsADirectory) return "it is a folder";
  if (cause instanceof Deno.errors.PermissionDenied || cause instanceof Deno.errors.NotCapable) {
    return "permission denied";
  }
  if (!(cause instanceof Error)) return String(cause);
  // Deno adds the error number and the path; the surrounding message already names the path.
  return cause.message.replace(/ \(os error \d+\).*/s, "").toLowerCase();
}
