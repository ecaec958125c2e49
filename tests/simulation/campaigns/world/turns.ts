import { setImmediate } from "node:timers";

/** Deno's internals, because a turn of its event loop costs as much as ten events of a simulation. */
const { core } = (Deno as unknown as Record<symbol, { core: { runMicrotasks(): void } }>)[
  (Deno as unknown as { internal: symbol }).internal
]!;

/**
 * Runs all microtasks: when it returns, everything waits for an event. Must be called within `inTurn()`, not from a promise.
 */
export function settle(): void {
  core.runMicrotasks();
}

/** Runs `run` in a turn of the event loop of its own. */
export function inTurn<T>(run: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    setImmediate(() => {
      try {
        resolve(run());
      } catch (error) {
        reject(error);
      }
    });
  });
}

/** The result of a promise that needs no event to settle. */
export function resultNow<T>(pending: Promise<T>): T {
  let result: { readonly value: T } | undefined;
  let failure: { readonly error: unknown } | undefined;
  pending.then((value) => result = { value }, (error) => failure = { error });
  settle();
  if (failure !== undefined) throw failure.error;
  if (result === undefined) throw new Error("Cannot be done without waiting for an event");
  return result.value;
}
