import { ALWAYS, both, either, type MatchVerdict, NEVER, SOMETIMES } from "./match_verdict.ts";

/** Whether a selector matches an element, and why. */
export interface SelectorMatch {
  readonly verdict: MatchVerdict;
  /** Whether it matches only if a mail program puts something around the mail. */
  readonly isHook: boolean;
  /** Whether it depends on something that no mail program puts there any longer. */
  readonly isPast: boolean;
}

const WITHOUT_HOOK: readonly SelectorMatch[] = ([NEVER, SOMETIMES, ALWAYS] as const)
  .map((verdict) => ({ verdict, isHook: false, isPast: false }));

/** Returns a match that does not depend on a hook. */
export function withoutHook(verdict: MatchVerdict): SelectorMatch {
  return WITHOUT_HOOK[verdict]!;
}

/** Matches if both do. */
export function bothMatch(a: SelectorMatch, b: SelectorMatch): SelectorMatch {
  const [isHook, isPast] = [a.isHook || b.isHook, a.isPast || b.isPast];
  return { verdict: both(a.verdict, b.verdict), isHook, isPast };
}

/** Matches if either does; no hook is needed if one of them needs none. */
export function eitherMatch(a: SelectorMatch, b: SelectorMatch): SelectorMatch {
  if (a.verdict === NEVER) return b;
  if (b.verdict === NEVER) return a;
  const [isHook, isPast] = [a.isHook && b.isHook, a.isPast && b.isPast];
  return { verdict: either(a.verdict, b.verdict), isHook, isPast };
}
