import type { Contender } from "./contenders.ts";

/** The mails per second of one contender, one value per round. */
export interface Result {
  readonly name: string;
  readonly perSecond: readonly number[];
}

/** The number of rounds, and about how long each contender sends in one. */
export interface Effort {
  readonly rounds: number;
  readonly seconds: number;
}

/** A run so short that it measures the start-up. */
export const FEW_MAILS = 10;
/** Enough for a first estimate of the rate. */
const FIRST_MAILS = 250;
const GROWTH = 8;
const MOST_MAILS = 400_000;

/**
 * Lets all contenders send to the same port in turn.
 *
 * The number of mails is chosen so that each sends for about the same time and the start-up weighs equally on all.
 * Each round begins with another contender.
 */
export async function compare(
  contenders: readonly Contender[],
  port: number,
  { rounds, seconds }: Effort,
  say: (text: string) => void,
): Promise<readonly Result[]> {
  const sides = [];
  for (const contender of contenders) {
    const mails = await mailsFor(contender, port, seconds);
    sides.push({ contender, mails, perSecond: [] as number[] });
  }
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < sides.length; turn++) {
      const { contender, mails, perSecond } = sides[(round + turn) % sides.length]!;
      const reached = mails * 1_000 / await contender.send(mails, port);
      perSecond.push(reached);
      say(`  round ${round + 1} of ${rounds}: ${contender.name}: ${Math.round(reached)}/s`);
    }
  }
  return sides.map(({ contender, perSecond }) => ({ name: contender.name, perSecond }));
}

/** Returns how many mails a contender sends in the given time, not counting its start-up. */
async function mailsFor(contender: Contender, port: number, seconds: number): Promise<number> {
  const startUpMs = await contender.send(FEW_MAILS, port);
  for (let mails = FIRST_MAILS;; mails *= GROWTH) {
    const sendingMs = await contender.send(mails, port) - startUpMs;
    const perSecond = mails * 1_000 / Math.max(1, sendingMs);
    if (sendingMs * GROWTH > seconds * 1_000 || mails * GROWTH > MOST_MAILS) {
      return Math.min(MOST_MAILS, Math.max(FIRST_MAILS, Math.ceil(perSecond * seconds)));
    }
  }
}
