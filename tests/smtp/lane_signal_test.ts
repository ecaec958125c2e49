import assert from "node:assert/strict";
import { settled } from "./fake_clock.ts";
import { FakeConn } from "./fake_conn.ts";
import { free, mailTo, outline } from "./fixtures.ts";
import { GROUPS, laneOver } from "./lane_over.ts";

/** A signal that counts who listens to it. */
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

/** A signal lives as long as a run, with thousands of lanes. */
for (
  const [sentence, end] of [
    ["the server closes", (conn: FakeConn) => conn.stop(null)],
    ["it is destroyed", (_: FakeConn, lane: Disposable) => lane[Symbol.dispose]()],
  ] as const
) {
  Deno.test(`Lane no longer listens to its signal once ${sentence}`, async () => {
    const { signal, listening } = counted();
    const conn = new FakeConn();
    const lane = laneOver(conn, GROUPS, { signal });
    assert.equal(listening.size, 1);
    end(conn, lane);
    await settled();
    assert.deepEqual([listening.size, conn.closed], [0, 1]);
  });
}

Deno.test("Lane ends at once when its signal aborts: nothing is under way any more, nothing is awaited", async () => {
  const { controller, signal } = counted();
  const conn = new FakeConn();
  const lane = laneOver(conn, GROUPS, { signal });
  const attempt = lane.send(mailTo("a@b.test"), free);
  const ready = Promise.all([lane.ready(), lane.ready()]);
  controller.abort();
  assert.equal(conn.closed, 1);
  assert.equal(outline(await attempt), "broken mail cancelled");
  assert.equal(await lane.ready(), false);
  await ready;
  await lane.close();
  assert.deepEqual(conn.writes.length, 1);
});
