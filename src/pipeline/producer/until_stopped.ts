/**
 * Yields rows until the run stops, even if the next one may never come, as from a pipe that stays open. The caller
 * closes the stream and the file behind it.
 */
export async function* untilStopped<T>(
  rows: ReadableStream<T>,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const reader = rows.getReader();
  while (!signal.aborted) {
    const next = await readUnlessStopped(reader, signal);
    if (next === undefined || next.done) return;
    yield next.value;
  }
}

/** Avoids `Promise.race()` with one promise for the whole run, which would keep the result of every read in memory. */
function readUnlessStopped<T>(
  reader: ReadableStreamDefaultReader<T>,
  signal: AbortSignal,
): Promise<ReadableStreamReadResult<T> | undefined> {
  return new Promise((resolve, reject) => {
    const stop = (): void => resolve(undefined);
    signal.addEventListener("abort", stop, { once: true });
    reader.read().then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
