import { ownCommand } from "./contenders.ts";
import type { Mailing } from "./mailing.ts";
import { run } from "./process.ts";
import { startSink } from "./sinks.ts";
import { figure, median, spread } from "./statistics.ts";
import type { Table } from "./table.ts";

/** The measurements for lists of one size. */
export interface Growth {
  readonly rows: number;
  /** Peak resident memory of each run; empty if the system does not report it. */
  readonly peakBytes: readonly number[];
  /** Microseconds per mail of each run, without the start-up. */
  readonly microsecondsAMail: readonly number[];
  readonly ledgerBytes: number;
  /** The ledger of the last run, with all rows settled. */
  readonly ledger: string;
}

/** @param startUpMs the time before the first mail, which does not depend on the length of the list */
export async function measureGrowth(
  mailing: Mailing,
  sizes: readonly { readonly rows: number; readonly rounds: number }[],
  startUpMs: number,
  say: (text: string) => void,
): Promise<readonly Growth[]> {
  await using sink = await startSink();
  const growth: Growth[] = [];
  for (const { rows, rounds } of sizes) {
    const [peakBytes, microsecondsAMail]: [number[], number[]] = [[], []];
    let ledger = "";
    for (let round = 0; round < rounds; round++) {
      ledger = mailing.ledger(`growth-${rows}`);
      const command = ownCommand(mailing, mailing.list(rows), sink.port, ledger);
      const taken = await run(command, { watchMemory: Deno.build.os === "linux" });
      if (taken.peakBytes !== undefined) peakBytes.push(taken.peakBytes);
      microsecondsAMail.push((taken.wallMs - startUpMs) * 1_000 / rows);
      say(
        `  ${rows} rows: ${Math.round(taken.wallMs)} ms, ${megabytes(taken.peakBytes ?? NaN)} MB`,
      );
    }
    const ledgerBytes = Deno.statSync(ledger).size;
    growth.push({ rows, peakBytes, microsecondsAMail, ledgerBytes, ledger });
  }
  return growth;
}

export function growthTable(growth: readonly Growth[]): Table {
  const [first] = growth;
  return {
    head: [
      "rows",
      "peak memory",
      "against the first",
      "µs a mail",
      "lowest–highest",
      "against the first",
      "ledger, bytes a row",
    ],
    rows: growth.map(({ rows, peakBytes, microsecondsAMail, ledgerBytes }) => [
      rows.toLocaleString("en"),
      `${megabytes(median(peakBytes))} MB`,
      `${figure(median(peakBytes) / median(first!.peakBytes))} ×`,
      figure(median(microsecondsAMail)),
      spread(microsecondsAMail),
      `${figure(median(microsecondsAMail) / median(first!.microsecondsAMail))} ×`,
      figure(ledgerBytes / rows),
    ]),
  };
}

/** Megabytes of 1,024 × 1,024 bytes. */
function megabytes(bytes: number): string {
  return figure(bytes / 1_048_576);
}
