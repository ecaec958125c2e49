import type { SendOptions } from "../send_options.ts";
import {
  readSuppression,
  type Suppressing,
  type Suppression,
} from "../../suppression/suppression_files.ts";
import { SuppressionWatch } from "../../suppression/suppression_watch.ts";
import { mailboxKeyOf } from "../../model/recipient.ts";
import { aboutInput, InputError } from "../../model/input_error.ts";
import { countOf } from "../../text/quantity.ts";
import type { Reporter } from "../../report/reporter.ts";

/**
 * Everybody a run leaves out: the suppression files, read once, and the suppression list, which is consulted whenever a
 * recipient is claimed, and again before the mail is sent, so that somebody who unsubscribes during the run gets no more mail.
 *
 * @throws {InputError} if a file cannot be read, or a list that was named does not exist
 * @throws {StorageError} if the list cannot be read
 */
export async function openSuppression(
  { suppress, suppressionList }: Pick<SendOptions, "suppress" | "suppressionList">,
  signal: AbortSignal,
  reporter: Reporter,
): Promise<Suppressing & Disposable> {
  const files = await aboutInput("suppression-list", () => readSuppression(suppress, signal));
  reportIgnored(files, reporter);
  const list = new SuppressionWatch(suppressionList.path);
  if (suppressionList.named && !list.isThere) throw noList(suppressionList);
  return {
    why(recipient) {
      const key = mailboxKeyOf(recipient);
      const place = files.has(key);
      if (place !== undefined) return `Suppressed by ${place}`;
      const reason = list.why(key);
      return reason && `Suppressed: ${reason}`;
    },
    get version() {
      return list.version;
    },
    [Symbol.dispose]: () => list[Symbol.dispose](),
  };
}

/** A typo must not cause mail to those who unsubscribed. */
function noList({ path, place }: SendOptions["suppressionList"]): InputError {
  return new InputError(`There is no suppression list '${path}'`, {
    ...(place && { place }),
    hint:
      "Check its name. 'email-dispatcher unsubscribe serve', 'add' and 'import' create it there.",
    kind: "suppression-list",
  });
}

/** Reports lines without an address: a typo must not cause mail to those who asked for none. */
function reportIgnored({ ignored }: Suppression, reporter: Reporter): void {
  for (const { file, line, reason } of ignored.examples) {
    reporter.warn(`${file}:${line}: ${reason}; nobody is suppressed by it`);
  }
  const more = ignored.count - ignored.examples.length;
  if (more > 0) {
    const names = more === 1 ? "names" : "name";
    reporter.warn(`${countOf(more, "more line")} of the suppression files ${names} no address`);
  }
}
