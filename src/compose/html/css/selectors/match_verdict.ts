/** Whether something applies to an element: in every mail and every program, in none, or in some. */
export type MatchVerdict = typeof NEVER | typeof SOMETIMES | typeof ALWAYS;

export const NEVER = 0;
export const SOMETIMES = 1;
export const ALWAYS = 2;

/** Applies if both do. */
export function both(a: MatchVerdict, b: MatchVerdict): MatchVerdict {
  return a < b ? a : b;
}

/** Applies if either does. */
export function either(a: MatchVerdict, b: MatchVerdict): MatchVerdict {
  return a > b ? a : b;
}

export function not(verdict: MatchVerdict): MatchVerdict {
  return verdict === SOMETIMES ? SOMETIMES : verdict === ALWAYS ? NEVER : ALWAYS;
}
