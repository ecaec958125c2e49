import assert from "node:assert/strict";
import { Pacer } from "../../src/policy/pace/pacer.ts";
import type { RelayController } from "../../src/pipeline/relay/relay_controller.ts";
import type { Attempt } from "../../src/model/attempt.ts";
import { answerOf } from "../simulation/relay_model.ts";
import { FakeTime } from "../support/fake_time.ts";
import {
  ControllerBench,
  type ControllerOptions,
  FakeSlot,
  jobNumber,
  placeOf,
  stateOf,
} from "./controller_bench.ts";

/** A relay that accepts mail and has `sessions` open sessions. */
function carrying(sessions: number, options: ControllerOptions = {}) {
  const bench = new ControllerBench(options);
  bench.endTrial();
  for (let session = 0; session < sessions; session++) bench.connects();
  return { bench, controller: bench.controller };
}

/** One connection too many, so that one slot has to go. */
function tooMany(): { bench: ControllerBench; controller: RelayController } {
  const carried = carrying(4);
  carried.bench.fails("421 4.7.0 Too many");
  assert.equal(carried.controller.allowed, 3);
  return carried;
}

Deno.test("SlotAdmission.admit() and admitWithMail() let a slot start at once if there is room and no pause", async () => {
  using _ = new FakeTime();
  const { controller } = carrying(3);
  assert.equal(await controller.admission.admit(new FakeSlot(3)), true);
  assert.equal(await controller.admission.admitWithMail(new FakeSlot(3)), true);
  for (const connected of [new FakeSlot(0, true), new FakeSlot(2, true)]) {
    assert.equal(await controller.admission.admit(connected), true);
    assert.equal(await controller.admission.admitWithMail(connected), true);
    assert.equal(connected.left, 0);
  }
});

for (const admits of ["admit", "admitWithMail"] as const) {
  Deno.test(`SlotAdmission.${admits}() waits while the relay is left alone`, async () => {
    for (const connected of [false, true]) {
      using time = new FakeTime();
      const { controller, bench } = carrying(connected ? 1 : 0);
      controller.follow({ kind: "slow-down", of: "rate" }, placeOf(bench.connects()));
      const admitted = controller.admission[admits](new FakeSlot(0, connected));
      await time.advance(249);
      assert.equal(await stateOf(admitted, time.settle()), "waits");
      await time.advance(1);
      assert.equal(await stateOf(admitted, time.settle()), true);
    }
  });

  for (
    const [what, happens] of [
      [
        "the relay is given up",
        ({ controller }) =>
          controller.giveUp({ kind: "refused-by-relay", reason: "it refuses us", hint: "" }),
      ],
      ["the run stops", ({ stop }) => stop.request("signal", "enough")],
    ] as readonly [string, (bench: ControllerBench) => void][]
  ) {
    Deno.test(`SlotAdmission.${admits}() admits nothing once ${what}, not even slots that were waiting`, async () => {
      using time = new FakeTime();
      const { controller, bench } = carrying(1);
      bench.fails("refused");
      const waiting = controller.admission[admits](new FakeSlot(1));
      happens(bench);
      await time.advance(20);
      assert.equal(await stateOf(waiting, time.settle()), false);
      assert.equal(time.timers, 0, "nothing is waited for any longer");
      for (const connected of [false, true]) {
        assert.equal(await controller.admission[admits](new FakeSlot(0, connected)), false);
      }
    });
  }
}

Deno.test("SlotAdmission.admit() admits nothing once no job is left, but lets a slot that has a mail continue", async () => {
  using time = new FakeTime();
  const { controller } = carrying(4);
  const waiting = controller.admission.admit(new FakeSlot(4));
  assert.equal(await stateOf(waiting, time.settle()), "waits");
  controller.admission.drained();
  await time.advance(20);
  assert.equal(await waiting, false);
  assert.equal(await controller.admission.admit(new FakeSlot(0, true)), false);
  assert.equal(await controller.admission.admitWithMail(new FakeSlot(0, true)), true);
});

Deno.test("SlotAdmission.admit() makes a slot leave if its connection is one too many, and wait until there is room", async () => {
  using time = new FakeTime();
  const { controller, bench } = tooMany();
  const ended = Promise.withResolvers<void>();
  const slot = new FakeSlot(0, true, () => ended.promise);
  const others = new FakeSlot(1);
  const [admitted, waiting] = [
    controller.admission.admit(slot),
    controller.admission.admit(others),
  ];
  await time.advance(100);
  bench.disconnects();
  ended.resolve();
  assert.equal(await stateOf(admitted, time.settle()), "waits");
  assert.deepEqual([slot.left, others.left], [1, 0]);
  assert.equal(controller.admission.keeps(), true, "the others keep theirs");
  await time.advance(100);
  assert.equal(await stateOf(admitted, time.settle()), "waits");
  bench.disconnects();
  assert.equal(await waiting, true, "it has waited longer");
  assert.equal(await stateOf(admitted, time.settle()), "waits", "there is room for one");
  bench.connects();
  bench.disconnects();
  assert.equal(await stateOf(admitted, time.settle()), true);
});

Deno.test("SlotAdmission.admitWithMail() leaves a mail to others if the slot has no connection, or its connection is one too many", async () => {
  using _ = new FakeTime();
  const { controller } = tooMany();
  for (const connected of [false, true]) {
    const slot = new FakeSlot(0, connected);
    assert.equal(await controller.admission.admitWithMail(slot), false);
    assert.equal(slot.left, 0, "the slot has to say so");
  }
});

Deno.test("SlotAdmission.admitWithMail() leaves a mail to others as soon as fewer connections are allowed, also during a pause", async () => {
  using time = new FakeTime();
  const { controller, bench } = carrying(4);
  controller.follow({ kind: "slow-down", of: "rate" }, placeOf(bench.connects()));
  bench.disconnects();
  const admitted = controller.admission.admitWithMail(new FakeSlot(0, true));
  assert.equal(await stateOf(admitted, time.settle()), "waits");
  bench.fails("421 4.7.0 Too many");
  assert.equal(controller.allowed, 3);
  assert.equal(await stateOf(admitted, time.settle()), false);
});

Deno.test("SlotAdmission.admitWithMail() opens no connection beyond those allowed, and lets open ones continue", async () => {
  using _ = new FakeTime();
  const { controller } = carrying(4);
  assert.equal(await controller.admission.admitWithMail(new FakeSlot(4)), false);
  assert.equal(await controller.admission.admitWithMail(new FakeSlot(3, true)), true);
  const onTrial = new ControllerBench();
  onTrial.connects();
  assert.equal(await onTrial.controller.admission.admitWithMail(new FakeSlot(1, true)), true);
});

Deno.test("SlotAdmission.hasRoomFor() counts connections that are being opened or ended, as the relay does", () => {
  const { controller, bench } = carrying(1);
  const newcomer = { number: 3, connected: false };
  controller.connecting();
  bench.connects();
  assert.equal(controller.admission.hasRoomFor(newcomer), true);
  controller.leaving();
  bench.connects();
  assert.equal(controller.admission.hasRoomFor(newcomer), false);
  controller.disconnected();
  assert.equal(controller.admission.hasRoomFor(newcomer), true);
  controller.connected();
  bench.connects();
  assert.equal(controller.admission.hasRoomFor(newcomer), false);
  assert.equal(controller.admission.hasRoomFor({ number: 0, connected: true }), true);
});

Deno.test("RelayController on trial admits only the first slot, one mail at a time, and the next one if the reply is slow", async () => {
  using time = new FakeTime();
  const { controller } = new ControllerBench();
  const [first, second] = [new FakeSlot(0), new FakeSlot(1)];
  assert.deepEqual([
    controller.admission.hasRoomFor(first),
    controller.admission.hasRoomFor(second),
  ], [true, false]);
  controller.admission.holdTrial(first, true);
  assert.deepEqual([
    controller.admission.hasRoomFor(first),
    controller.admission.hasRoomFor(second),
  ], [false, false]);
  controller.admission.holdTrial(first, false);
  assert.equal(controller.admission.hasRoomFor(first), true);
  controller.admission.holdTrial(first, true);
  time.pass(9_980);
  const waiting = controller.admission.admit(second);
  await time.advance(19);
  assert.equal(await stateOf(waiting, time.settle()), "waits");
  await time.advance(3);
  assert.equal(await stateOf(waiting, time.settle()), true);
});

Deno.test("RelayController admits the other slots within a few ms of the trial's end", async () => {
  using time = new FakeTime();
  const bench = new ControllerBench();
  const waiting = bench.controller.admission.admit(new FakeSlot(1));
  await time.settle();
  bench.endTrial();
  await time.advance(5);
  assert.equal(await stateOf(waiting, time.settle()), true);
});

Deno.test("RelayController releases a mail that waits for the rate if the relay is given up or the run stops", async () => {
  const ends: readonly ((bench: ControllerBench) => void)[] = [
    ({ controller }) =>
      controller.giveUp({ kind: "refused-by-relay", reason: "the relay refuses us", hint: "" }),
    ({ stop }) => stop.request("signal", "enough"),
  ];
  for (const end of ends) {
    using time = new FakeTime();
    const bench = new ControllerBench({ relay: { rate: { count: 1, perMs: 3_600_000 } } });
    assert.equal(await bench.controller.pace(), true);
    const waiting = bench.controller.pace();
    assert.equal(await stateOf(waiting, time.settle()), "waits");
    end(bench);
    assert.equal(await stateOf(waiting, time.settle()), false);
  }
});

Deno.test("RelayController keeps to the limit of the relay's URL, even after a change, and to that of the whole run", async () => {
  const isHeldUp = async (
    options: ControllerOptions,
    change: (controller: RelayController) => void,
  ) => {
    using time = new FakeTime();
    const { controller } = new ControllerBench(options);
    change(controller);
    await controller.pace();
    const waiting = controller.pace();
    const state = await stateOf(waiting, time.settle());
    await time.advance(2_000);
    assert.equal(await waiting, true);
    return state === "waits";
  };
  const rate = { count: 1, perMs: 1_000 };
  assert.equal(await isHeldUp({}, () => {}), false);
  assert.equal(await isHeldUp({ relay: { rate } }, () => {}), true);
  assert.equal(
    await isHeldUp({ relay: { rate } }, (controller) => controller.limit(undefined)),
    false,
  );
  assert.equal(await isHeldUp({}, (controller) => controller.limit(rate)), true);
  assert.equal(await isHeldUp({ pacer: new Pacer(1) }, () => {}), true);
});

Deno.test("RelayController keeps the learnt rate, and blames deferrals after a burst on its own pace", async () => {
  using time = new FakeTime();
  const { controller, bench } = carrying(1);
  const session = bench.connects();
  const place = { ...placeOf(session), job: jobNumber(1) };
  const putOff: Attempt = { kind: "refused", ...answerOf("rcpt 450 4.7.1 Try again") };
  const taken: Attempt = { kind: "accepted", reply: answerOf("body 250 2.0.0 Ok").reply };
  assert.equal(controller.relayLimits.throttles(taken, place), false);
  const answers = Array.from(
    { length: 8 },
    () => controller.relayLimits.throttles(putOff, place),
  );
  assert.deepEqual(answers, [...Array(7).fill(false), true]);
  controller.follow({ kind: "slow-down", of: "rate" }, placeOf(session));
  await controller.pace();
  const waiting = controller.pace();
  assert.equal(await stateOf(waiting, time.settle()), "waits");
  await time.advance(5_000);
  assert.equal(await waiting, true);
});
