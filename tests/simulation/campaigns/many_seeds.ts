import { keepFailed, type Result } from "./seeds.ts";

/** A campaign takes some ten milliseconds; one that takes so long hangs. */
const LONGEST_MS = 120_000;

/**
 * Simulates the campaigns of many seeds, on all processors.
 *
 * @returns what failed, and how to see it again
 */
export async function simulateMany(first: number, count: number): Promise<readonly string[]> {
  const processes = Math.min(navigator.hardwareConcurrency, Math.ceil(count / 100));
  const failed = await Promise.all(
    Array.from(
      { length: processes },
      (_, at) => simulateSome(first + at, first + count, processes),
    ),
  );
  const told: string[] = [];
  for (const result of failed.flat()) told.push(await keepFailed(result));
  return told;
}

type Line = { readonly begins: number } | Pick<Result, "seed" | "failure">;

/** Every `step`th seed, in a process of its own. */
async function simulateSome(first: number, end: number, step: number): Promise<Result[]> {
  const failed: Result[] = [];
  const fail = (seed: number, failure: string): void =>
    void failed.push({ seed, failure, fingerprint: "", lines: [] });
  await using process = new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--no-check", "--allow-all", new URL("run_seeds.ts", import.meta.url).pathname],
      ...[first, end, step].map(String),
    ],
    stdout: "piped",
  }).spawn();
  let current = first;
  let watch: ReturnType<typeof setTimeout> | undefined;
  let hung = false;
  const begin = (seed: number): void => {
    current = seed;
    clearTimeout(watch);
    watch = setTimeout(() => {
      hung = true;
      process.kill("SIGKILL");
    }, LONGEST_MS);
  };
  begin(first);
  for await (const text of linesOf(process.stdout)) {
    const line = JSON.parse(text) as Line;
    if ("begins" in line) begin(line.begins);
    else fail(line.seed, line.failure!);
  }
  clearTimeout(watch);
  const { success } = await process.status;
  if (!success) fail(current, hung ? "The simulation hangs" : "The process that simulates it died");
  return failed;
}

async function* linesOf(bytes: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of bytes.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}
