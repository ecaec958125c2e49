/**
 * `deno task bench`: this program beside its peers, all in one run on one machine.
 *
 * Tables go to standard output; a whole run also writes them into docs/performance.md.
 */
import { parseArgs } from "node:util";
import { findPeers, ownProgram } from "./contenders.ts";
import { Mailing } from "./mailing.ts";
import { markdownTable } from "./table.ts";
import { measureThroughput, throughputTable } from "./throughput.ts";

const { values: flags } = parseArgs({
  args: Deno.args,
  options: { quick: { type: "boolean", default: false } },
});

const encoder = new TextEncoder();
const say = (text: string): void => void Deno.stderr.writeSync(encoder.encode(`${text}\n`));
const print = (text: string): void => void Deno.stdout.writeSync(encoder.encode(`${text}\n`));

const folder = await Deno.makeTempDir({ prefix: "email-dispatcher-bench-" });
try {
  const mailing = new Mailing(folder);
  const { peers, absent } = await findPeers(mailing, await Deno.makeTempDir({ dir: folder }));
  const effort = flags.quick ? { rounds: 3, seconds: 2 } : { rounds: 7, seconds: 8 };
  const { results } = await measureThroughput([ownProgram(mailing), ...peers], effort, say);
  print(markdownTable(throughputTable(results, absent)));
} finally {
  await Deno.remove(folder, { recursive: true });
}
