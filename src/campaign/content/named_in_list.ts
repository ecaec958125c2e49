import { isNamedIn, mailboxKeyOf, type Recipient } from "../../model/recipient.ts";
import type { Composer } from "../../compose/composer.ts";
import { copiesOf } from "../../list/copies.ts";
import type { NamedRecipients } from "../../list/named.ts";
import type { SendOptions } from "../send_options.ts";

/** The options in which the user names recipients. */
export type NamingOptions = Pick<SendOptions, "only" | "retry">;

/** Which of the recipients that the user names are in the list. */
export class NamedInList {
  readonly #only: ReadonlySet<string>;
  readonly #all: ReadonlySet<string>;
  readonly #retried: ReadonlySet<string>;
  readonly #composer: Pick<Composer, "copies">;
  readonly #found = new Set<string>();
  /** The first recipient that `--only` names. */
  first: Recipient | undefined;

  constructor({ only, retry }: NamingOptions, composer: Pick<Composer, "copies">) {
    this.#composer = composer;
    this.#retried = new Set(retry.keys);
    this.#only = new Set(only);
    this.#all = new Set([...only, ...retry.keys]);
  }

  get isAny(): boolean {
    return this.#all.size > 0;
  }

  has(name: string): boolean {
    return this.#found.has(name);
  }

  readonly onRecipient = (recipient: Recipient): void => {
    const { key } = recipient;
    if (this.#retried.size > 0) this.#findCopies(recipient);
    if (!isNamedIn(this.#all, key)) return;
    this.#found.add(key).add(mailboxKeyOf(key));
    if (isNamedIn(this.#only, key)) this.first ??= recipient;
  };

  /** Who gets a copy can be tried again by name, like a recipient of the list. */
  #findCopies(recipient: Recipient): void {
    const copies = copiesOf(recipient, this.#composer);
    if ("kind" in copies) return;
    for (const { key } of copies) {
      if (isNamedIn(this.#retried, key)) this.#found.add(mailboxKeyOf(key));
    }
  }
}

/** The recipients that the user names, by flag. */
export function namesByFlag({ only, retry }: NamingOptions): readonly NamedRecipients[] {
  return [{ flag: "--only", keys: only }, { flag: "--retry", keys: retry.keys }];
}
