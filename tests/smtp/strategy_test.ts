import assert from "node:assert/strict";
import { capabilitiesOf } from "../../src/smtp/session/capabilities.ts";
import type { ClientContext } from "../../src/smtp/pipelining/client_context.ts";
import { chooseStrategy, type StrategyOptions } from "../../src/smtp/pipelining/strategy.ts";

function chosen(offers: readonly string[], options: StrategyOptions = {}) {
  const session = { capabilities: capabilitiesOf(["mx.test", ...offers]), roundTripMs: 50 };
  const context = { queue: [] } as Partial<ClientContext> as ClientContext;
  return chooseStrategy(session, options, context);
}

const BOTH = ["PIPELINING", "CHUNKING"];

for (
  const [offers, options, expected, depth] of [
    [[], {}, "LockStep", 2],
    [["PIPELINING"], {}, "DataGroups", 3],
    // It saves no round trip if only one command may be in flight.
    [["CHUNKING"], {}, "LockStep", 2],
    [BOTH, {}, "Chunking", 2],
    [BOTH, { chunking: true, lockStep: false, behindDot: false }, "Chunking", 2],
    [BOTH, { chunking: false }, "DataGroups", 3],
    [BOTH, { lockStep: true }, "LockStep", 2],
    [["PIPELINING"], { lockStep: true }, "LockStep", 2],
    [BOTH, { window: 1 }, "Chunking", 1],
    [BOTH, { mostUnderWay: () => 1 }, "Chunking", 1],
    [BOTH, { mostUnderWay: () => 30 }, "Chunking", 2],
  ] as [string[], StrategyOptions, string, number][]
) {
  Deno.test(`chooseStrategy() for ${offers.join(" and ") || "nothing"} with ${Deno.inspect(options)}: ${expected}, ${depth} mails`, () => {
    const strategy = chosen(offers, options);
    assert.deepEqual([strategy.constructor.name, strategy.depth], [expected, depth]);
    assert.equal(strategy.pipelined, expected !== "LockStep");
    assert.equal(strategy.refusesBehindDot, false);
  });
}

Deno.test("chooseStrategy() asks for the maximum number of mails in flight before each mail", () => {
  let most = 1;
  const strategy = chosen(BOTH, { mostUnderWay: () => most });
  const depths = [1, 2, 1].map((now) => (most = now, strategy.depth));
  assert.deepEqual(depths, [1, 2, 1]);
});
