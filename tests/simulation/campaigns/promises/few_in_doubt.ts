import assert from "node:assert/strict";
import type { RunRecord } from "../relays/relay.ts";
import { LARGEST_WINDOW, type RunFacts } from "./run_facts.ts";

/** How long a run waits for replies after the first signal. */
const FAREWELL_MS = 30_000;

/** Promises 2 and 6: only mails on a connection that broke, or whose replies could not be waited for, are in doubt. */
export function assertFewInDoubt(facts: RunFacts): void {
  const { options, before, after, end } = facts;
  const doubted = before.keysIn("in-doubt");
  const news = [...after.keysIn("in-doubt")].filter((key) => !doubted.has(key));
  const connections = Math.max(options.connections, options.relays.length);
  assert.ok(news.length <= 2 * connections + 50, `${news.length} are in doubt: ${end.kind}`);
  if (end.kind === "killed" || facts.struckAt !== undefined || isCutShort(facts)) return;
  const byRelay = Map.groupBy(news, (key) => after.byKey.get(key)?.relay);
  for (const [relay, doubts] of byRelay) {
    const at = options.relays.findIndex(({ name }) => name === relay);
    assert.ok(at >= 0, `${doubts} are in doubt at ${relay}`);
    assertOfBrokenConnections(doubts, facts.relays[at]!, facts);
  }
}

/** Whether a second signal came. */
function isCutShort({ plan, signalledAt, endedAt }: RunFacts): boolean {
  const { againMs = Infinity } = plan.signal ?? {};
  return signalledAt !== undefined && endedAt >= signalledAt + againMs;
}

function assertOfBrokenConnections(
  doubts: readonly string[],
  { broken, slow, taken }: RunRecord,
  { signalledAt, endedAt, options }: RunFacts,
): void {
  const abandoned = signalledAt !== undefined && endedAt >= signalledAt + FAREWELL_MS;
  const unreliable = abandoned ? broken.union(slow) : broken;
  for (const key of doubts) {
    const session = taken.get(key);
    const isTheirs = session === undefined ? unreliable.size > 0 : unreliable.has(session);
    assert.ok(isTheirs, `${key} is in doubt, but no connection of theirs broke`);
  }
  const most = unreliable.size * (options.window ?? LARGEST_WINDOW);
  assert.ok(
    doubts.length <= most,
    `${doubts.length} are in doubt, ${unreliable.size} connections broke`,
  );
}
