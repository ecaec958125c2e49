import type { ContentOptions } from "../compose/content_options.ts";
import type { ListOptions } from "../list/list_options.ts";
import { compileTemplate, type Composer } from "../compose/composer.ts";
import { readContent } from "../compose/content.ts";
import { Signer } from "../compose/dkim/signer.ts";
import type { Mail, Transport } from "../model/mail.ts";
import { checkingCopies } from "../list/copies.ts";
import { openList } from "../list/list.ts";
import { type Choice, chooseRows, type ChosenRow } from "./choice.ts";
import { asTest, type Inbox, withTokensOf } from "./test_mail.ts";

/** No mail can be made from a row. */
export interface NoMail {
  readonly kind: "none";
  readonly reason: string;
}

/** The chosen rows of a campaign, ready to become mails. */
export interface Preview extends Disposable {
  readonly rows: readonly ChosenRow[];
  /** The mail of a row, as `send` would make it for a server that accepts 8-bit bodies; signed where keys are given. */
  make(row: ChosenRow): Promise<Mail | NoMail>;
  /** The same as a test: for another inbox, and marked as one (see `asTest`). */
  makeTest(row: ChosenRow, inbox: Inbox, transport: Transport): Promise<Mail | NoMail>;
}

const EIGHT_BIT: Transport = { eightBit: true };

/**
 * Reads list and template, and chooses the rows.
 *
 * @throws {InputError} where list or template cannot be used, or a chosen row does not exist
 */
export async function openPreview(
  options: ListOptions & ContentOptions,
  choice: Choice,
  dependencies: { readonly stdin: ReadableStream<Uint8Array>; readonly signal: AbortSignal },
): Promise<Preview> {
  const { dkim, recipients, mailingList } = options;
  await using list = await openList(options, dependencies);
  const composer = checkingCopies(
    await compileTemplate({
      ...await readContent(options),
      columns: list.columns,
      sevenBit: dkim !== undefined,
    }),
  );
  const rows = await chooseRows(choice, {
    list,
    listName: recipients,
    required: composer.required,
    signal: dependencies.signal,
  });
  const signer = dkim && new Signer(dkim);
  const sign = async (mail: Mail | NoMail) =>
    "kind" in mail || signer === undefined ? mail : await signer.sign(mail);
  return {
    rows,
    make: ({ entry }) => sign(compose(composer, entry, EIGHT_BIT)),
    makeTest({ entry }, inbox, transport) {
      const addressed = entry.kind === "bad-row" ? entry : withTokensOf(inbox, entry);
      const mail = compose(composer, addressed, transport);
      return sign("kind" in mail ? mail : asTest(mail, inbox, entry.line, mailingList));
    },
    [Symbol.dispose]: () => signer?.[Symbol.dispose](),
  };
}

function compose(
  composer: Composer,
  entry: ChosenRow["entry"],
  transport: Transport,
): Mail | NoMail {
  if (entry.kind === "bad-row") return { kind: "none", reason: entry.reason };
  const mail = composer.compose(entry, transport);
  return "kind" in mail ? { kind: "none", reason: mail.reason } : mail;
}
