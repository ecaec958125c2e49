import { fileURLToPath } from "node:url";
import { RUN_FLAGS } from "../build/run_flags.ts";
import { ownCommand } from "./contenders.ts";
import type { Mailing } from "./mailing.ts";
import { type Command, freePort, run } from "./process.ts";
import { Sink } from "./sink.ts";
import { figure, median, spread } from "./statistics.ts";
import type { Table } from "./table.ts";

/** Times in ms, one value per round. */
export interface Timing {
  readonly name: string;
  readonly ms: readonly number[];
}

/** As long as the sample's list. */
const SHORT_LIST = 25;

/** Measures `--help` and the first mail, for the sources and, if `deno task compile` has made it, for the compiled form. */
export async function measureStartUp(mailing: Mailing, rounds: number): Promise<readonly Timing[]> {
  const source = fileURLToPath(new URL("../src/main.ts", import.meta.url));
  const compiled = fileURLToPath(new URL("../dist/email-dispatcher", import.meta.url));
  const sides: [string, Command, number[]][] = [
    ["--help, from the sources", denoRun(source, ["--help"]), []],
    ...isFile(compiled)
      ? [["--help, dist/email-dispatcher", { program: compiled, args: ["--help"] }, []] as [
        string,
        Command,
        number[],
      ]]
      : [],
  ];
  const first: number[] = [];
  const list = mailing.list(SHORT_LIST);
  for (let round = 0; round < rounds; round++) {
    for (const [, command, ms] of sides) ms.push((await run(command)).wallMs);
    first.push(await timeToFirstMail(mailing, list, mailing.ledger("start-up")));
  }
  return [
    ...sides.map(([name, , ms]) => ({ name, ms })),
    { name: `first mail on the wire, ${SHORT_LIST} rows`, ms: first },
  ];
}

/** Returns the milliseconds from the start of the process until the first mail has arrived completely, and ends the run. */
export async function timeToFirstMail(
  mailing: Mailing,
  list: string,
  ledger: string,
): Promise<number> {
  const port = freePort();
  const start = performance.now();
  let arrived: number | undefined;
  let child: Deno.ChildProcess | undefined;
  using _sink = new Sink({
    port,
    onMail: () => {
      if (arrived !== undefined) return;
      arrived = performance.now();
      child?.kill("SIGINT");
    },
  });
  const command = { ...ownCommand(mailing, list, port, ledger), codes: [0, 3] };
  await run(command, { onStart: (started) => child = started });
  if (arrived === undefined) throw new Error("The run ended and no mail has arrived");
  return arrived - start;
}

export function timingTable(timings: readonly Timing[]): Table {
  return {
    head: ["", "ms", "lowest–highest"],
    rows: timings.map(({ name, ms }) => [name, figure(median(ms)), spread(ms)]),
  };
}

function denoRun(script: string, args: readonly string[]): Command {
  return { program: Deno.execPath(), args: ["run", ...RUN_FLAGS, script, ...args] };
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
