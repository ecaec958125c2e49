import assert from "node:assert/strict";
import type { Suspicion } from "../../src/policy/health/suspicion.ts";
import { RunSuspicions } from "../../src/policy/health/run_suspicions.ts";

function refuse(relay: Suspicion, id: number, domain = `d${id}.test`, text = "Denied") {
  const reply = { code: 550, enhanced: "5.7.1", text, lines: [text] };
  return relay.refused({ id, domain, reply, session: 1, at: 0 });
}

function relays(count: number): { all: RunSuspicions; relays: readonly Suspicion[] } {
  const all = new RunSuspicions();
  return { all, relays: Array.from({ length: count }, () => all.ofRelay()) };
}

Deno.test("Suspicion.refused() returns elsewhere as long as another relay in use may accept the recipient", () => {
  const cases: readonly [string, (a: Suspicion, b: Suspicion) => void, blame: string][] = [
    ["one that was not asked", () => {}, "elsewhere"],
    ["one that has taken others", (_, b) => b.took({ session: 1, sentAt: 0 }), "elsewhere"],
    ["one that has refused another", (_, b) => void refuse(b, 2), "elsewhere"],
    ["one that has refused two others", (_, b) => void (refuse(b, 2), refuse(b, 3)), "unclear"],
    ["one that has refused this one", (_, b) => void refuse(b, 1), "unclear"],
    ["one that is given up", (_, b) => void (b.retired = true), "unclear"],
  ];
  for (const [what, happens, blame] of cases) {
    const [a, b] = relays(2).relays;
    happens(a!, b!);
    assert.equal(refuse(a!, 1), blame, what);
  }
  const [alone] = relays(1).relays;
  assert.equal(refuse(alone!, 1), "unclear", "there is no other relay");
});

Deno.test("Suspicion.refused() returns unclear if the relay refuses again before another was tried: others go first", () => {
  const [a] = relays(2).relays;
  assert.equal(refuse(a!, 1), "elsewhere");
  assert.equal(refuse(a!, 1), "unclear");
});

Deno.test("Suspicion.refusesUs after a hundred refusals that all read differently", () => {
  const [relay] = relays(1).relays;
  const word = (id: number): string => String.fromCharCode(97 + id % 26).repeat(1 + id / 26);
  for (let id = 0; id < 99; id++) refuse(relay!, id, "x.test", word(id));
  assert.equal(relay!.refusesUs, false);
  refuse(relay!, 99, "x.test", word(99));
  assert.equal(relay!.refusesUs, true);
});

Deno.test("Suspicion.reply is the last refusal of those that are open", () => {
  const [relay] = relays(1).relays;
  const last = (): string | undefined => relay!.reply?.text;
  assert.equal(last(), undefined);
  refuse(relay!, 1, "x.test", "first");
  refuse(relay!, 2, "x.test", "second");
  assert.equal(last(), "second");
  refuse(relay!, 1, "x.test", "first again");
  assert.equal(last(), "first again");
  relay!.took({ session: 1, sentAt: 1 });
  assert.equal(last(), undefined);
});

Deno.test("RunSuspicions.open as soon as one relay in use has refused a recipient and accepted nobody since", () => {
  const { all, relays: [a] } = relays(2);
  assert.equal(all.open, false);
  refuse(a!, 1);
  assert.equal(all.open, true);
  a!.took({ session: 1, sentAt: 1 });
  assert.equal(all.open, false);
  refuse(a!, 2);
  a!.retired = true;
  assert.equal(all.open, false);
});

Deno.test("Suspicion.passesOver() keeps a domain with two refusals waiting, at most a thousand times, until somebody is accepted", () => {
  const { all, relays: [relay] } = relays(1);
  refuse(relay!, 1, "old.test");
  refuse(relay!, 2, "other.test");
  assert.equal(relay!.passesOver("old.test"), false, "one of it was refused");
  refuse(relay!, 3, "old.test");
  assert.equal(relay!.passesOver("new.test"), false);
  for (let time = 1; time <= 1_000; time++) assert.equal(relay!.passesOver("old.test"), true);
  assert.equal(relay!.passesOver("old.test"), false, "the search for others has an end");
  relay!.took({ session: 1, sentAt: 1 });
  for (const id of [4, 5]) refuse(relay!, id, "old.test");
  assert.equal(relay!.passesOver("old.test"), true, "it begins again");
  all.lastRound = true;
  assert.equal(relay!.passesOver("old.test"), false, "nobody else is left to be tried");
});

Deno.test("Suspicion.refused() before the last round attributes no refusal to the recipient unless others were accepted in between", () => {
  const { all, relays: [relay] } = relays(1);
  relay!.took({ session: 1, sentAt: 1 });
  refuse(relay!, 1, "x.test");
  assert.equal(
    refuse(relay!, 1, "x.test"),
    "unclear",
    "the only one, but others are still to come",
  );
  relay!.took({ session: 1, sentAt: 1 });
  assert.equal(refuse(relay!, 1, "x.test"), "recipient");
  assert.equal(
    refuse(relay!, 2, "x.test"),
    "unclear",
    "what was found of its domain may not be all",
  );
  all.lastRound = true;
  assert.equal(refuse(relay!, 2, "x.test"), "recipient");
});

Deno.test("Suspicion.refusesUs counts recipients who are open now: each once, and none from before somebody was accepted", () => {
  const [relay] = relays(1).relays;
  const refuseTo = (last: number): void => {
    for (let id = 1; id <= last; id++) refuse(relay!, id, "x.test");
  };
  refuseTo(19);
  refuseTo(19);
  assert.equal(relay!.refusesUs, false, "the same nineteen");
  relay!.took({ session: 1, sentAt: 1 });
  for (let id = 31; id <= 49; id++) refuse(relay!, id, "x.test");
  assert.equal(relay!.refusesUs, false, "nineteen others since");
  for (const id of [31, 32, 33]) refuse(relay!, id, "x.test");
  refuse(relay!, 50, "x.test");
  assert.equal(relay!.refusesUs, true);
});

Deno.test("Suspicion.refused() leaves the only recipient undecided if the relay has accepted nobody", () => {
  const { all, relays: [relay] } = relays(1);
  refuse(relay!, 1);
  all.lastRound = true;
  assert.equal(refuse(relay!, 1), "unclear");
});
