import { setImmediate } from "node:timers";

/** What of the runtime is not for programs; a turn of its event loop costs as much as ten events of a simulation. */
const { core } = (Deno as unknown as Record<symbol, { core: { runMicrotasks(): void } }>)[
  (Deno as unknown as { internal: symbol }).internal
]!;

/**
 * Lets everybody do what there is to be done now: when it returns, all wait for an event. To be called in a turn of the event
 * loop's own (`inTurn()`), not from a promise.
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

/** The result of what needs no event to be done. */
export function resultNow<T>(pending: Promise<T>): T {
  let result: { readonly value: T } | undefined;
  let failure: { readonly error: unknown } | undefined;
  pending.then((value) => result = { value }, (error) => failure = { error });
  settle();
  if (failure !== undefined) throw failure.error;
  if (result === undefined) throw new Error("Cannot be done without waiting for an event");
  return result.value;
}
