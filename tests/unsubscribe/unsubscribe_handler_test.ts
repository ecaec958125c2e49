import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { makeToken, TokenSecret } from "../../src/compose/unsubscribe/unsubscribe_token.ts";
import { BASE, linkOf, oneClick, secret, seen, withHandler } from "./support.ts";

const button = (url: string) =>
  new Request(url, { method: "POST", body: new URLSearchParams({ leave: "yes" }) });

Deno.test("One-click suppresses at once and returns 200 without cookie or redirect, for both content types of RFC 8058", () =>
  withHandler(async ({ answer, list, left }) => {
    for (const type of ["multipart", "urlencoded"] as const) {
      const key = `${type}@x.test`;
      const before = Date.now();
      const response = await answer(oneClick(linkOf(key), type));
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("set-cookie"), null);
      assert.equal(response.headers.get("location"), null);
      const { at, ...entry } = list.find(key)!;
      assert.deepEqual(entry, { key, campaign: "spring", source: "one-click", reason: undefined });
      assert(at >= before && at <= Date.now());
    }
    assert.deepEqual(left.map(({ key }) => key), ["multipart@x.test", "urlencoded@x.test"]);
  }));

Deno.test("One-click is idempotent and keeps the first time and campaign", () =>
  withHandler(async ({ answer, list, left }) => {
    const first = await seen(await answer(oneClick(linkOf("ann@x.test"))));
    const entry = list.find("ann@x.test");
    for (const campaign of ["spring", "autumn"]) {
      assert.deepEqual(await seen(await answer(oneClick(linkOf("ann@x.test", campaign)))), first);
      assert.deepEqual(list.find("ann@x.test"), entry);
    }
    assert.equal(left.length, 1);
  }));

Deno.test("The page's button suppresses, and says so", () =>
  withHandler(async ({ answer, list }) => {
    const response = await answer(button(linkOf("ann@x.test")));
    assert.equal(response.status, 200);
    assert.match(await response.text(), /<h1>You are unsubscribed<\/h1>/);
    assert.equal(list.find("ann@x.test")?.source, "page");
  }));

Deno.test("GET, HEAD, prefetch and scanners change nothing", () =>
  withHandler(async ({ answer, list }) => {
    const url = linkOf("ann@x.test");
    const requests = [
      new Request(url),
      new Request(url, { method: "HEAD" }),
      new Request(url, { headers: { "sec-purpose": "prefetch" } }),
      new Request(url, { headers: { purpose: "preview", "user-agent": "BarracudaCentral" } }),
      new Request(`${url}?List-Unsubscribe=One-Click`),
      new Request(`${url}?leave=yes`, { method: "HEAD" }),
      new Request(url, { method: "OPTIONS" }),
      new Request(url, { method: "PUT", body: "List-Unsubscribe=One-Click" }),
      new Request(url, { method: "DELETE" }),
    ];
    for (const request of requests) {
      const { status } = await answer(request);
      assert.equal(status, ["GET", "HEAD"].includes(request.method) ? 200 : 405, request.method);
    }
    assert.equal(list.size, 0);
  }));

Deno.test("A POST that is no unsubscribe request gets 400 and changes nothing, whatever the link", () =>
  withHandler(async ({ answer, list }) => {
    const url = linkOf("ann@x.test");
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const bodies: RequestInit[] = [
      {},
      { body: "" },
      { body: "List-Unsubscribe=One-Click" }, // text/plain
      { body: "List-Unsubscribe=Two-Clicks", headers: form },
      { body: "leave=no", headers: form },
      { body: "x=List-Unsubscribe=One-Click", headers: form },
      { body: '{"List-Unsubscribe":"One-Click"}', headers: { "content-type": "application/json" } },
      { body: "--x\r\n", headers: { "content-type": "multipart/form-data; boundary=x" } },
      { body: "--x\r\n", headers: { "content-type": "multipart/form-data" } },
    ];
    for (const link of [url, `${url}x`]) {
      for (const init of bodies) {
        assert.equal((await answer(new Request(link, { method: "POST", ...init }))).status, 400);
      }
    }
    assert.equal(list.size, 0);
  }));

Deno.test("A forged link gets the same answers as a genuine one, word for word, and changes nothing", () =>
  withHandler(async ({ answer, list, faults }) => {
    const url = linkOf("ann@x.test");
    const expected = {
      page: await seen(await answer(new Request(url))),
      oneClick: await seen(await answer(oneClick(url))),
      button: await seen(await answer(button(url))),
    };
    const token = url.slice(url.lastIndexOf("/") + 1);
    const octets = (text: string) => Buffer.from(text.slice(0, -1), "base64url");
    const other = octets(makeToken(secret, { campaign: "spring", key: "bob@x.test" }));
    const elsewhere = new TokenSecret("another secret of thirty-two bytes", "x");
    const mixed = Buffer.concat([octets(token).subarray(0, 16), other.subarray(16)]);
    const forged = [
      makeToken(elsewhere, { campaign: "spring", key: "bob@x.test" }),
      `${mixed.toString("base64url")}1`,
      "x",
      "..%2f..%2fetc",
      "%00",
      "%",
      "1".repeat(900),
      ...Array.from({ length: token.length }, (_, at) => {
        const flipped = String.fromCharCode(token.charCodeAt(at) ^ 1);
        return token.slice(0, at) + encodeURIComponent(flipped) + token.slice(at + 1);
      }),
    ];
    for (const [index, text] of forged.entries()) {
      const remote = `192.0.2.${index}`;
      const link = `${BASE}/u/${text}`;
      assert.deepEqual(await seen(await answer(new Request(link), remote)), expected.page, text);
      assert.deepEqual(await seen(await answer(oneClick(link), remote)), expected.oneClick, text);
      assert.deepEqual(await seen(await answer(button(link), remote)), expected.button, text);
    }
    assert.deepEqual([...list.entries()].map(({ key }) => key), ["ann@x.test"]);
    assert.deepEqual(faults, []);
  }));

Deno.test("Answers are not cached or indexed, and do not pass the link on", () =>
  withHandler(async ({ answer }) => {
    for (const request of [new Request(linkOf("a@x.test")), oneClick(linkOf("a@x.test"))]) {
      const { headers } = await answer(request);
      assert.equal(headers.get("cache-control"), "no-store");
      assert.equal(headers.get("referrer-policy"), "no-referrer");
      assert.equal(headers.get("x-content-type-options"), "nosniff");
      assert.equal(headers.get("x-robots-tag"), "noindex, nofollow");
    }
  }));

Deno.test("Clients that guess links get 429 and Retry-After, while genuine links from that network still work", () =>
  withHandler(async ({ answer, list }) => {
    const statuses: number[] = [];
    for (let index = 0; index < 70; index++) {
      statuses.push((await answer(oneClick(`${BASE}/u/forged${index}`))).status);
    }
    assert.deepEqual(statuses.slice(0, 60), Array(60).fill(200));
    const refused = await answer(new Request(`${BASE}/u/forged`));
    assert.equal(refused.status, 429);
    assert.match(refused.headers.get("retry-after")!, /^[12]$/);
    assert.equal((await answer(new Request(`${BASE}/nothing`))).status, 429);
    assert.equal((await answer(new Request(`${BASE}/u/forged`), "192.0.2.2")).status, 200);
    assert.equal((await answer(oneClick(linkOf("ann@x.test")))).status, 200);
    assert.equal(list.size, 1);
  }));

Deno.test("Behind a proxy, each visitor in X-Forwarded-For has their own limit", () =>
  withHandler(async ({ answer }) => {
    const ask = async (visitor: string) => {
      const headers = { "x-forwarded-for": `8.8.8.8, ${visitor}` };
      return (await answer(new Request(`${BASE}/u/forged`, { headers }))).status;
    };
    for (let index = 0; index < 60; index++) await ask("203.0.113.1");
    assert.equal(await ask("203.0.113.1"), 429);
    assert.equal(await ask("203.0.113.2"), 200);
  }, { proxies: 1 }));

Deno.test("Links work with the base URL's path and without it", () =>
  withHandler(async ({ answer, list }) => {
    const token = (key: string) => makeToken(secret, { campaign: "c", key });
    const urls = [
      `http://127.0.0.1/mail/u/${token("a@x.test")}`,
      `http://127.0.0.1/u/${token("b@x.test")}`,
      `http://127.0.0.1/mail/u/${token("c@x.test")}/`,
      `http://127.0.0.1/mail/u/${token("d@x.test")}?utm_source=x`,
    ];
    for (const url of urls) assert.equal((await answer(oneClick(url))).status, 200);
    assert.equal(list.size, 4);
    assert.equal(
      (await answer(oneClick(`http://127.0.0.1/other/u/${token("e@x.test")}`))).status,
      404,
    );
    assert.equal((await answer(new Request("http://127.0.0.1/mail/health"))).status, 200);
  }, { baseUrl: `${BASE}/mail` }));

Deno.test("/health returns 200 while the list can be read, otherwise 503, and rejects POST", () =>
  withHandler(async ({ answer, list, faults }) => {
    const health = async (method = "GET") =>
      (await answer(new Request(`${BASE}/health`, { method }))).status;
    assert.equal(await health(), 200);
    assert.equal(await health("HEAD"), 200);
    assert.equal(await health("POST"), 405);
    list[Symbol.dispose]();
    assert.equal(await health(), 503);
    assert.equal(faults.length, 1);
  }));

Deno.test("If the list cannot be written, the answer is 503 with Retry-After, never 200", () =>
  withHandler(async ({ answer, list, faults, left }) => {
    list[Symbol.dispose]();
    for (const request of [oneClick(linkOf("ann@x.test")), button(linkOf("ann@x.test"))]) {
      const response = await answer(request);
      assert.equal(response.status, 503);
      assert.equal(response.headers.get("retry-after"), "60");
      assert.match(await response.text(), /try again/i);
    }
    assert.equal(faults.length, 2);
    assert.equal(left.length, 0);
  }));

Deno.test("A thousand genuine, repeated and forged one-clicks at once suppress the right addresses", () =>
  withHandler(async ({ answer, list }) => {
    const keys = Array.from({ length: 1_000 }, (_, index) => `p${index}@x.test`);
    const answers = await Promise.all(keys.flatMap((key, index) => [
      answer(oneClick(linkOf(key), index % 2 ? "multipart" : "urlencoded")),
      answer(oneClick(linkOf(key))),
      answer(oneClick(`${linkOf(`not-${key}`)}x`), `2001:db8:${index}::1`),
      answer(new Request(linkOf(`not-${key}`)), `192.0.${index % 250}.7`),
    ]));
    assert(answers.every(({ status }) => status === 200));
    assert.deepEqual([...list.entries()].map(({ key }) => key).sort(), keys.sort());
  }));
