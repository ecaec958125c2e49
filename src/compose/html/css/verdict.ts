/** Whether something holds for an element: in every mail and every program, in none, or in some. */
export type Verdict = typeof NEVER | typeof SOMETIMES | typeof ALWAYS;

export const NEVER = 0;
export const SOMETIMES = 1;
export const ALWAYS = 2;

/** Holds where both do. */
export function both(a: Verdict, b: Verdict): Verdict {
  return a < b ? a : b;
}

/** Holds where one of them does. */
export function either(a: Verdict, b: Verdict): Verdict {
  return a > b ? a : b;
}

export function not(verdict: Verdict): Verdict {
  return verdict === SOMETIMES ? SOMETIMES : verdict === ALWAYS ? NEVER : ALWAYS;
}
