import assert from "node:assert/strict";
import { FakeClock, settled } from "./fake_clock.ts";
import { FakeConn } from "./fake_conn.ts";
import { free, mailTo, outline } from "./fixtures.ts";
import { CHUNKS, clientOver, GROUPS, LOCK_STEP, TIMEOUTS } from "./client_over.ts";

const a = mailTo("a@b.test");
const b = mailTo("b@b.test");

/** Sends one mail to a server that gives these replies, one every half second, and falls silent. */
for (
  const [how, offers, replies, expected, ms] of [
    ["MAIL", LOCK_STEP, [], "broken mail timeout", TIMEOUTS.mail],
    ["RCPT", LOCK_STEP, ["250 ok"], "broken rcpt timeout", TIMEOUTS.rcpt],
    ["DATA", LOCK_STEP, ["250 ok", "250 ok"], "broken data timeout", TIMEOUTS.data],
    [
      "the body",
      LOCK_STEP,
      ["250 ok", "250 ok", "354 go"],
      "broken body timeout handed-over",
      TIMEOUTS.body,
    ],
    ["MAIL in a group", GROUPS, [], "broken mail timeout", TIMEOUTS.mail],
    ["RCPT in a group", GROUPS, ["250 ok"], "broken rcpt timeout", TIMEOUTS.rcpt],
    ["DATA in a group", GROUPS, ["250 ok", "250 ok"], "broken data timeout", TIMEOUTS.data],
    [
      "a body after its group",
      GROUPS,
      ["250 ok", "250 ok", "354 go"],
      "broken body timeout handed-over",
      TIMEOUTS.body,
    ],
    ["MAIL before a chunk", CHUNKS, [], "broken mail timeout handed-over", TIMEOUTS.mail],
    ["RCPT before a chunk", CHUNKS, ["250 ok"], "broken rcpt timeout handed-over", TIMEOUTS.rcpt],
    ["a chunk", CHUNKS, ["250 ok", "250 ok"], "broken body timeout handed-over", TIMEOUTS.body],
    ["the end that a 421 announces", CHUNKS, ["421 bye"], "refused mail 421", TIMEOUTS.closing],
  ] as const
) {
  Deno.test(`SmtpClient gives the reply to ${how} its time`, async () => {
    using clock = new FakeClock();
    const conn = new FakeConn();
    const client = clientOver(conn, offers);
    const attempt = client.send(a, free);
    for (const reply of replies) {
      await clock.advance(500);
      conn.say(`${reply}\r\n`);
    }
    await clock.advance(ms - 1);
    assert.equal(conn.closed, 0);
    await clock.advance(1);
    assert.deepEqual([conn.closed, clock.timers], [1, 0]);
    assert.equal(outline(await attempt), expected);
  });
}

Deno.test("SmtpClient applies the time limit of a command to the reply to RSET", async () => {
  using clock = new FakeClock();
  const conn = new FakeConn();
  const client = clientOver(conn, LOCK_STEP);
  const attempts = [client.send(a, free), client.send(b, free)];
  conn.say("250 ok\r\n");
  await settled();
  conn.say("550 who\r\n");
  await clock.advance(TIMEOUTS.command - 1);
  assert.deepEqual([conn.writes.at(-1), conn.closed], ["RSET\r\n", 0]);
  await clock.advance(1);
  assert.deepEqual((await Promise.all(attempts)).map(outline), [
    "refused rcpt 550",
    "broken rset timeout",
  ]);
});

Deno.test("SmtpClient applies a time limit to each slice of a large body, and another to the reply after the last one", async () => {
  using clock = new FakeClock();
  const conn = new FakeConn();
  const client = clientOver(conn, LOCK_STEP);
  const size = 200 * 1_024;
  const attempt = client.send(mailTo("a@b.test", `${"x".repeat(size - 2)}\r\n`), free);
  for (const reply of ["250 ok", "250 ok"]) {
    conn.say(`${reply}\r\n`);
    await settled();
  }
  const envelope = conn.writes.length;
  const taking = Array.from({ length: 5 }, () => Promise.withResolvers<number>());
  conn.taken.push(...taking.map(({ promise }) => promise));
  conn.say("354 go\r\n");
  for (let slice = 0; slice < 5; slice++) {
    await clock.advance(TIMEOUTS.write - 1);
    assert.deepEqual([conn.writes.length - envelope, conn.closed], [slice + 1, 0]);
    taking[slice]!.resolve(conn.writes.at(-1)!.length);
  }
  await clock.advance(TIMEOUTS.body - 1);
  assert.equal(conn.closed, 0);
  await clock.advance(1);
  assert.equal(outline(await attempt), "broken body timeout handed-over");
});

Deno.test("SmtpClient sets no deadline while it has no mail, before the first one and between two", async () => {
  for (const offers of [LOCK_STEP, GROUPS, CHUNKS]) {
    using clock = new FakeClock();
    const conn = new FakeConn();
    const client = clientOver(conn, offers);
    await clock.advance(3_600_000);
    const attempt = client.send(a, free);
    const replies = offers === CHUNKS ? [250, 250, 250] : [250, 250, 354, 250];
    for (const code of replies) {
      conn.say(`${code} ok\r\n`);
      await settled();
    }
    assert.equal(outline(await attempt), "accepted 250");
    await clock.advance(3_600_000);
    assert.deepEqual([conn.closed, clock.timers], [0, 0]);
    client.destroy();
  }
});

Deno.test("SmtpClient.close() enforces the time limit for the reply to QUIT, and ends the connection", async () => {
  using clock = new FakeClock();
  const conn = new FakeConn();
  const closing = clientOver(conn, GROUPS).close();
  await clock.advance(TIMEOUTS.quit - 1);
  assert.deepEqual([conn.writes, conn.closed], [["QUIT\r\n"], 0]);
  await clock.advance(1);
  await closing;
  assert.deepEqual([conn.closed, clock.timers], [1, 0]);
});
