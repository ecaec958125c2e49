import type { Recipient } from "../../model/recipient.ts";
import type { CopyCount } from "./copy_count.ts";
import type { NamedInList } from "./named_in_list.ts";
import type { OrderWatch } from "./order_watch.ts";
import type { SuppressedCounter } from "./suppressed_counter.ts";

/** Passes each recipient that a scan finds to whoever needs it; a scan without such a callback is faster. */
export function watching(
  named: NamedInList,
  suppressed: SuppressedCounter | undefined,
  copied: CopyCount,
  ordering: OrderWatch | undefined,
): { readonly onRecipient?: (recipient: Recipient) => void } {
  const isCounted = suppressed?.isNeeded || copied.isAny || ordering !== undefined;
  if (!named.isAny && !isCounted) return {};
  return {
    onRecipient(recipient: Recipient) {
      named.onRecipient(recipient);
      suppressed?.onRecipient(recipient);
      for (const copy of copied.onRecipient(recipient)) suppressed?.onRecipient(copy);
      ordering?.onRecipient(recipient);
    },
  };
}
