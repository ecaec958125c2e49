import assert from "node:assert/strict";
import type { Disconnect } from "../../src/smtp/wire/disconnect.ts";
import { Connection, type Receiver } from "../../src/smtp/wire/connection.ts";
import { replyLine } from "../../src/model/reply.ts";
import { TIMEOUTS } from "../../src/smtp/wire/timeouts.ts";
import { settled } from "./fake_clock.ts";
import { FakeConn } from "./fake_conn.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

/** Records its notifications: each reply, and "broken: cause". */
class Ear implements Receiver {
  readonly heard: string[] = [];

  replies(replies: Parameters<Receiver["replies"]>[0]): void {
    assert.ok(replies.length > 0);
    this.heard.push(...replies.map(replyLine));
  }

  broken({ cause, detail }: Disconnect): void {
    this.heard.push(`broken: ${cause}: ${detail}`);
  }
}

function connected() {
  const conn = new FakeConn();
  const connection = new Connection(conn, TIMEOUTS);
  const ear = new Ear();
  return { conn, connection, ear };
}

Deno.test("Connection.write() counts its bytes as maybe sent before the system has taken one of them", async () => {
  const { conn, connection } = connected();
  const taking = conn.hold();
  const writing = connection.write(bytes("DATA\r\n"));
  assert.equal(connection.maybeSent, 6);
  taking.resolve(6);
  assert.equal(await writing, true);
  assert.equal(connection.maybeSent, 6);
  connection[Symbol.dispose]();
});

Deno.test("Connection.write() counts all bytes of a write as maybe sent when the system has taken a part and then failed", async () => {
  const { conn, connection } = connected();
  conn.taken.push(2, new Deno.errors.BrokenPipe("gone"));
  assert.equal(await connection.write(bytes("DATA\r\n")), false);
  assert.equal(connection.maybeSent, 6);
});

Deno.test("Connection.write() writes the rest when the system accepts only a part", async () => {
  const { conn, connection } = connected();
  conn.taken.push(3, 0, 2);
  assert.equal(await connection.write(bytes("DATA\r\n")), true);
  assert.deepEqual(conn.writes, ["DATA\r\n", "A\r\n", "A\r\n", "\n"]);
  assert.equal(connection.maybeSent, 6);
  connection[Symbol.dispose]();
});

Deno.test("Connection.write() writes and counts nothing once the connection has ended", async () => {
  const { conn, connection } = connected();
  connection.end("closed", "gone");
  assert.equal(await connection.write(bytes("NOOP\r\n")), false);
  assert.equal(connection.maybeSent, 0);
  assert.deepEqual(conn.writes, []);
});

Deno.test("Connection.write() returns false when the connection ends while it writes", async () => {
  const { conn, connection, ear } = connected();
  const taking = conn.hold();
  connection.receive(ear);
  const writing = connection.write(bytes("NOOP\r\n"));
  taking.resolve(6);
  connection.end("cancelled", "Connection was given up");
  assert.equal(await writing, false);
  assert.deepEqual(ear.heard, ["broken: cancelled: Connection was given up"]);
});

Deno.test("Connection passes on what the server says after a failed write, and writes nothing more", async () => {
  const { conn, connection, ear } = connected();
  connection.receive(ear);
  conn.taken.push(new Deno.errors.ConnectionReset("reset"));
  assert.equal(await connection.write(bytes("x".repeat(9))), false);
  assert.equal(connection.ended, undefined);
  assert.equal(await connection.write(bytes("QUIT\r\n")), false);
  conn.say("552 5.3.4 too much\r\n");
  await settled();
  assert.deepEqual(ear.heard, ["552 5.3.4 too much"]);
  conn.stop(null);
  await settled();
  assert.deepEqual(ear.heard.slice(1), ["broken: closed: Server closed the connection"]);
  assert.deepEqual([conn.writes.length, connection.maybeSent, conn.closed], [1, 9, 1]);
});

Deno.test("Connection reports the failed write as its cause if reading fails after it", async () => {
  const { conn, connection, ear } = connected();
  connection.receive(ear);
  conn.taken.push(new Deno.errors.TimedOut("no acknowledgement"));
  await connection.write(bytes("NOOP\r\n"));
  conn.stop(new Deno.errors.ConnectionReset("reset by peer"));
  await settled();
  assert.deepEqual(ear.heard, ["broken: timeout: no acknowledgement"]);
});

Deno.test("Connection ends at once after a failed write if nothing is reading", async () => {
  const { conn, connection } = connected();
  conn.taken.push(new Deno.errors.InvalidData("peer sent alert: certificate revoked"));
  await connection.write(bytes("NOOP\r\n"));
  assert.deepEqual(connection.ended, {
    cause: "tls",
    detail: "peer sent alert: certificate revoked",
    tlsReason: "revoked",
  });
  assert.equal(conn.closed, 1);
});

for (
  const [sentence, said, expected] of [
    ["a whole reply", "250 ok\r\n", "Server closed the connection"],
    ["half a reply", "250 o", "Server closed the connection in the middle of a reply"],
    [
      "a reply without its last line",
      "250-a\r\n",
      "Server closed the connection in the middle of a reply",
    ],
  ] as const
) {
  Deno.test(`Connection tells what the end of the stream cut off after ${sentence}`, async () => {
    const { conn, connection, ear } = connected();
    connection.receive(ear);
    conn.say(said);
    conn.stop(null);
    await settled();
    assert.equal(ear.heard.at(-1), `broken: closed: ${expected}`);
    assert.equal(conn.closed, 1);
  });
}

Deno.test("Connection hands on the replies before a fault, then ends", async () => {
  const { conn, connection, ear } = connected();
  connection.receive(ear);
  conn.say("250 ok\r\nwhat?\r\n250 more\r\n");
  await settled();
  assert.deepEqual(ear.heard, ["250 ok", 'broken: protocol: Not a reply: "what?"']);
  assert.deepEqual([conn.closed, conn.reading], [1, false]);
});

Deno.test("Connection ends with the cause of a read that fails", async () => {
  const { conn, connection, ear } = connected();
  connection.receive(ear);
  conn.stop(new Deno.errors.InvalidData("invalid peer certificate: Expired"));
  await settled();
  assert.deepEqual(ear.heard, ["broken: tls: invalid peer certificate: Expired"]);
  assert.equal(connection.ended?.tlsReason, "expired");
});

Deno.test("Connection ends once: the first cause is kept, the receiver is notified once, and the socket is closed once", () => {
  const { conn, connection, ear } = connected();
  connection.receive(ear);
  connection.end("protocol", "first");
  connection.end("timeout", "second");
  connection[Symbol.dispose]();
  assert.deepEqual(ear.heard, ["broken: protocol: first"]);
  assert.deepEqual([connection.ended?.cause, conn.closed], ["protocol", 1]);
});

Deno.test("Connection hands on nothing after its end", async () => {
  const { conn, connection, ear } = connected();
  connection.receive(ear);
  await settled();
  conn.say("250 ok\r\n");
  connection.end("cancelled", "given up");
  const late = new Ear();
  connection.receive(late);
  await settled();
  assert.deepEqual(ear.heard, ["broken: cancelled: given up"]);
  assert.deepEqual(late.heard, ear.heard);
});

Deno.test("Connection closes the socket without notifying the receiver when it is disposed of", () => {
  const { conn, connection, ear } = connected();
  connection.receive(ear);
  connection[Symbol.dispose]();
  assert.deepEqual([ear.heard, conn.closed, connection.ended?.cause], [[], 1, "cancelled"]);
});

Deno.test("Connection.receive() notifies a new receiver at once that the connection has ended", () => {
  const { connection, ear } = connected();
  connection.end("closed", "gone");
  connection.receive(undefined);
  connection.receive(ear);
  assert.deepEqual(ear.heard, ["broken: closed: gone"]);
});

Deno.test("Connection.hide() cuts a secret out of what the server says", async () => {
  const { conn, connection, ear } = connected();
  connection.receive(ear);
  connection.hide(["geheim", "Z2VoZWlt"]);
  conn.say("535 not geheim and not Z2VoZWlt\r\n");
  await settled();
  assert.deepEqual(ear.heard, ["535 not [secret] and not [secret]"]);
  connection[Symbol.dispose]();
});

Deno.test("Connection reads only while there is a receiver, and never twice at once", async () => {
  const { conn, connection, ear } = connected();
  await settled();
  assert.equal(conn.reading, false);
  const pausing = new Ear();
  pausing.replies = (replies) => {
    Ear.prototype.replies.call(pausing, replies);
    connection.receive(undefined);
  };
  connection.receive(pausing);
  connection.receive(pausing);
  conn.say("220 first\r\n");
  await settled();
  assert.equal(conn.reading, false);
  conn.say("250 second\r\n");
  await settled();
  assert.deepEqual(pausing.heard, ["220 first"]);
  connection.receive(ear);
  await settled();
  assert.deepEqual(ear.heard, ["250 second"]);
  assert.equal(conn.reading, true);
  connection[Symbol.dispose]();
});
