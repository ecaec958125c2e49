/** What a POST asks for: by a mail program's button (RFC 8058, 3.2), by the page's, or nothing that we know. */
export type Wish = "one-click" | "page" | "unknown";

/** A body that is not read to its end; `broken`: the client has gone. */
export type Unread = "too-large" | "too-slow" | "broken";

/** Octets of a body: some hundred as a form of several parts, thirty else. */
const LARGEST_BODY = 8 * 1024;

/** The page's own field; another than one-click's, so that the list tells people from mail programs. */
export const PAGE_FIELD = { name: "leave", value: "yes" } as const;

/**
 * Reads what a POST asks for. RFC 8058 wants multipart/form-data or application/x-www-form-urlencoded, and `List-Unsubscribe`
 * with the value `One-Click` in it.
 *
 * @param deadline Aborted when the body has taken too long.
 */
export async function readWish(request: Request, deadline: AbortSignal): Promise<Wish | Unread> {
  if (Number(request.headers.get("content-length") ?? 0) > LARGEST_BODY) return "too-large";
  const body = await readBody(request.body, deadline);
  if (typeof body === "string") return body;
  const type = request.headers.get("content-type") ?? "";
  let form: FormData;
  try {
    form = await new Response(body, { headers: { "content-type": type } }).formData();
  } catch {
    return "unknown";
  }
  if (form.get("List-Unsubscribe") === "One-Click") return "one-click";
  return form.get(PAGE_FIELD.name) === PAGE_FIELD.value ? "page" : "unknown";
}

async function readBody(
  body: ReadableStream<Uint8Array> | null,
  deadline: AbortSignal,
): Promise<Blob | Unread> {
  if (body === null) return new Blob();
  const reader = body.getReader();
  const stop = () => void reader.cancel().catch(() => {});
  deadline.addEventListener("abort", stop, { once: true });
  if (deadline.aborted) stop();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (deadline.aborted) return "too-slow";
      if (done) return new Blob(chunks);
      size += value.length;
      if (size > LARGEST_BODY) {
        stop();
        return "too-large";
      }
      chunks.push(value.slice());
    }
  } catch {
    return "broken";
  } finally {
    deadline.removeEventListener("abort", stop);
  }
}
