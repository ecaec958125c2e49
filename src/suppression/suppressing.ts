import type { KeySet } from "../keys/key_set.ts";
import { aboutInput, InputError } from "../model/input_error.ts";
import { mailboxKeyOf, mainKeyOf } from "../model/recipient.ts";
import type { SuppressionListOptions } from "./suppression.ts";
import { readSuppression, type Suppressing, type Suppression } from "./suppression_files.ts";
import { SuppressionWatch } from "./suppression_watch.ts";

/** What leaves recipients out: files of addresses, and the list that campaigns share. */
export interface SuppressingOptions {
  /** Paths of the files. */
  readonly suppress: readonly string[];
  readonly suppressionList: SuppressionListOptions;
}

/** Everybody whom files and list leave out. */
export interface OpenSuppression extends Suppressing, Disposable {
  /** Lines of the files that suppress nobody. */
  readonly ignored: Suppression["ignored"];
  /** Addresses in the files. */
  readonly filed: number;
  /** Addresses on the list when it was opened; undefined: there was none. */
  readonly listed: number | undefined;
  /** Counts the suppressed addresses that are in a set of mailboxes; a million of them take a second or two. */
  countIn(mailboxes: Pick<KeySet, "has">): number;
}

/**
 * Opens the suppression files, read once, and the suppression list, which is consulted whenever a recipient is claimed, and again
 * before the mail is sent, so that somebody who unsubscribes during a run gets no more mail.
 *
 * @throws {InputError} if a file cannot be read, or a list that was named does not exist
 * @throws {StorageError} if the list cannot be read
 */
export async function openSuppressing(
  { suppress, suppressionList }: SuppressingOptions,
  signal: AbortSignal,
): Promise<OpenSuppression> {
  const files = await aboutInput("suppression-list", () => readSuppression(suppress, signal));
  using opened = new DisposableStack();
  const list = opened.use(new SuppressionWatch(suppressionList.path));
  if (suppressionList.named && !list.isThere) throw noList(suppressionList);
  // Counted once: every plan, counter and warning of a start asks for it.
  const listed = list.size;
  const whyMailbox = (key: string): string | undefined => {
    const place = files.has(key);
    if (place !== undefined) return `Suppressed by ${place}`;
    const reason = list.why(key);
    return reason && `Suppressed: ${reason}`;
  };
  const owner = opened.move();
  return {
    ignored: files.ignored,
    filed: files.size,
    listed,
    why(recipient) {
      // There is no copy of a mail that is not sent.
      const copied = mainKeyOf(recipient);
      return whyMailbox(mailboxKeyOf(recipient)) ??
        (copied === recipient ? undefined : whyMailbox(mailboxKeyOf(copied)));
    },
    get version() {
      return list.version;
    },
    countIn(mailboxes) {
      let count = 0;
      for (const key of files.keys()) if (mailboxes.has(key)) count++;
      for (const key of list.keys()) if (mailboxes.has(key) && !files.has(key)) count++;
      return count;
    },
    [Symbol.dispose]: () => owner.dispose(),
  };
}

/** A typo must not cause mail to those who unsubscribed. */
function noList({ path, place }: SuppressionListOptions): InputError {
  return new InputError(`There is no suppression list '${path}'`, {
    ...(place && { place }),
    hint:
      "Check its name. 'email-dispatcher unsubscribe serve', 'add' and 'import' create it there.",
    kind: "suppression-list",
  });
}
