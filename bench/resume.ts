import type { Growth } from "./growth.ts";
import { appendRows, type Mailing } from "./mailing.ts";
import { timeToFirstMail, type Timing } from "./startup.ts";

/** Enough new rows for all runs, each of which is ended at its first mail. */
const ADDED = 5_000;

/**
 * The time to the first new mail on a ledger full of settled rows: with a list that has grown, so that every row has
 * to be looked up, and with a list that was interrupted halfway.
 */
export async function measureResume(
  mailing: Mailing,
  { rows, ledger }: Growth,
  rounds: number,
): Promise<readonly Timing[]> {
  const list = mailing.list(rows);
  const [grown, left]: [number[], number[]] = [[], []];
  appendRows(list, rows, ADDED);
  for (let round = 0; round < rounds; round++) {
    appendRows(list, rows + ADDED + round, 1);
    grown.push(await timeToFirstMail(mailing, list, ledger));
    left.push(await timeToFirstMail(mailing, list, ledger));
  }
  const settled = `${rows.toLocaleString("en")} settled rows`;
  return [
    { name: `the same list, left in the middle, ${settled}`, ms: left },
    { name: `a list that has grown, ${settled}`, ms: grown },
  ];
}
