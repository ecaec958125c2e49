import assert from "node:assert/strict";
import { Connection } from "../../src/smtp/wire/connection.ts";
import { TIMEOUTS } from "../../src/smtp/wire/timeouts.ts";
import { FakeClock, settled } from "./fake_clock.ts";
import { FakeConn } from "./fake_conn.ts";

const SILENT = { replies() {}, broken() {} };
const COMMAND = new TextEncoder().encode("NOOP\r\n");

function reading() {
  const conn = new FakeConn();
  const connection = new Connection(conn, { ...TIMEOUTS, write: 40_000 });
  connection.receive(SILENT);
  return { conn, connection };
}

/** The connection lives until `ms` have passed, and ends then, for this cause. */
async function assertEndsAfter(
  ms: number,
  expected: { cause: string; detail: string },
  clock: FakeClock,
  { conn, connection }: { conn: FakeConn; connection: Connection },
): Promise<void> {
  await clock.advance(ms - 1);
  assert.equal(connection.ended, undefined);
  await clock.advance(1);
  assert.deepEqual(connection.ended, { ...expected, tlsReason: undefined });
  assert.deepEqual([conn.closed, clock.timers], [1, 0]);
}

const noReply = (seconds: number) => ({
  cause: "timeout",
  detail: `No whole reply within ${seconds} s`,
});
const NOT_READ = { cause: "timeout", detail: "Server has stopped reading for 40 s" };

// Longer and shorter than the longest time for which the timer sleeps, and a multiple of it.
for (const ms of [1, 4_999, 5_000, 5_001, 20_000, 299_999]) {
  Deno.test(`Connection.expectReply() ends the connection after ${ms} ms without a reply`, async () => {
    using clock = new FakeClock();
    const it = reading();
    it.connection.expectReply(ms);
    await assertEndsAfter(ms, noReply(ms / 1_000), clock, it);
  });
}

Deno.test("Connection gives a reply one deadline, however slowly its bytes come", async () => {
  using clock = new FakeClock();
  const it = reading();
  it.connection.expectReply(10_000);
  for (const byte of "250-wait\r") {
    it.conn.say(byte);
    await clock.advance(1_000);
  }
  await assertEndsAfter(1_000, noReply(10), clock, it);
});

Deno.test("Connection.expectReply() replaces the deadline, by a later one and by an earlier one", async () => {
  using clock = new FakeClock();
  const it = reading();
  it.connection.expectReply(2_000);
  await clock.advance(1_500);
  it.connection.expectReply(60_000);
  await clock.advance(59_000);
  it.connection.expectReply(300_000);
  await clock.advance(250_000);
  it.connection.expectReply(700);
  await assertEndsAfter(700, noReply(0.7), clock, it);
});

Deno.test("Connection.expectReply() without a time limit waits for nothing, and leaves no timer running", async () => {
  using clock = new FakeClock();
  const { connection } = reading();
  connection.expectReply(3_000);
  connection.expectReply(undefined);
  await clock.advance(600_000);
  assert.deepEqual([connection.ended, clock.timers], [undefined, 0]);
  connection[Symbol.dispose]();
});

Deno.test("Connection starts no timer for a deadline that moves, and leaves none when it has ended", async () => {
  using clock = new FakeClock();
  const { connection } = reading();
  for (let turn = 0; turn < 50; turn++) {
    connection.expectReply(300_000 - 5_000 * turn);
    await connection.write(COMMAND);
    assert.equal(clock.timers, 1);
    await clock.advance(100);
  }
  // 5 s have passed: the second one is that of the next deadline.
  assert.ok(clock.started <= 2, `${clock.started} timers`);
  connection.end("closed", "gone");
  connection.expectReply(1_000);
  assert.equal(clock.timers, 0);
});

Deno.test("Connection.write() ends the connection if its bytes are not accepted in time, whether in part or not at all", async () => {
  for (const first of [[], [2]]) {
    using clock = new FakeClock();
    const it = reading();
    it.conn.taken.push(...first, new Promise<number>(() => {}));
    const writing = it.connection.write(COMMAND);
    await assertEndsAfter(40_000, NOT_READ, clock, it);
    assert.equal(await writing, false);
    assert.equal(it.connection.maybeSent, COMMAND.length);
  }
});

Deno.test("Connection.write() leaves no deadline behind when its bytes are accepted", async () => {
  using clock = new FakeClock();
  const { conn, connection } = reading();
  const taking = Promise.withResolvers<number>();
  conn.taken.push(taking.promise);
  const writing = connection.write(COMMAND);
  await clock.advance(39_999);
  taking.resolve(COMMAND.length);
  assert.equal(await writing, true);
  await clock.advance(600_000);
  assert.deepEqual([connection.ended, clock.timers], [undefined, 0]);
  connection[Symbol.dispose]();
});

Deno.test("Connection.write() keeps the reply's deadline, and the earlier of the two ends the connection", async () => {
  for (
    const [replyMs, expected] of [[30_000, noReply(30)], [50_000, NOT_READ]] as const
  ) {
    using clock = new FakeClock();
    const it = reading();
    it.connection.expectReply(replyMs);
    it.conn.taken.push(new Promise<number>(() => {}));
    void it.connection.write(COMMAND);
    await assertEndsAfter(Math.min(replyMs, 40_000), expected, clock, it);
  }
});

/** After a failed write the server's last words are awaited. */
for (
  const [sentence, before, after, ms] of [
    ["1 s", undefined, undefined, 1_000],
    ["1 s, whatever reply was awaited before", 300_000, undefined, 1_000],
    ["1 s, whatever reply is awaited after it", undefined, 300_000, 1_000],
    ["no longer than the reply that was awaited before", 400, undefined, 400],
  ] as const
) {
  Deno.test(`Connection awaits last words after a failed write for ${sentence}`, async () => {
    using clock = new FakeClock();
    const it = reading();
    it.connection.expectReply(before);
    it.conn.taken.push(new Deno.errors.BrokenPipe("broken pipe"));
    await it.connection.write(COMMAND);
    it.connection.expectReply(after);
    await assertEndsAfter(ms, { cause: "closed", detail: "broken pipe" }, clock, it);
  });
}

Deno.test("Connection is not kept alive by replies that come after a failed write", async () => {
  using clock = new FakeClock();
  const it = reading();
  it.conn.taken.push(new Deno.errors.BrokenPipe("broken pipe"));
  await it.connection.write(COMMAND);
  await clock.advance(500);
  it.conn.say("250 ok\r\n");
  await settled();
  it.connection.expectReply(undefined);
  await assertEndsAfter(500, { cause: "closed", detail: "broken pipe" }, clock, it);
});
