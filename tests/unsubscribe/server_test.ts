import assert from "node:assert/strict";
import { join } from "node:path";
import { openSuppressionList } from "../../src/suppression/suppression_list.ts";
import type { ReceptionLimits } from "../../src/unsubscribe/reception.ts";
import { serveUnsubscribe } from "../../src/unsubscribe/server.ts";
import { inFolder } from "../support/folder.ts";
import { BASE, linkOf, secret } from "./support.ts";

const FORM = "List-Unsubscribe=One-Click";

interface Site {
  readonly port: number;
  readonly entered: () => number;
  readonly faults: unknown[];
  /** Ends the server; resolves when it has ended. */
  stop(): Promise<void>;
}

/** Runs `action` with a server on a port of its own. */
async function withServer(
  limits: Partial<ReceptionLimits>,
  action: (site: Site) => Promise<void>,
): Promise<void> {
  await inFolder({}, async (folder) => {
    using list = openSuppressionList(join(folder, "suppressed.db"));
    const stop = new AbortController();
    const { promise: port, resolve } = Promise.withResolvers<number>();
    const faults: unknown[] = [];
    const ended = serveUnsubscribe({
      listen: { hostname: "127.0.0.1", port: 0 },
      baseUrl: BASE,
      secret,
      list,
      sender: undefined,
      proxies: 0,
      limits,
      signal: stop.signal,
      onListen: ({ port }) => resolve(port),
      onFault: (error) => faults.push(error),
    });
    try {
      await action({
        port: await port,
        entered: () => list.size,
        faults,
        stop: () => {
          stop.abort();
          return ended;
        },
      });
    } finally {
      stop.abort();
      await ended;
    }
  });
}

/** What a client that sends `text` and waits for the end of the connection receives. */
async function exchange(port: number, text: string): Promise<string> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(new TextEncoder().encode(text));
  return await rest(conn);
}

async function rest(conn: Deno.Conn): Promise<string> {
  const buffer = new Uint8Array(65_536);
  let text = "";
  for (let size = await conn.read(buffer); size !== null; size = await conn.read(buffer)) {
    text += new TextDecoder().decode(buffer.subarray(0, size));
  }
  return text;
}

function post(key: string, more = ""): string {
  return `POST ${new URL(linkOf(key)).pathname} HTTP/1.1\r\nHost: x\r\n${more}` +
    `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${FORM.length}\r\n\r\n${FORM}`;
}

Deno.test("A silent connection, incomplete headers and a slow body are ended by their deadlines, with 408", () =>
  withServer({ headMs: 100, bodyMs: 200 }, async ({ port, entered }) => {
    const texts = ["", "POST / HTTP/1.1\r\nHost:", post("ann@x.test").slice(0, -1)];
    const answers = await Promise.all(texts.map((text) => exchange(port, text)));
    for (const answer of answers) assert.match(answer, /^HTTP\/1\.1 408 Request Timeout\r\n/);
    assert.equal(entered(), 0);
  }));

Deno.test("A client that reads no answer or keeps its side open is disconnected after a while", () =>
  withServer({ farewellMs: 100 }, async ({ port, stop }) => {
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    await conn.write(new TextEncoder().encode(post("ann@x.test")));
    assert.match(await rest(conn), /^HTTP\/1\.1 200 OK\r\n/);
    await stop();
  }));

Deno.test("A hundred one-clicks a second are answered despite connections that are stuck in every way", () =>
  withServer({ mostConnections: 40, graceMs: 20 }, async ({ port, entered, faults }) => {
    const ways = ["", "P", "POST / HTTP/1.1\r\nHost: x\r\n", post("eve@x.test").slice(0, -1)];
    const stuck: Deno.Conn[] = [];
    const answers: Promise<string>[] = [];
    try {
      for (let round = 0; round < 100; round++) {
        for (const text of ways) {
          const conn = await Deno.connect({ hostname: "127.0.0.1", port });
          stuck.push(conn);
          if (text !== "") await conn.write(new TextEncoder().encode(text));
        }
        answers.push(exchange(port, post(`p${round}@x.test`)));
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      for (const answer of await Promise.all(answers)) {
        assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
      }
    } finally {
      for (const conn of stuck) conn.close();
    }
    assert.equal(entered(), 100);
    assert.deepEqual(faults, []);
  }));

Deno.test("A refused request gets its answer even though the rest of it is never read", () =>
  withServer({ farewellMs: 200 }, async ({ port }) => {
    const head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n";
    assert.match(
      await exchange(port, head + "a".repeat(100_000)),
      /^HTTP\/1\.1 413 [\s\S]*\r\nconnection: close\r\n[\s\S]*Too large; nothing has changed\n$/,
    );
  }));

Deno.test("HEAD returns the headers of GET and no body; HTTP/1.0 and chunks are understood; '100 Continue' is sent", () =>
  withServer({}, async ({ port, entered }) => {
    const path = new URL(linkOf("ann@x.test")).pathname;
    const get = await exchange(port, `GET ${path} HTTP/1.0\r\n\r\n`);
    const head = await exchange(port, `HEAD ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
    const dateless = (text: string) => text.replace(/\r\ndate: .*/, "");
    assert.equal(dateless(head), dateless(get.slice(0, get.indexOf("\r\n\r\n") + 4)));
    assert.match(head, /\r\ncontent-length: \d{4}\r\n/);

    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    const [first, body] = post("bob@x.test", "Expect: 100-continue\r\n").split("\r\n\r\n");
    await conn.write(new TextEncoder().encode(`${first}\r\n\r\n`));
    const buffer = new Uint8Array(100);
    const size = await conn.read(buffer);
    assert.equal(
      new TextDecoder().decode(buffer.subarray(0, size!)),
      "HTTP/1.1 100 Continue\r\n\r\n",
    );
    await conn.write(new TextEncoder().encode(body));
    assert.match(await rest(conn), /^HTTP\/1\.1 200 OK\r\n/);
    assert.equal(entered(), 1);
  }));

Deno.test("At the signal, a request under way is finished, and a silent connection is not waited for", () =>
  withServer({}, async ({ port, stop, entered }) => {
    using silent = await Deno.connect({ hostname: "127.0.0.1", port });
    using asking = await Deno.connect({ hostname: "127.0.0.1", port });
    const text = post("ann@x.test");
    await asking.write(new TextEncoder().encode(text.slice(0, -5)));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const ended = stop();
    assert.equal(await rest(silent), "");
    await asking.write(new TextEncoder().encode(text.slice(-5)));
    assert.match(await rest(asking), /^HTTP\/1\.1 200 OK\r\n/);
    asking.close();
    await ended;
    assert.equal(entered(), 1);
  }));
