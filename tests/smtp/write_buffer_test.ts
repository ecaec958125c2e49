import assert from "node:assert/strict";
import fc from "fast-check";
import { Connection } from "../../src/smtp/wire/connection.ts";
import { WriteBuffer } from "../../src/smtp/wire/write_buffer.ts";
import { TIMEOUTS } from "../../src/smtp/wire/timeouts.ts";
import { settled } from "./fake_clock.ts";
import { FakeConn } from "./fake_conn.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const KB = 1_024;

function bufferOver(conn = new FakeConn(), before = 0) {
  const connection = new Connection(conn, TIMEOUTS);
  if (before > 0) void connection.write(new Uint8Array(before));
  const written: number[] = [];
  const buffer: WriteBuffer = new WriteBuffer(connection, () => written.push(buffer.position));
  return { conn, connection, buffer, written };
}

Deno.test("WriteBuffer writes everything gathered in one write, and reports when it is written", async () => {
  const { conn, connection, buffer, written } = bufferOver();
  buffer.command("MAIL FROM:<ä@a.test>\r\n");
  buffer.body(bytes(".a\r\nb\r\n.\r\n"), 2);
  buffer.command("QUIT\r\n");
  assert.deepEqual(conn.writes, []);
  buffer.flush();
  const group = "MAIL FROM:<ä@a.test>\r\n..a\r\nb\r\n..\r\n.\r\nQUIT\r\n";
  assert.deepEqual(conn.writes, [group]);
  assert.deepEqual(written, []);
  await settled();
  assert.deepEqual(written, [bytes(group).length]);
  assert.equal(connection.maybeSent, bytes(group).length);
  buffer.flush();
  await settled();
  assert.deepEqual([conn.writes.length, written.length], [1, 1]);
  connection[Symbol.dispose]();
});

Deno.test("WriteBuffer writes a group of 256 KiB at once, and more of them in a few writes of limited size", async () => {
  const mail = bytes(`${"x".repeat(8 * KB - 2)}\r\n`);
  for (const [mails, least, most] of [[20, 1, 1], [32, 1, 1], [200, 3, 7]] as const) {
    const { conn, connection, buffer } = bufferOver();
    for (let put = 0; put < mails; put++) buffer.chunk(mail);
    buffer.flush();
    await settled();
    const { length } = conn.writes;
    assert.ok(least <= length && length <= most, `${mails} mails in ${length} writes`);
    connection[Symbol.dispose]();
  }
});

Deno.test("WriteBuffer.position counts from what was written before the buffer was created", () => {
  const { buffer, connection } = bufferOver(new FakeConn(), 17);
  using _ = connection;
  assert.equal(buffer.position, 17);
  buffer.command("QUIT\r\n");
  assert.equal(buffer.position, 23);
});

Deno.test("WriteBuffer never has two writes at once, and does not touch the bytes being written while it gathers more", async () => {
  const { conn, connection, buffer, written } = bufferOver();
  const sent: Uint8Array[] = [];
  const write = conn.write.bind(conn);
  conn.write = (given) => (sent.push(given), write(given));
  let taking = conn.hold();
  buffer.command("one\r\n");
  buffer.flush();
  for (const [under, next] of [["one", "two"], ["two", "three"], ["three", "four"]]) {
    buffer.command(`${next}\r\n`);
    buffer.flush();
    assert.equal(new TextDecoder().decode(sent.at(-1)), `${under}\r\n`);
    const group = conn.hold();
    taking.resolve(sent.at(-1)!.length);
    taking = group;
    await settled();
  }
  assert.deepEqual(conn.writes, ["one\r\n", "two\r\n", "three\r\n", "four\r\n"]);
  assert.deepEqual(written, []);
  taking.resolve(6);
  await settled();
  assert.deepEqual(written, [buffer.position]);
  connection[Symbol.dispose]();
});

Deno.test("WriteBuffer writes a large body in slices of 64 KiB, in order with what comes before and after it", async () => {
  for (
    const [put, end] of [
      [(buffer: WriteBuffer, body: Uint8Array) => buffer.chunk(body), ""],
      [(buffer: WriteBuffer, body: Uint8Array) => buffer.body(body, 0), ".\r\n"],
    ] as const
  ) {
    const { conn, connection, buffer } = bufferOver();
    const body = `${"x".repeat(150 * KB)}\r\n`;
    buffer.command("before\r\n");
    put(buffer, bytes(body));
    buffer.command("behind\r\n");
    buffer.flush();
    await settled();
    assert.deepEqual(conn.writes, [
      "before\r\n",
      body.slice(0, 64 * KB),
      body.slice(64 * KB, 128 * KB),
      body.slice(128 * KB),
      `${end}behind\r\n`,
    ]);
    assert.equal(connection.maybeSent, buffer.position);
    connection[Symbol.dispose]();
  }
});

Deno.test("WriteBuffer.drop() discards everything not yet being written, including the slices of a large body", async () => {
  const { conn, connection, buffer } = bufferOver();
  const taking = conn.hold();
  buffer.command("under way\r\n");
  buffer.flush();
  buffer.chunk(bytes(`${"x".repeat(100 * KB)}\r\n`));
  buffer.command("QUIT\r\n");
  buffer.drop();
  taking.resolve(11);
  await settled();
  buffer.flush();
  await settled();
  assert.deepEqual(conn.writes, ["under way\r\n"]);
  connection[Symbol.dispose]();
});

Deno.test("WriteBuffer writes nothing more once a write has failed, and does not say that it is written", async () => {
  const { conn, buffer, written } = bufferOver();
  conn.taken.push(new Deno.errors.BrokenPipe("broken pipe"));
  buffer.command("one\r\n");
  buffer.flush();
  buffer.command("two\r\n");
  await settled();
  assert.deepEqual([conn.writes, written], [["one\r\n"], []]);
});

/** The possible inputs, and the bytes that they must become. */
const put = fc.record({
  how: fc.constantFrom("command" as const, "body" as const, "chunk" as const),
  // Around the sizes at which something changes: the first buffer, copies, slices, a group.
  size: fc.oneof(
    fc.integer({ min: 1, max: 2_000 }),
    fc.constantFrom(16, 64, 128).chain((kb) => fc.integer({ min: kb * KB - 4, max: kb * KB + 4 })),
    fc.integer({ min: 1, max: 300 * KB }),
  ),
  dots: fc.boolean(),
  flush: fc.boolean(),
});

Deno.test("WriteBuffer writes every byte once and in order, whatever is put and whenever it is flushed", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(put, { maxLength: 12 }), async (puts) => {
      const { conn, connection, buffer } = bufferOver();
      let expected = "";
      for (const [at, { how, size, dots, flush }] of puts.entries()) {
        const letter = String.fromCharCode(97 + at);
        const text = `${dots ? "." : ""}${letter.repeat(size)}\r\n`;
        if (how === "command") buffer.command(text);
        else if (how === "chunk") buffer.chunk(bytes(text));
        else buffer.body(bytes(text), dots ? 1 : 0);
        expected += how === "body" ? `${dots ? "." : ""}${text}.\r\n` : text;
        assert.equal(buffer.position, expected.length);
        if (flush) buffer.flush();
        if (size % 2 === 0) await settled();
      }
      buffer.flush();
      await settled();
      assert.ok(conn.writes.join("") === expected);
      assert.ok(conn.writes.every((write) => write.length > 0));
      connection[Symbol.dispose]();
    }),
    { numRuns: 60 },
  );
});
