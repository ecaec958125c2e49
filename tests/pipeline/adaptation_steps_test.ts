import assert from "node:assert/strict";
import { Adaptation } from "../../src/policy/pace/adaptation.ts";

/** Judges mails at an even rate for `seconds`, starting at `from`. */
function judged(adaptation: Adaptation, perSecond: number, from: number, seconds: number): void {
  for (let mail = 0; mail < perSecond * seconds; mail++) {
    adaptation.judged(from + mail * 1_000 / perSecond);
  }
}

/** A relay that has accepted 10 mails a second for two seconds, and then asks for less. */
function lowered(): Adaptation {
  const adaptation = new Adaptation(5);
  judged(adaptation, 10, 0, 2);
  assert.equal(adaptation.lowerRate(1_999), true);
  return adaptation;
}

Deno.test("Adaptation.lowerRate() keeps four fifths of the rate that the relay has accepted", () => {
  assert.equal(lowered().ratePerSecond, 8);
});

Deno.test("Adaptation.lowerRate() begins with one mail a second if the relay has accepted nothing yet", () => {
  const adaptation = new Adaptation(5);
  adaptation.lowerRate(0);
  assert.equal(adaptation.ratePerSecond, 1);
});

Deno.test("Adaptation.lowerRate() goes down from the last limit once a second, however fast mails were accepted", () => {
  const adaptation = lowered();
  judged(adaptation, 50, 2_249, 0.7);
  assert.equal(adaptation.lowerRate(2_998), false);
  assert.equal(adaptation.ratePerSecond, 8);
  assert.equal(adaptation.lowerRate(2_999), true);
  assert.equal(adaptation.ratePerSecond, 8 * 0.8);
});

Deno.test("Adaptation.lowerRate() never goes below a mail in five seconds", () => {
  const adaptation = new Adaptation(5);
  for (let second = 0; second < 60; second++) adaptation.lowerRate(second * 1_000);
  assert.equal(adaptation.ratePerSecond, 0.2);
});

Deno.test("Adaptation.judged() counts the replies to the burst that hit the limit, for a quarter of a second", () => {
  // Ten in the second before; at the end of it six of them, as a meter counts a fifth of a second at a time.
  const cases = [[1_999, 0.8 * 20], [2_248, 0.8 * 16], [2_249, 8]] as const;
  for (const [from, perSecond] of cases) {
    const adaptation = lowered();
    for (let mail = 0; mail < 10; mail++) adaptation.judged(from);
    assert.equal(adaptation.ratePerSecond, perSecond, `at ${from}`);
  }
});

Deno.test("Adaptation.judged() never lowers a limit, even when fewer mails were taken of late", () => {
  const adaptation = new Adaptation(5);
  judged(adaptation, 10, 0, 2);
  adaptation.lowerRate(2_399);
  const before = adaptation.ratePerSecond!;
  adaptation.judged(2_640);
  assert.ok(adaptation.ratePerSecond! >= before, `${adaptation.ratePerSecond} after ${before}`);
});

Deno.test("Adaptation.judged() adds half a mail a second, or a twentieth, each second", () => {
  for (const [shown, steps] of [[10, [8.5, 9, 9.5]], [50, [42, 44.1, 46.305]]] as const) {
    const adaptation = new Adaptation(5);
    judged(adaptation, shown, 0, 2);
    adaptation.lowerRate(1_999);
    for (const [second, step] of steps.entries()) {
      const at = 2_999 + second * 1_000;
      const before = adaptation.ratePerSecond!;
      judged(adaptation, shown, at - 740, 0.7);
      adaptation.judged(at - 1);
      assert.equal(adaptation.ratePerSecond, before, `not before ${at}`);
      adaptation.judged(at);
      assert.ok(Math.abs(adaptation.ratePerSecond! - step) < 1e-9, `${adaptation.ratePerSecond}`);
    }
  }
});

Deno.test("Adaptation.judged() drops a limit that is more than four times what is sent", () => {
  for (const [perSecond, isDropped] of [[2, true], [3, false]] as const) {
    const adaptation = lowered();
    judged(adaptation, perSecond, 2_999, 3);
    assert.equal(adaptation.ratePerSecond === undefined, isDropped, `${perSecond}/s`);
  }
});

Deno.test("Adaptation.forgetRate() begins again as if no limit had been known", () => {
  const adaptation = lowered();
  adaptation.forgetRate();
  assert.equal(adaptation.ratePerSecond, undefined);
  adaptation.lowerRate(60_000);
  assert.equal(adaptation.ratePerSecond, 1, "nothing was shown of late");
});

Deno.test("Adaptation.judged() brings no limit back that was forgotten within the same burst", () => {
  const adaptation = lowered();
  adaptation.forgetRate();
  adaptation.judged(2_000);
  assert.equal(adaptation.ratePerSecond, undefined);
});

Deno.test("Adaptation.fewerConnections() allows as many as are open, and at least one less than before", () => {
  for (const [open, connections] of [[2, 2], [4, 4], [5, 4], [9, 4], [0, 1]] as const) {
    const adaptation = new Adaptation(5);
    adaptation.fewerConnections(0, open);
    assert.equal(adaptation.connections, connections, `${open} open`);
  }
});

Deno.test("Adaptation.judged() allows one more connection every half minute, up to those asked for", () => {
  const adaptation = new Adaptation(5);
  adaptation.fewerConnections(1_000, 3);
  const cases = [[30_999, 3], [31_000, 4], [60_999, 4], [61_000, 5], [200_000, 5]] as const;
  for (const [at, connections] of cases) {
    adaptation.judged(at);
    assert.equal(adaptation.connections, connections, `at ${at}`);
  }
});
