import { isNamedIn, mailboxKeyOf, type Recipient } from "../../model/recipient.ts";
import type { SendOptions } from "../send_options.ts";

/** The options in which the user names recipients. */
export type NamingOptions = Pick<SendOptions, "only" | "retry">;

/** Which of the recipients that the user names are in the list. */
export class NamedInList {
  readonly #only: ReadonlySet<string>;
  readonly #all: ReadonlySet<string>;
  readonly #found = new Set<string>();
  /** The first recipient that `--only` names. */
  first: Recipient | undefined;

  constructor({ only, retry }: NamingOptions) {
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
    if (!isNamedIn(this.#all, key)) return;
    this.#found.add(key).add(mailboxKeyOf(key));
    if (isNamedIn(this.#only, key)) this.first ??= recipient;
  };
}
