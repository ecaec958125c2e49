/** What a POST asks for: by a mail program's button (RFC 8058, 3.2), by the page's, or nothing that we know. */
export type UnsubscribeRequest = "one-click" | "page" | "unknown";

/** The page's own field; another than one-click's, so that the list tells people from mail programs. */
export const PAGE_FIELD = { name: "leave", value: "yes" } as const;

/** Characters of a Content-Type: a boundary has 70 at most (RFC 2046, 5.1.1). A long one takes Deno's reader of forms a second. */
const LONGEST_TYPE = 256;

/**
 * Reads what a POST asks for. RFC 8058 wants multipart/form-data or application/x-www-form-urlencoded, and `List-Unsubscribe`
 * with the value `One-Click` in it.
 */
export async function readUnsubscribeRequest(request: Request): Promise<UnsubscribeRequest> {
  if ((request.headers.get("content-type") ?? "").length > LONGEST_TYPE) return "unknown";
  let form: FormData;
  try {
    form = await request.formData();
  } catch {
    return "unknown";
  }
  if (form.get("List-Unsubscribe") === "One-Click") return "one-click";
  return form.get(PAGE_FIELD.name) === PAGE_FIELD.value ? "page" : "unknown";
}
