import type { SendOptions } from "../send_options.ts";
import type { Composer } from "../../compose/composer.ts";
import type { SourceDependencies } from "../../list/file/source.ts";
import { openList } from "../../list/list.ts";
import { KeySet } from "../../keys/key_set.ts";
import { recipientOf } from "../../list/recipient.ts";
import { InputError } from "../../model/input_error.ts";

/**
 * Composes the mail of every recipient once and discards it, as `check` does.
 *
 * @throws {InputError} for the first row that makes no mail: an ambiguous date, a missing file
 */
export async function refuseUnmailable(
  options: SendOptions,
  composer: Composer,
  dependencies: Pick<SourceDependencies, "signal" | "open">,
): Promise<void> {
  const keys = new KeySet();
  await using list = await openList(options, dependencies);
  for await (const batch of list.rows) {
    dependencies.signal.throwIfAborted();
    for (const row of batch) {
      // The scan reports rows that name no recipient.
      const entry = row.kind === "row" ? recipientOf(row, list.columns, composer.required) : row;
      if (entry.kind === "bad-row" || !keys.add(entry.key)) continue;
      const mail = composer.compose(entry, { eightBit: true });
      if (!("kind" in mail)) continue;
      throw new InputError(
        `${mail.reason} (no mail can be made for this row, and --strict is set)`,
        {
          place: { file: options.recipients, line: entry.line },
          hint:
            "Fix the row ('check' names all such rows), or omit --strict to send to the others.",
        },
      );
    }
  }
}
