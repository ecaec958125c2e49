import type { Composer } from "../compose/composer.ts";
import type { Unmailable } from "../model/mail.ts";
import { type BadRow, copyKeyOf, mailboxKeyOf, type Recipient } from "../model/recipient.ts";
import { parseMailbox } from "./address.ts";

/** What is known of copies by the template; see `Composer.copies`. */
type Copying = Pick<Composer, "copies">;

/**
 * Returns those who get a copy of a recipient's mail, each once and without the recipient: recipients of their own, with
 * the row's cells. If one of them cannot be addressed, the row is bad.
 */
export function copiesOf(main: Recipient, { copies }: Copying): readonly Recipient[] | BadRow {
  if (copies === undefined) return [];
  const { line, fields } = main;
  const bad = (reason: string): BadRow => ({
    ...{ kind: "bad-row", line, address: main.address, fields, reason },
  });
  const named = copies.of(main);
  if ("kind" in named) return bad(named.reason);
  const found = new Map<string, Recipient>();
  for (const text of named) {
    const mailbox = parseMailbox(text);
    if (mailbox.kind === "not-a-mailbox") return bad(`No copy can be sent: ${mailbox.reason}`);
    if (mailbox.key === mailboxKeyOf(main.key) || found.has(mailbox.key)) continue;
    const key = copyKeyOf(mailbox.key, main.key);
    const copyOf = { key: main.key, address: main.address };
    found.set(mailbox.key, { ...main, key, address: mailbox.address, copyOf });
  }
  return [...found.values()];
}

/** A composer for which a row whose copies cannot be addressed makes no mail. */
export function checkingCopies(composer: Composer): Composer {
  if (composer.copies === undefined) return composer;
  return {
    ...composer,
    compose(recipient, transport) {
      const copies = recipient.copyOf === undefined ? copiesOf(recipient, composer) : [];
      if (!("kind" in copies)) return composer.compose(recipient, transport);
      return { kind: "unmailable", reason: copies.reason } satisfies Unmailable;
    },
  };
}
