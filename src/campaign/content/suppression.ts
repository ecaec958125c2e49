import { openSuppressing, type OpenSuppression } from "../../suppression/suppressing.ts";
import {
  isListMissed,
  suppressionFacts,
  type SuppressionFactsOptions,
} from "../../suppression/suppression_facts.ts";
import {
  missedText,
  unusedText,
  waysToList,
  waysToMerge,
} from "../../suppression/suppression_text.ts";
import { countOf } from "../../text/quantity.ts";
import type { Reporter } from "../../report/reporter.ts";

/**
 * Opens what a run leaves recipients out by, and warns of what is no use.
 *
 * @throws {InputError} if a file cannot be read, or a list that was named does not exist
 * @throws {StorageError} if the list cannot be read
 */
export async function openSuppression(
  options: SuppressionFactsOptions,
  signal: AbortSignal,
  reporter: Reporter,
): Promise<OpenSuppression> {
  using owner = new DisposableStack();
  const opened = owner.use(await openSuppressing(options, signal));
  reportIgnored(opened, reporter);
  const { suppressionList } = options;
  const facts = suppressionFacts(options, opened);
  if (isListMissed(facts)) reporter.warn(`${missedText(facts)}. ${waysToList(suppressionList)}.`);
  const unused = unusedText(suppressionList);
  if (unused !== undefined) reporter.warn(`${unused}. ${waysToMerge(suppressionList)}.`);
  owner.move();
  return opened;
}

/** Reports lines without an address: a typo must not cause mail to those who asked for none. */
function reportIgnored({ ignored }: OpenSuppression, reporter: Reporter): void {
  for (const { file, line, reason } of ignored.examples) {
    reporter.warn(`${file}:${line}: ${reason}; nobody is suppressed by it`);
  }
  const more = ignored.count - ignored.examples.length;
  if (more > 0) {
    const names = more === 1 ? "names" : "name";
    reporter.warn(`${countOf(more, "more line")} of the suppression files ${names} no address`);
  }
}
