/** The machine's time and randomness; see `Clock`. */
export const SYSTEM_CLOCK = {
  wall: (): number => Date.now(),
  monotonic: (): number => performance.now(),
  random: (): number => Math.random(),
  after: (ms: number, call: () => void): Disposable =>
    unlessDisposed(call, (guarded) => {
      const timer = setTimeout(guarded, ms);
      return () => clearTimeout(timer);
    }),
  every: (ms: number, call: () => void): Disposable =>
    unlessDisposed(call, (guarded) => {
      const timer = setInterval(guarded, ms);
      return () => clearInterval(timer);
    }),
};

/** Deno 2.5 may still fire a timer that was already due when it was cleared, and what it uses may be closed by then. */
function unlessDisposed(call: () => void, begin: (guarded: () => void) => () => void): Disposable {
  let disposed = false;
  const clear = begin(() => {
    if (!disposed) call();
  });
  return {
    [Symbol.dispose]() {
      disposed = true;
      clear();
    },
  };
}
