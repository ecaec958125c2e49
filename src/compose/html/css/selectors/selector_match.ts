import { ALWAYS, both, either, type MatchVerdict, NEVER, SOMETIMES } from "./verdict.ts";

/** Whether a selector holds for an element, and because of what. */
export interface SelectorMatch {
  readonly verdict: MatchVerdict;
  /** It holds only where a mail program puts something around the mail. */
  readonly isHook: boolean;
  /** It is a hook on what no mail program puts there any longer. */
  readonly isPast: boolean;
}

const WITHOUT_HOOK: readonly SelectorMatch[] = ([NEVER, SOMETIMES, ALWAYS] as const)
  .map((verdict) => ({ verdict, isHook: false, isPast: false }));

/** A verdict that does not depend on a hook. */
export function withoutHook(verdict: MatchVerdict): SelectorMatch {
  return WITHOUT_HOOK[verdict]!;
}

/** Holds where both do. */
export function bothMatch(a: SelectorMatch, b: SelectorMatch): SelectorMatch {
  const [isHook, isPast] = [a.isHook || b.isHook, a.isPast || b.isPast];
  return { verdict: both(a.verdict, b.verdict), isHook, isPast };
}

/** Holds where one of them does; one that holds without any hook needs none. */
export function eitherMatch(a: SelectorMatch, b: SelectorMatch): SelectorMatch {
  if (a.verdict === NEVER) return b;
  if (b.verdict === NEVER) return a;
  const [isHook, isPast] = [a.isHook && b.isHook, a.isPast && b.isPast];
  return { verdict: either(a.verdict, b.verdict), isHook, isPast };
}
