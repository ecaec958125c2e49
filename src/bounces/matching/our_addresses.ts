import { fieldsOf, headOf, isReturned, type ParsedMessage } from "../reading/parsed_message.ts";
import { addressesIn } from "../reading/named_recipients.ts";

/** Fields of a report that name its author and the mailbox it was sent to, which is ours. */
const OF_THE_REPORT = [
  "from",
  "sender",
  "reply-to",
  "return-path",
  "to",
  "delivered-to",
  "envelope-to",
  "x-envelope-to",
];
/** Fields of the returned mail that name its sender. */
const OF_OUR_MAIL = ["from", "sender", "reply-to", "return-path", "errors-to", "x-sender"];
/** The same where the returned mail is part of the text. */
const IN_TEXT = /^[> \t]{0,8}(?:from|sender|reply-to|return-path|errors-to|x-sender):(.*)$/gim;
const MAX_VALUES = 50;
const MAX_IN_TEXT = 20;

/**
 * Recognises our addresses and those of the reporting server: the mailbox that the report was sent to, and the sender of the mail
 * it returns. A report's text names them as well as the recipient, and they are never the address that was not reached.
 */
export function isOurAddress(message: ParsedMessage): (address: string) => boolean {
  const returned = message.parts.filter(({ type }) => isReturned(type))
    .map(({ text }) => fieldsOf(headOf(text)));
  const values = [
    ...OF_THE_REPORT.flatMap((name) => message.headers(name)),
    ...Array.from(message.text.matchAll(IN_TEXT), ([, value]) => value!).slice(0, MAX_IN_TEXT),
    ...returned.flatMap((fields) => OF_OUR_MAIL.map((name) => fields.get(name) ?? "")),
  ];
  const ours = new Set(values.slice(0, MAX_VALUES).flatMap(addressesIn));
  return (address) => ours.has(address.toLowerCase());
}
