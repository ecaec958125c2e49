import { InputError } from "../model/input_error.ts";
import { StorageError } from "../sqlite/storage_error.ts";
import { openSuppressing, type OpenSuppression } from "../suppression/suppressing.ts";
import {
  isListMissed,
  type SuppressionFacts,
  suppressionFacts,
  type SuppressionFactsOptions,
} from "../suppression/suppression_facts.ts";
import {
  missedText,
  unusedText,
  waysToList,
  waysToMerge,
} from "../suppression/suppression_text.ts";
import { adviceOf, type Finding } from "./finding.ts";

/** What a campaign would leave recipients out by. */
export interface CheckedSuppression extends Disposable {
  readonly facts: SuppressionFacts;
  /** Undefined: nobody is suppressed, so nobody has to be looked up. */
  readonly suppressing: OpenSuppression | undefined;
}

/** Opens what `send` would leave recipients out by, and finds what is wrong with it; undefined: it cannot be used. */
export async function checkSuppression(
  options: SuppressionFactsOptions,
  signal: AbortSignal,
  add: (finding: Finding) => void,
): Promise<CheckedSuppression | undefined> {
  const { suppressionList } = options;
  let suppressing: OpenSuppression;
  try {
    suppressing = await openSuppressing(options, signal);
  } catch (error) {
    if (!(error instanceof InputError || error instanceof StorageError)) throw error;
    add(unusable(error));
    return undefined;
  }
  const facts = suppressionFacts(options, suppressing);
  if (isListMissed(facts)) {
    add(warning("suppression.none", missedText(facts), MISSED, waysToList(suppressionList)));
  }
  const unused = unusedText(suppressionList);
  if (unused !== undefined) {
    add(warning("suppression.unused", unused, UNUSED, waysToMerge(suppressionList)));
  }
  for (const { file, line, reason } of suppressing.ignored.examples) {
    add({
      ...warning("suppression.ignored", reason, IGNORED, "Correct the line"),
      where: { file, line },
    });
  }
  const isAnybody = facts.filed + (facts.listed ?? 0) > 0;
  return {
    facts,
    suppressing: isAnybody ? suppressing : undefined,
    [Symbol.dispose]: () => suppressing[Symbol.dispose](),
  };
}

const MISSED =
  "Mail to somebody who has unsubscribed is spam to them, and in many countries against the law";
const UNUSED = "People who are only on that list would be mailed";
const IGNORED = "The line names no address, so nobody is suppressed by it";

function warning(check: string, what: string, why: string, fix: string): Finding {
  return { level: "warning", check, what, why, fix, where: undefined };
}

function unusable(error: InputError | StorageError): Finding {
  const [hint, place] = error instanceof InputError ? [error.hint, error.place] : [];
  return {
    level: "error",
    check: "suppression.list",
    what: error.message,
    why: "Nothing is sent if it is not known who has left",
    fix: adviceOf(
      hint ?? "Put a complete list in its place, or name another with --suppression-list",
    ),
    where: place,
  };
}
