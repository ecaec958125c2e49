/** Calls once, after `ms` milliseconds (at most 2^31 - 1), unless it is disposed of before. */
export function after(ms: number, call: () => void): Disposable {
  return unlessDisposed(call, (guarded) => {
    const timer = setTimeout(guarded, ms);
    return () => clearTimeout(timer);
  });
}

/** Calls every `ms` milliseconds (at most 2^31 - 1) until it is disposed of. */
export function every(ms: number, call: () => void): Disposable {
  return unlessDisposed(call, (guarded) => {
    const timer = setInterval(guarded, ms);
    return () => clearInterval(timer);
  });
}

/** Deno 2.5 may still call a timer that was already due when it was cleared, and what the call needs may be closed by then. */
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
