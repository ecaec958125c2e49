import assert from "node:assert/strict";
import { Connection } from "../../src/smtp/wire/connection.ts";
import type { Disconnect } from "../../src/smtp/wire/disconnect.ts";
import { TIMEOUTS } from "../../src/smtp/wire/timeouts.ts";
import { useClock } from "../../src/time/clock.ts";
import { THE_WORLD, WorldTime } from "../simulation/campaigns/world/world_time.ts";

/** A socket on which the test completes the writes, and nothing is ever read. */
class SlowSocket {
  readonly writes: (() => void)[] = [];

  get conn(): Deno.Conn {
    return {
      read: () => new Promise(() => {}),
      write: (bytes: Uint8Array) =>
        new Promise((resolve) => this.writes.push(() => resolve(bytes.length))),
      close: () => {},
    } as unknown as Deno.Conn;
  }
}

Deno.test("Connection.write() keeps its deadline when the write of the command before ends after its reply has come", async () => {
  const time = new WorldTime();
  using _clock = useClock(time.clockOf(THE_WORLD, () => 0, () => time.wall));
  const socket = new SlowSocket();
  const connection = new Connection(socket.conn, TIMEOUTS);
  const ends: Disconnect[] = [];
  connection.receive({ replies: () => {}, broken: (why) => void ends.push(why) });
  const ehlo = connection.write(new Uint8Array(18));
  void connection.write(new Uint8Array(37));
  socket.writes[0]!();
  assert.equal(await ehlo, true);
  time.pass(TIMEOUTS.write - 1);
  assert.deepEqual(ends, []);
  time.pass(1);
  assert.deepEqual(ends.map(({ cause }) => cause), ["timeout"]);
});
