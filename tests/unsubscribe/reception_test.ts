import assert from "node:assert/strict";
import type { RequestHandler } from "../../src/unsubscribe/connection.ts";
import { Reception, type ReceptionLimits } from "../../src/unsubscribe/reception.ts";
import { FakeConn, FakeListener, until } from "./fake_listener.ts";

const LIMITS: ReceptionLimits = {
  mostConnections: 1_000,
  graceMs: 500,
  headMs: 100_000,
  bodyMs: 100_000,
  farewellMs: 100_000,
  lastMs: 1_000,
};
const REQUEST = new TextEncoder().encode("GET /health HTTP/1.1\r\nHost: x\r\n\r\n");
const NO_DESCRIPTORS = Object.assign(new Error("Too many open files"), { code: "EMFILE" });

interface Scene {
  readonly listener: FakeListener;
  readonly faults: unknown[];
  /** Milliseconds of `performance.now()`, which stands still. */
  readonly clock: { now: number };
  /** Sends the signal; resolves when the reception has ended. */
  readonly stop: () => Promise<void>;
}

/** A reception on a clock that the test sets. */
async function withReception(
  limits: Partial<ReceptionLimits>,
  action: (scene: Scene) => Promise<void>,
  answer: RequestHandler = () => Promise.resolve(new Response("ok")),
): Promise<void> {
  const { now } = performance;
  const clock = { now: 1_000_000 };
  performance.now = () => clock.now;
  const listener = new FakeListener();
  const faults: unknown[] = [];
  const signal = new AbortController();
  const reception = new Reception(answer, { ...LIMITS, ...limits }, (error) => faults.push(error));
  const ended = reception.run(listener as unknown as Deno.TcpListener, signal.signal);
  const stop = (): Promise<void> => {
    signal.abort();
    return ended;
  };
  try {
    await action({ listener, faults, clock, stop });
  } finally {
    performance.now = now;
    await stop();
  }
}

const silent = (count: number) => Array.from({ length: count }, () => new FakeConn());
const openOf = (conns: readonly FakeConn[]) => conns.filter(({ isClosed }) => !isClosed).length;

Deno.test("Reception closes its oldest silent connection for a new one, once the old one has had its grace period", () =>
  withReception({ mostConnections: 2, graceMs: 500 }, async ({ listener, clock }) => {
    const conns = silent(3);
    const open = () => conns.map(({ isClosed }) => !isClosed);
    listener.give(conns[0]!);
    await listener.took(1);
    clock.now += 400;
    listener.give(conns[1]!, conns[2]!);
    await listener.took(2);
    clock.now += 99;
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.deepEqual([listener.taken.length, open()], [2, [true, true, true]], "too early");
    clock.now += 1;
    await listener.took(3);
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.deepEqual(open(), [false, true, true], "the second has not had its grace period");
  }));

Deno.test("Reception closes no connection whose request is being answered", async () => {
  const answering = Promise.withResolvers<Response>();
  const asking = new FakeConn(REQUEST);
  await withReception({ mostConnections: 2, graceMs: 0 }, async ({ listener }) => {
    try {
      const others = silent(3);
      listener.give(asking);
      await listener.took(1);
      listener.give(...others);
      await until("others make room", () => openOf(others) === 0);
      assert.deepEqual([listener.taken.length, asking.isClosed], [4, false]);
    } finally {
      answering.resolve(new Response("ok"));
      asking.leave();
    }
    await until("the answer is written", () => asking.written > 0);
  }, () => answering.promise);
});

Deno.test("Reception reports a shortage of descriptors once, and again if it recurs after a minute", () =>
  withReception({}, async ({ listener, faults, clock }) => {
    const shortAt = async (now: number) => {
      clock.now = now;
      const before = listener.taken.length;
      listener.give(NO_DESCRIPTORS, new FakeConn());
      await listener.took(before + 2);
    };
    const began = clock.now;
    await shortAt(began);
    assert.deepEqual(faults, [NO_DESCRIPTORS]);
    await shortAt(began + 59_999);
    assert.equal(faults.length, 1, "it lasts");
    await shortAt(began + 59_999 + 60_000);
    assert.equal(faults.length, 2, "it recurs");
  }));

Deno.test("Reception allows eight connections fewer in the minute after a shortage, but at least eight", async () => {
  for (const [open, most] of [[20, 12], [10, 8]] as const) {
    await withReception({ graceMs: 0 }, async ({ listener, clock }) => {
      const first = silent(open);
      listener.give(...first);
      await listener.took(open);
      listener.give(NO_DESCRIPTORS, ...silent(1));
      // One for the new connection, and one kept free for the next.
      await until("room is made", () => openOf(first) === most - 2);
      clock.now += 60_000;
      listener.give(...silent(20));
      await listener.took(open + 22);
      assert.equal(openOf(first), most - 2, "the minute is over");
    });
  }
});

Deno.test("Reception does not mistake a client that left before it was accepted for a shortage", () =>
  withReception({ graceMs: 0 }, async ({ listener, faults }) => {
    const first = silent(20);
    listener.give(...first, new Deno.errors.ConnectionAborted("gone"), ...silent(1));
    await listener.took(22);
    assert.deepEqual(faults, []);
    assert.equal(openOf(first), 20);
  }));

Deno.test("Reception closes the listener and silent connections at the signal, and waits for an answer under way", async () => {
  const answering = Promise.withResolvers<Response>();
  const asking = new FakeConn(REQUEST);
  await withReception({}, async ({ listener, stop }) => {
    const [waiting] = silent(1);
    listener.give(asking, waiting!);
    await listener.took(2);
    let hasEnded = false;
    const ended = stop().then(() => hasEnded = true);
    await until("the silent one is closed", () => waiting!.isClosed);
    assert.deepEqual([listener.isClosed, asking.isClosed, hasEnded], [true, false, false]);
    answering.resolve(new Response("ok"));
    await until("the answer is written", () => asking.written > 0);
    asking.leave();
    await ended;
  }, () => answering.promise);
});

Deno.test("Reception waits no longer than its limit after the signal for what is under way", async () => {
  const never = new Promise<Response>(() => {});
  const asking = new FakeConn(REQUEST.subarray(0, 5));
  await withReception({ lastMs: 20 }, async ({ listener, stop }) => {
    listener.give(asking);
    await listener.took(1);
    await new Promise((resolve) => setTimeout(resolve, 0));
    await stop();
    assert.equal(asking.isClosed, true);
  }, () => never);
});

Deno.test("Reception accepts nobody if the signal came before it started", async () => {
  const listener = new FakeListener();
  listener.give(...silent(1));
  const reception = new Reception(() => Promise.reject(), LIMITS, () => {});
  await reception.run(listener as unknown as Deno.TcpListener, AbortSignal.abort());
  assert.deepEqual([listener.isClosed, listener.taken], [true, []]);
});
