import { compare, type Effort, FEW_MAILS, type Result } from "./comparison.ts";
import type { Absent, Contender } from "./contenders.ts";
import { startPostfix } from "./postfix.ts";
import { startDelay, startOwnSink, startSink, type Target } from "./sinks.ts";
import { figure, median, ratio, spread } from "./statistics.ts";
import type { Table } from "./table.ts";

/** Half of a 50 ms round trip, as to a relay on the near side of another continent. */
export const ONE_WAY_MS = 25;

/** The results of the contenders with one kind of server behind the delay. */
export interface FarResult {
  readonly server: string;
  readonly results: readonly Result[];
  /** This program with the same server without the delay, which shows how fast the server is. */
  readonly near: Result;
}

/**
 * The contender without its start-up, which is measured by a run of ten mails: over a distance, the cost per mail
 * matters, however many there are.
 */
function beyondStartUp({ name, send }: Contender): Contender {
  return {
    name,
    async send(mails, port) {
      if (mails <= FEW_MAILS) return await send(mails, port);
      const startUpMs = await send(FEW_MAILS, port);
      const ms = await send(mails, port) - startUpMs;
      return ms * mails / (mails - FEW_MAILS);
    },
  };
}

/** The first contender is this program. */
export async function measureDistance(
  contenders: readonly Contender[],
  folder: string,
  effort: Effort,
  say: (text: string) => void,
): Promise<{ readonly far: readonly FarResult[]; readonly absent: readonly Absent[] }> {
  const far: FarResult[] = [];
  const absent: Absent[] = [];
  const servers: (() => Promise<Target | Absent>)[] = [
    startSink,
    () => startOwnSink(true),
    () => startPostfix(folder),
  ];
  for (const start of servers) {
    const server = await start();
    if ("reason" in server) {
      absent.push(server);
      continue;
    }
    await using near = server;
    await using line = await startDelay(near, ONE_WAY_MS);
    say(`${2 * ONE_WAY_MS} ms away: ${near.name}`);
    const sides = contenders.map(beyondStartUp);
    const results = await compare(sides, line.port, effort, say);
    say(`no distance: ${near.name}`);
    const [own] = await compare(sides.slice(0, 1), near.port, { ...effort, rounds: 1 }, say);
    far.push({ server: near.name, results, near: own! });
  }
  return { far, absent };
}

export function distanceTable(far: readonly FarResult[], absent: readonly Absent[]): Table {
  return {
    head: ["server", "side", "mails/s", "lowest–highest", "this program is"],
    rows: [
      ...far.flatMap(({ server, results, near }) => [
        ...results.map(({ name, perSecond }, at) => [
          at === 0 ? server : "",
          name,
          figure(median(perSecond)),
          spread(perSecond),
          at === 0 ? "" : `${figure(ratio(results[0]!.perSecond, perSecond))} ×`,
        ]),
        ["", `${near.name}, no distance`, figure(median(near.perSecond)), "", ""],
      ]),
      ...absent.map(({ name, reason }) => [name, reason, "", "", ""]),
    ],
  };
}
