import assert from "node:assert/strict";
import { settled } from "./fake_clock.ts";
import { FakeConn } from "./fake_conn.ts";
import { free, mailTo, outline } from "./fixtures.ts";
import { CHUNKS, clientOver, GROUPS, LOCK_STEP } from "./client_over.ts";

/** A signal that counts its listeners. */
function counted() {
  const controller = new AbortController();
  const { signal } = controller;
  const listening = new Set<unknown>();
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (type: string, call: unknown, options?: unknown) => {
    listening.add(call);
    add(type as "abort", call as () => void, options as AddEventListenerOptions);
  };
  signal.removeEventListener = (type: string, call: unknown) => {
    listening.delete(call);
    remove(type as "abort", call as () => void);
  };
  return { controller, signal, listening };
}

/** A signal lives as long as a run, with thousands of clients. */
for (
  const [sentence, end] of [
    ["the server closes", (conn: FakeConn) => conn.stop(null)],
    ["it is destroyed", (_: FakeConn, client: Disposable) => client[Symbol.dispose]()],
  ] as const
) {
  Deno.test(`SmtpClient no longer listens to its signal once ${sentence}`, async () => {
    const { signal, listening } = counted();
    const conn = new FakeConn();
    const client = clientOver(conn, GROUPS, { signal });
    assert.equal(listening.size, 1);
    end(conn, client);
    await settled();
    assert.deepEqual([listening.size, conn.closed], [0, 1]);
  });
}

Deno.test("SmtpClient ends at once when its signal aborts, with nothing in flight and nothing awaited", async () => {
  const { controller, signal } = counted();
  const conn = new FakeConn();
  const client = clientOver(conn, GROUPS, { signal });
  const attempt = client.send(mailTo("a@b.test"), free);
  const ready = Promise.all([client.ready(), client.ready()]);
  controller.abort();
  assert.equal(conn.closed, 1);
  assert.equal(outline(await attempt), "broken mail cancelled");
  assert.equal(await client.ready(), false);
  await ready;
  await client.close();
  assert.deepEqual(conn.writes.length, 1);
});

const a = mailTo("a@b.test");
const b = mailTo("b@b.test");
const STRATEGIES = [["lock-step", LOCK_STEP], ["groups", GROUPS], ["chunks", CHUNKS]] as const;

/** Replies to one mail that is accepted; a RSET before it needs one more. */
const replies = (offers: readonly string[]) =>
  offers === CHUNKS ? [250, 250, 250] : [250, 250, 354, 250];

async function say(conn: FakeConn, codes: readonly number[]): Promise<void> {
  for (const code of codes) {
    await settled();
    conn.say(`${code} x\r\n`);
  }
  await settled();
}

for (const [name, offers] of STRATEGIES) {
  Deno.test(`SmtpClient.ready() waits while the client is full: true when there is room again, false when the client has ended (${name})`, async () => {
    const conn = new FakeConn();
    const client = clientOver(conn, offers);
    const attempts = [];
    while (await Promise.race([client.ready(), settled().then(() => "full")]) === true) {
      attempts.push(client.send(a, free));
    }
    assert.equal(attempts.length, offers === GROUPS ? 3 : 2);
    const ready = client.ready();
    await say(conn, replies(offers));
    assert.equal(await ready, true);
    attempts.push(client.send(a, free));
    const again = client.ready();
    client.destroy();
    assert.equal(await again, false);
    assert.equal(outline(await attempts[0]!), "accepted 250");
    for (const attempt of attempts.slice(1)) assert.match(outline(await attempt), /cancelled/);
  });

  Deno.test(`SmtpClient.close() says QUIT only when all that was given is answered, hand-overs awaited (${name})`, async () => {
    const conn = new FakeConn();
    const client = clientOver(conn, offers);
    const recorded = Promise.withResolvers<void>();
    const attempt = client.send(a, () => recorded.promise);
    const closed = client.close();
    if (offers !== CHUNKS) await say(conn, [250, 250, 354]);
    await settled();
    recorded.resolve();
    await settled();
    assert.ok(!conn.writes.join("").includes("QUIT"));
    await say(conn, offers === CHUNKS ? [250, 250, 250] : [250]);
    assert.equal(outline(await attempt), "accepted 250");
    assert.equal(conn.writes.at(-1), "QUIT\r\n");
    await say(conn, [221]);
    await closed;
    assert.equal(conn.closed, 1);
  });

  Deno.test(`SmtpClient leaves nobody without an answer when the first hand-over cannot be recorded (${name})`, async () => {
    const conn = new FakeConn();
    const client = clientOver(conn, offers);
    const failing = assert.rejects(
      client.send(a, () => Promise.reject("disk full")),
      (reason) => reason === "disk full",
    );
    const others = [client.send(b, free), ...(offers === GROUPS ? [client.send(b, free)] : [])];
    if (offers !== CHUNKS) await say(conn, [250, 250, 354]);
    await failing;
    for (const other of others) assert.equal(outline(await other), "broken mail cancelled");
    assert.ok(!conn.writes.join("").includes("Hello"));
    assert.equal(conn.closed, 1);
  });
}

Deno.test("SmtpClient sends any number of mails over one connection if each is judged by its body, with RSETs between them", async () => {
  for (const [code, expected] of [[250, "accepted 250"], [552, "refused body 552"]] as const) {
    const conn = new FakeConn();
    const client = clientOver(conn, CHUNKS, { window: 2 });
    const attempts = [client.send(a, free), client.send(a, free)];
    for (let mail = 0; mail < 40; mail++) {
      await say(conn, mail === 0 ? [250, 250, code] : [250, 250, 250, code]);
      assert.equal(await client.ready(), true, `after ${mail} mails`);
      attempts.push(client.send(a, free));
    }
    await settled();
    assert.equal(conn.writes.join("").match(/RSET/g)?.length, 41);
    client.destroy();
    for (const attempt of attempts.slice(0, 40)) assert.equal(outline(await attempt), expected);
  }
});
