import type { ListOptions } from "./list_options.ts";
import { InputError } from "../model/input_error.ts";
import { NearestName } from "../text/nearest.ts";
import { countOf } from "../text/quantity.ts";
import { parseMailbox } from "./address.ts";
import { openList } from "./list.ts";
import { quote } from "../text/quote.ts";
import type { KeySet } from "../keys/key_set.ts";
import { mailboxKeyOf } from "../model/recipient.ts";
import { recipientOf } from "./recipient.ts";
import type { SourceDependencies } from "./file/source.ts";

/** Recipients named in a flag. */
export interface NamedRecipients {
  /** "--only". */
  readonly flag: string;
  /** Keys, or mailboxes, see `isNamedIn()`. */
  readonly keys: readonly string[];
}

/** Most missing addresses that a message names. */
const EXAMPLES = 3;

/**
 * Refuses recipients that are not in the list. If there are any, the list is read again to suggest the address that
 * was meant.
 *
 * @param listed The keys and mailboxes of all recipients of the list, or of those that are named.
 * @throws {InputError} naming them, with the nearest address of the list, or their row if it is invalid
 */
export async function refuseUnlisted(
  options: ListOptions,
  required: readonly number[],
  dependencies: Pick<SourceDependencies, "signal" | "open">,
  named: readonly NamedRecipients[],
  listed: Pick<KeySet, "has">,
): Promise<void> {
  for (const { flag, keys } of named) {
    const unlisted = keys.filter((key) => !listed.has(key));
    if (unlisted.length === 0) continue;
    const wanted = unlisted.slice(0, EXAMPLES);
    const hints = await hintsFor(options, required, dependencies, wanted);
    const more = unlisted.length - wanted.length;
    throw new InputError(
      `${flag} must name recipients of the list '${options.recipients}': found ${
        wanted.map(quote).join(", ")
      }${more > 0 ? ` and ${more} more` : ""}`,
      hints.length === 0 ? {} : { hint: hints.join("\n  ") },
    );
  }
}

/** @throws {InputError} if `--offset` skips all rows of the list */
export function refuseOffset(offset: number, rows: number, list: string): void {
  if (offset === 0 || offset < rows) return;
  throw new InputError(
    `--offset must be less than the ${
      countOf(rows, "row")
    } of the list '${list}': found '${offset}'`,
  );
}

/** Offers a recipient by both names: the whole key, and the mailbox. */
export function offerNames(nearest: NearestName, key: string): void {
  const mailbox = mailboxKeyOf(key);
  // Of two names that are equally near, the first one counts.
  nearest.offer(key);
  if (mailbox !== key) nearest.offer(mailbox);
}

/** Returns what may have been meant, in constant memory. */
async function hintsFor(
  options: ListOptions,
  required: readonly number[],
  dependencies: Pick<SourceDependencies, "signal" | "open">,
  wanted: readonly string[],
): Promise<string[]> {
  const nearest = new Map(wanted.map((key) => [key, new NearestName(key)]));
  const invalid = new Map<string, string>();
  await using list = await openList(options, dependencies);
  for await (const batch of list.rows) {
    for (const row of batch) {
      const judged = row.kind === "row" ? recipientOf(row, list.columns, required) : row;
      if (judged.kind === "recipient") {
        for (const one of nearest.values()) offerNames(one, judged.key);
        continue;
      }
      const mailbox = parseMailbox(judged.address);
      if (mailbox.kind !== "mailbox" || !nearest.has(mailbox.key)) continue;
      invalid.set(mailbox.key, `${options.recipients}:${judged.line}: ${judged.reason}`);
    }
  }
  return wanted.flatMap((key) => {
    const near = nearest.get(key)?.found;
    return invalid.get(key) ?? (near === undefined ? [] : `Did you mean ${quote(near)}?`);
  });
}
