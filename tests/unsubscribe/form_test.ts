import assert from "node:assert/strict";
import { readWish } from "../../src/unsubscribe/form.ts";

const headers = { "content-type": "application/x-www-form-urlencoded" };

function post(body: BodyInit): Request {
  return new Request("http://x.test/", { method: "POST", headers, body });
}

Deno.test("readWish() reads a body that comes in single octets", async () => {
  const octets = [..."List-Unsubscribe=One-Click"].map((letter) =>
    new TextEncoder().encode(letter)
  );
  assert.equal(await readWish(post(ReadableStream.from(octets))), "one-click");
});

Deno.test("readWish() takes one-click over the page's field where both are there", async () => {
  assert.equal(await readWish(post("leave=yes&List-Unsubscribe=One-Click")), "one-click");
  assert.equal(await readWish(post("leave=yes")), "page");
});
