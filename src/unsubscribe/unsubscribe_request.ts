/** Where a POST comes from: a mail program's button (RFC 8058, 3.2), the page's button, or something unknown. */
export type UnsubscribeRequest = "one-click" | "page" | "unknown";

/** The page's own field, different from one-click's, so that the list tells people from mail programs. */
export const PAGE_FIELD = { name: "leave", value: "yes" } as const;

/** The longest Content-Type: a boundary has at most 70 characters (RFC 2046, 5.1.1). A long one takes Deno's form parser a second. */
const MAX_TYPE = 256;

/**
 * Reads the form of a POST. RFC 8058 requires multipart/form-data or application/x-www-form-urlencoded, with a field
 * `List-Unsubscribe` of the value `One-Click`.
 */
export async function readUnsubscribeRequest(request: Request): Promise<UnsubscribeRequest> {
  if ((request.headers.get("content-type") ?? "").length > MAX_TYPE) return "unknown";
  let form: FormData;
  try {
    form = await request.formData();
  } catch {
    return "unknown";
  }
  if (form.get("List-Unsubscribe") === "One-Click") return "one-click";
  return form.get(PAGE_FIELD.name) === PAGE_FIELD.value ? "page" : "unknown";
}
