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

const FIRST_MAILS = 500;
const GROWTH = 4;
/** A run with `GROWTH` times the mails that is not faster by this has left start-up behind. */
const FASTER = 1.3;
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
      const reached = await contender.send(mails, port);
      perSecond.push(reached);
      say(`  round ${round + 1} of ${rounds}: ${contender.name}: ${Math.round(reached)}/s`);
    }
  }
  return sides.map(({ contender, perSecond }) => ({ name: contender.name, perSecond }));
}

/** Tries with more and more mails, until more of them are no longer sent much faster: start-up is behind then. */
async function mailsFor(contender: Contender, port: number, seconds: number): Promise<number> {
  let before = 0;
  for (let mails = FIRST_MAILS;; mails = Math.min(MOST_MAILS, mails * GROWTH)) {
    const perSecond = await contender.send(mails, port);
    const enough = perSecond < FASTER * before || mails >= perSecond * seconds;
    if (enough || mails === MOST_MAILS) return Math.min(MOST_MAILS, Math.ceil(perSecond * seconds));
    before = perSecond;
  }
}
