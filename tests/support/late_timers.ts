/**
 * Runs `body`, whose timers do not ring, and answers what they would have called, cleared or not: Deno 2.5 may call a timer
 * that was already due when it was cleared.
 */
export async function timersOf(body: () => void | Promise<void>): Promise<readonly (() => void)[]> {
  const { setTimeout, setInterval } = globalThis;
  const calls: (() => void)[] = [];
  const keep = (call: () => void): number => calls.push(call);
  Object.assign(globalThis, { setTimeout: keep, setInterval: keep });
  try {
    await body();
  } finally {
    Object.assign(globalThis, { setTimeout, setInterval });
  }
  return calls;
}
