/**
 * Why the file system refused, in words that follow a colon: "permission denied".
 *
 * @param notFound What it means where the path does not exist.
 */
export function fileErrorReason(cause: unknown, notFound: string = "no such file"): string {
  if (cause instanceof Deno.errors.NotFound) return notFound;
  if (cause instanceof Deno.errors.IsADirectory) return "it is a folder";
  if (cause instanceof Deno.errors.PermissionDenied || cause instanceof Deno.errors.NotCapable) {
    return "permission denied";
  }
  if (!(cause instanceof Error)) return String(cause);
  // Deno adds the number and the path, which the message around this one names already.
  return cause.message.replace(/ \(os error \d+\).*/s, "").toLowerCase();
}
