import type { Contender } from "./contenders.ts";

/** What one side reached: mails a second, a value a round. */
export interface Result {
  readonly name: string;
  readonly perSecond: readonly number[];
}

/** Rounds, and about how long each side sends in one of them. */
export interface Effort {
  readonly rounds: number;
  readonly seconds: number;
}

/** A run so short that it is start-up. */
export const FEW_MAILS = 10;
/** Enough for a first idea of the rate; the next tries have so many times as many. */
const FIRST_MAILS = 250;
const GROWTH = 8;
const MOST_MAILS = 400_000;

/**
 * Lets all sides send to the same port, in turns.
 *
 * Each gets as many mails as take it about the same time, so that start-up weighs on all alike, and each round begins with
 * another side.
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

/** As many mails as take a side the given time beyond its start-up. */
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
