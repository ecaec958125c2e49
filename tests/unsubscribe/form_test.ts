import assert from "node:assert/strict";
import { readWish } from "../../src/unsubscribe/form.ts";

const headers = { "content-type": "application/x-www-form-urlencoded" };
const never = new AbortController().signal;

function post(body: BodyInit): Request {
  return new Request("http://x.test/", { method: "POST", headers, body });
}

Deno.test("readWish() reads a body that comes in single octets", async () => {
  const octets = [..."List-Unsubscribe=One-Click"].map((letter) =>
    new TextEncoder().encode(letter)
  );
  assert.equal(await readWish(post(ReadableStream.from(octets)), never), "one-click");
});

Deno.test("readWish() takes one-click over the page's field where both are there", async () => {
  assert.equal(await readWish(post("leave=yes&List-Unsubscribe=One-Click"), never), "one-click");
  assert.equal(await readWish(post("leave=yes"), never), "page");
});

Deno.test("readWish() gives up a body that does not end, and cancels it", async () => {
  const deadline = new AbortController();
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new TextEncoder().encode("List-Unsubscribe=")),
    cancel: () => void (cancelled = true),
  });
  const wish = readWish(post(body), deadline.signal);
  await new Promise((resolve) => setTimeout(resolve, 10));
  deadline.abort();
  assert.equal(await wish, "too-slow");
  assert(cancelled);
});

Deno.test("readWish() gives up a body that takes too long before the first octet", async () => {
  const body = new ReadableStream<Uint8Array>();
  assert.equal(await readWish(post(body), AbortSignal.abort()), "too-slow");
});

Deno.test("readWish() takes a client that goes away for no wish", async () => {
  const body = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.error(new Error("connection reset")),
  });
  assert.equal(await readWish(post(body), never), "broken");
});
