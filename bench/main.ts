/**
 * `deno task bench`: compares this program with its peers, all in one run on one machine.
 *
 * Tables go to standard output, progress to standard error. A full run also writes the tables and a chart into docs/;
 * `--quick` does so with `--write`. `--only throughput,distance` measures only these.
 */
import { parseArgs } from "node:util";
import { findPeers, nodemailerPool, ownProgram } from "./contenders.ts";
import { distanceTable, measureDistance } from "./distance.ts";
import { growthTable, measureGrowth } from "./growth.ts";
import { Mailing } from "./mailing.ts";
import { FULL, QUICK, SECTIONS } from "./plan.ts";
import { profileTables, takeProfile } from "./profiling.ts";
import { Report } from "./report.ts";
import { measureResume } from "./resume.ts";
import { measureStartUp, timingTable } from "./startup.ts";
import { median } from "./statistics.ts";
import { measureThroughput, throughputBars, throughputTable } from "./throughput.ts";

const { values: flags } = parseArgs({
  args: Deno.args,
  options: {
    quick: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
    only: { type: "string", default: SECTIONS.join(",") },
  },
});
const sections = flags.only.split(",");
const unknown = sections.filter((section) => !SECTIONS.some((name) => name === section));
if (unknown.length > 0) {
  throw new TypeError(`--only takes ${SECTIONS.join(", ")}: found '${unknown.join(",")}'`);
}
const plan = flags.quick ? QUICK : FULL;

const encoder = new TextEncoder();
const say = (text: string): void => void Deno.stderr.writeSync(encoder.encode(`${text}\n`));
const print = (text: string): void => void Deno.stdout.writeSync(encoder.encode(`${text}\n`));

const folder = await Deno.makeTempDir({ prefix: "email-dispatcher-bench-" });
const report = new Report(print);
try {
  await measure(new Mailing(folder));
} finally {
  await Deno.remove(folder, { recursive: true });
}
if (flags.write || !flags.quick) {
  await report.write({ chart: sections.includes("throughput") && sections.includes("distance") });
}

async function measure(mailing: Mailing): Promise<void> {
  const own = ownProgram(mailing);
  report.machine();
  if (sections.includes("throughput")) {
    const { peers, absent } = await findPeers(mailing, folder);
    const { results, sink } = await measureThroughput([own, ...peers], plan.throughput, say);
    report.table("throughput", `Throughput to ${sink}`, throughputTable(results, absent));
    report.bars(`Mails a second to ${sink}, ten connections`, throughputBars(results));
  }
  if (sections.includes("distance")) {
    const sides = [own, nodemailerPool(mailing)];
    const { far, absent } = await measureDistance(sides, folder, plan.distance, say);
    report.table("distance", "50 ms round trip", distanceTable(far, absent));
    for (const { server, results } of far) {
      report.bars(`Mails a second, 50 ms away, ${server}`, throughputBars(results));
    }
  }
  if (sections.includes("startup") || sections.includes("growth")) {
    say("Start-up");
    const timings = await measureStartUp(mailing, plan.startUpRounds);
    report.table("startup", "Start-up", timingTable(timings));
    if (sections.includes("growth")) await measureLong(mailing, median(timings.at(-1)!.ms));
  }
  if (sections.includes("profile")) {
    say("Profile");
    const profile = await takeProfile(mailing, folder, plan.profiledMails);
    for (const { name, title, table } of profileTables(profile)) report.table(name, title, table);
  }
}

/** Measures long lists, and resuming with the longest of them. */
async function measureLong(mailing: Mailing, startUpMs: number): Promise<void> {
  say("Growth");
  const growth = await measureGrowth(mailing, plan.sizes, startUpMs, say);
  report.table("growth", "Memory, cost and ledger by the length of the list", growthTable(growth));
  say("Going on");
  const timings = await measureResume(mailing, growth.at(-1)!, plan.resumeRounds);
  report.table("resume", "Time to the first new mail", timingTable(timings));
}
