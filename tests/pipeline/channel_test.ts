import assert from "node:assert/strict";
import { Channel } from "../../src/pipeline/channel.ts";
import { CountedSignal } from "../support/counted_signal.ts";

/** Lets every settled promise run its reactions. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("Channel.send() waits when nobody receives and the buffer is full", async () => {
  const controller = new AbortController();
  const channel = new Channel<number>({ capacity: 8, signal: controller.signal });
  let sent = 0;
  const sender = (async () => {
    for (let item = 0;; item++) {
      await channel.send(item);
      sent++;
    }
  })();
  await settle();
  assert.ok(sent >= 8 && sent <= 9, `sent ${sent}`);
  assert.equal(await channel.receive(), 0);
  assert.equal(await channel.receive(), 1);
  await settle();
  assert.ok(sent >= 10 && sent <= 11, `sent ${sent}`);
  controller.abort(new Error("over"));
  await assert.rejects(sender, /over/);
});

Deno.test("Channel.receive() waits when the channel is empty", async () => {
  const channel = new Channel<string>({ capacity: 1 });
  let got: string | undefined;
  const receiver = channel.receive().then((item) => got = item);
  await settle();
  assert.equal(got, undefined);
  await channel.send("a");
  await receiver;
  assert.equal(got, "a");
  await channel.close();
});

Deno.test("Channel.receive() hands out items in the order of send()", async () => {
  const channel = new Channel<number>({ capacity: 3 });
  const items = Array.from({ length: 100 }, (_, index) => index);
  const sender = (async () => {
    for (const item of items) await channel.send(item);
    await channel.close();
  })();
  const got: number[] = [];
  for (let item; (item = await channel.receive()) !== undefined;) got.push(item);
  await sender;
  assert.deepEqual(got, items);
});

Deno.test("Channel.receive() gives each item to one receiver when many wait", async () => {
  const channel = new Channel<number>({ capacity: 4 });
  const got: number[] = [];
  const receivers = Array.from({ length: 10 }, async () => {
    for (let item; (item = await channel.receive()) !== undefined;) {
      got.push(item);
      if (item % 3 === 0) await settle();
    }
  });
  for (let item = 0; item < 200; item++) await channel.send(item);
  await channel.close();
  await Promise.all(receivers);
  assert.deepEqual(got.toSorted((a, b) => a - b), Array.from({ length: 200 }, (_, i) => i));
});

Deno.test("Channel.close() lets receivers drain what was sent, then ends them all", async () => {
  const channel = new Channel<number>({ capacity: 8 });
  await channel.send(1);
  await channel.send(2);
  await channel.close();
  assert.equal(await channel.receive(), 1);
  assert.equal(await channel.receive(), 2);
  assert.deepEqual(await Promise.all([channel.receive(), channel.receive()]), [
    undefined,
    undefined,
  ]);
});

Deno.test("Channel.send() rejects after close()", async () => {
  const channel = new Channel<number>({ capacity: 1 });
  await channel.close();
  await assert.rejects(channel.send(1), TypeError);
});

Deno.test("Channel wakes waiting senders with the signal's reason", async () => {
  const counted = new CountedSignal();
  const { signal } = counted;
  const channel = new Channel<number>({ capacity: 1, signal });
  await channel.send(0);
  const waiting = [channel.send(1), channel.send(2)];
  await settle();
  const reason = new Error("interrupted");
  counted.abort(reason);
  for (const sending of waiting) {
    await assert.rejects(sending, (error) => error === reason);
  }
  await assert.rejects(channel.send(3), (error) => error === reason);
  await assert.rejects(channel.receive(), (error) => error === reason);
  assert.equal(counted.added, 1);
});

Deno.test("Channel wakes waiting receivers with the signal's reason", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const channel = new Channel<number>({ capacity: 1, signal });
  const waiting = [channel.receive(), channel.receive(), channel.receive()];
  await settle();
  const reason = new Error("interrupted");
  controller.abort(reason);
  for (const receiving of waiting) {
    await assert.rejects(receiving, (error) => error === reason);
  }
});

Deno.test("Channel rejects everything when the signal is aborted before", async () => {
  const reason = new Error("too late");
  const channel = new Channel<number>({ capacity: 1, signal: AbortSignal.abort(reason) });
  await assert.rejects(channel.send(1), (error) => error === reason);
  await assert.rejects(channel.receive(), (error) => error === reason);
});

Deno.test("Channel keeps one listener on the signal, and none once drained", async () => {
  const counted = new CountedSignal();
  const { signal } = counted;
  const channel = new Channel<number>({ capacity: 2, signal });
  for (let item = 0; item < 50; item++) {
    await channel.send(item);
    await channel.receive();
  }
  assert.deepEqual([counted.listeners, counted.added], [1, 1]);
  await channel.close();
  assert.equal(await channel.receive(), undefined);
  assert.equal(counted.listeners, 0);
});

Deno.test("Channel leaves no listener and nobody waiting once disposed of", async () => {
  const counted = new CountedSignal();
  const { signal } = counted;
  let waiting: Promise<unknown>;
  {
    using channel = new Channel<number>({ capacity: 2, signal });
    waiting = channel.receive();
  }
  await assert.rejects(waiting, { name: "AbortError" });
  assert.equal(counted.listeners, 0);
});

Deno.test("Channel refuses a capacity that is no whole number from 1", () => {
  for (const capacity of [0, -1, 1.5, NaN, Infinity]) {
    assert.throws(() => new Channel({ capacity }), RangeError);
  }
});
