import assert from "node:assert/strict";
import type { RunRecord } from "../relays/relay.ts";
import { LARGEST_WINDOW, type Told } from "./told.ts";

/** After the first signal, replies are waited for so long. */
const FAREWELL_MS = 30_000;

/** Promises 2 and 6: only what was under way where a connection broke, or where replies could not be waited for, is in doubt. */
export function assertFewInDoubt(told: Told): void {
  const { options, before, after, end } = told;
  const doubted = before.keysIn("in-doubt");
  const news = [...after.keysIn("in-doubt")].filter((key) => !doubted.has(key));
  const connections = Math.max(options.connections, options.relays.length);
  assert.ok(news.length <= 2 * connections + 50, `${news.length} are in doubt: ${end.kind}`);
  if (end.kind === "killed" || told.struckAt !== undefined || isCutShort(told)) return;
  const byRelay = Map.groupBy(news, (key) => after.byKey.get(key)?.relay);
  for (const [relay, doubts] of byRelay) {
    const at = options.relays.findIndex(({ name }) => name === relay);
    assert.ok(at >= 0, `${doubts} are in doubt at ${relay}`);
    assertOfBrokenConnections(doubts, told.relays[at]!, told);
  }
}

/** A second signal came. */
function isCutShort({ plan, signalledAt, endedAt }: Told): boolean {
  const { againMs = Infinity } = plan.signal ?? {};
  return signalledAt !== undefined && endedAt >= signalledAt + againMs;
}

function assertOfBrokenConnections(
  doubts: readonly string[],
  { broken, slow, taken }: RunRecord,
  { signalledAt, endedAt, options }: Told,
): void {
  const abandoned = signalledAt !== undefined && endedAt >= signalledAt + FAREWELL_MS;
  const unreliable = abandoned ? broken.union(slow) : broken;
  for (const key of doubts) {
    const session = taken.get(key);
    const isTheirs = session === undefined ? unreliable.size > 0 : unreliable.has(session);
    assert.ok(isTheirs, `${key} is in doubt, and no connection of it broke`);
  }
  const most = unreliable.size * (options.window ?? LARGEST_WINDOW);
  assert.ok(doubts.length <= most, `${doubts.length} are in doubt, ${unreliable.size} broke`);
}
