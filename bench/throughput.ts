import type { Bar } from "./chart.ts";
import { compare, type Effort, type Result } from "./comparison.ts";
import type { Absent, Contender } from "./contenders.ts";
import { startSink } from "./sinks.ts";
import { figure, median, ratio, spread } from "./statistics.ts";
import type { Table } from "./table.ts";

/** Measures sending on one machine, without network latency: the cost of a mail. */
export async function measureThroughput(
  contenders: readonly Contender[],
  effort: Effort,
  say: (text: string) => void,
): Promise<{ readonly results: readonly Result[]; readonly sink: string }> {
  await using sink = await startSink();
  say(`Throughput to ${sink.name}`);
  return { results: await compare(contenders, sink.port, effort, say), sink: sink.name };
}

/** The first contender is this program; the rows of the others say how many times as fast it is. */
export function throughputTable(results: readonly Result[], absent: readonly Absent[]): Table {
  const ours = results[0]!.perSecond;
  return {
    head: ["", "mails/s", "lowest–highest", "this program is"],
    rows: [
      ...results.map(({ name, perSecond }, at) => [
        name,
        figure(median(perSecond)),
        spread(perSecond),
        at === 0 ? "" : `${figure(ratio(ours, perSecond))} ×`,
      ]),
      ...absent.map(({ name, reason }) => [name, reason, "", ""]),
    ],
  };
}

export function throughputBars(results: readonly Result[]): Bar[] {
  return results.map(({ name, perSecond }) => {
    const value = median(perSecond);
    return { name, value, label: `${figure(value)}/s` };
  });
}
