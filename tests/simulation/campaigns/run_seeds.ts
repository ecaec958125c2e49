import { simulate } from "./seeds.ts";

// A process that simulates campaigns: `run_seeds.ts FIRST END STEP`. Writes a line of JSON before each seed, and one for each that fails.

const [first, end, step] = Deno.args.map(Number) as [number, number, number];
const encoder = new TextEncoder();
const say = (what: unknown): void =>
  void Deno.stdout.writeSync(encoder.encode(`${JSON.stringify(what)}\n`));

for (let seed = first; seed < end; seed += step) {
  say({ begins: seed });
  const { failure } = await simulate(seed);
  if (failure !== undefined) say({ seed, failure });
}
