import assert from "node:assert/strict";
import fc from "fast-check";
import { RequestReader } from "../../src/unsubscribe/request_reader.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const FORM = "List-Unsubscribe=One-Click";
const HEAD = "POST /u/abc?x=1 HTTP/1.1\r\nHost: news.example.com\r\nX-A: one \r\nx-a: two\r\n";
const SIZED = `${HEAD}Content-Length: ${FORM.length}\r\n\r\n${FORM}`;
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n\r\n` +
  `5;name=value\r\nList-\r\n15 \r\n${FORM.slice(5)}\r\n0\r\nTrailer: x\r\n\r\n`;

/** The status of a refusal, or the request. */
function read(text: string): number | Request | undefined {
  const result = new RequestReader().take(bytes(text));
  return result === undefined || result instanceof Request ? result : result.status;
}

Deno.test("RequestReader reads a request however its octets are split, with a length or in chunks", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(SIZED, CHUNKED, `\r\n${SIZED}`, `${SIZED}GET / HTTP/1.1\r\n`),
      fc.array(fc.nat(300), { maxLength: 30 }),
      async (text, cuts) => {
        const reader = new RequestReader();
        const places = [...new Set([0, ...cuts, text.length])].sort((a, b) => a - b);
        let request: unknown;
        for (const [index, place] of places.entries()) {
          const part = text.slice(place, places[index + 1]);
          if (request === undefined && part !== "") request = reader.take(bytes(part));
        }
        assert(request instanceof Request);
        assert.equal(request.method, "POST");
        assert.equal(new URL(request.url).pathname, "/u/abc");
        assert.equal(request.headers.get("x-a"), "one, two");
        assert.equal(await request.text(), FORM);
      },
    ),
  );
});

Deno.test("RequestReader refuses what is unclear, too large or not served, each with its status", () => {
  const head = "POST / HTTP/1.1\r\nHost: x\r\n";
  const chunked = `${head}Transfer-Encoding: chunked\r\n\r\n`;
  const table: [text: string, status: number][] = [
    ["GET /\r\n\r\n", 400],
    ["GET  / HTTP/1.1\r\nHost: x\r\n\r\n", 400],
    ["GET x HTTP/1.1\r\nHost: x\r\n\r\n", 400],
    ["GET / HTTP/1.1\r\n\r\n", 400],
    ["GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505],
    ["TRACE / HTTP/1.1\r\nHost: x\r\n\r\n", 405],
    ["CONNECT x:443 HTTP/1.1\r\nHost: x\r\n\r\n", 405],
    [`${head}Bad Name: x\r\n\r\n`, 400],
    [`${head} folded\r\n\r\n`, 400],
    [`${head}X: a\0b\r\n\r\n`, 400],
    [`${head}X: a\nb: c\r\n\r\n`, 400],
    [`${head}Content-Length: -1\r\n\r\n`, 400],
    [`${head}Content-Length: 1e1\r\n\r\n`, 400],
    [`${head}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`, 400],
    [`${head}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`, 400],
    [`${head}Transfer-Encoding: gzip, chunked\r\n\r\n`, 501],
    [`${head}Content-Length: 2049\r\n\r\n`, 413],
    [`${head}X: ${"a".repeat(17_000)}`, 431],
    [`${chunked}x\r\n`, 400],
    [`${chunked}-1\r\n`, 400],
    [`${chunked}1\r\nab\r\n`, 400],
    [`${chunked}801\r\n`, 413],
    [`${chunked}1;${"x".repeat(9_000)}`, 413],
    [`${chunked}0\r\n${"X: y\r\n".repeat(2_000)}`, 413],
  ];
  for (const [text, status] of table) assert.equal(read(text), status, text.slice(0, 90));
});

Deno.test("RequestReader is not slowed down by a header full of blanks", () => {
  const blanks = " \t".repeat(7_000);
  const start = performance.now();
  for (const value of [`${blanks}\n`, `${blanks}a${blanks}`, `a${blanks}b${blanks}c`]) {
    read(`GET / HTTP/1.1\r\nHost: x\r\nX:${value}\r\n\r\n`);
  }
  // It used to take hours.
  assert(performance.now() - start < 2_000);
  const request = read(`GET / HTTP/1.1\r\nHost: x\r\nX: \t a b\t \r\n\r\n`);
  assert(request instanceof Request);
  assert.equal(request.headers.get("x"), "a b");
});

Deno.test("RequestReader waits for the rest of incomplete headers or an incomplete body", () => {
  for (const text of ["", "GET / HT", "GET / HTTP/1.1\r\nHost: x\r\n", SIZED.slice(0, -1)]) {
    assert.equal(read(text), undefined);
  }
  assert(read("GET / HTTP/1.0\r\n\r\n") instanceof Request);
  assert(read(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2048\r\n\r\n${"a".repeat(2_048)}`));
});

Deno.test("RequestReader says when a client waits for '100 Continue'", () => {
  const reader = new RequestReader();
  reader.take(
    bytes("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\n"),
  );
  assert(reader.awaitsContinue);
  assert(reader.take(bytes("a")) instanceof Request);
});
