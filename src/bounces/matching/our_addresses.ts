import { fieldsOf, headOf, isReturned, type ParsedMessage } from "../reading/parsed_message.ts";
import { addressesIn } from "../reading/named_recipients.ts";

/** Fields of a report that name who wrote it and the mailbox it came to, which is ours. */
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
/** Fields of the mail that came back, which name who sent it. */
const OF_OUR_MAIL = ["from", "sender", "reply-to", "return-path", "errors-to", "x-sender"];
/** The same where what came back is part of the text. */
const IN_TEXT = /^[> \t]{0,8}(?:from|sender|reply-to|return-path|errors-to|x-sender):(.*)$/gim;
const MOST_VALUES = 50;
const MOST_IN_TEXT = 20;

/**
 * Tells addresses that stand for us, or for the server that reports: the mailbox that the report came to, and the sender of
 * the mail it returns. In a text they are named beside the recipient, and are never the one who did not get the mail.
 */
export function isOurAddress(letter: ParsedMessage): (address: string) => boolean {
  const returned = letter.parts.filter(({ type }) => isReturned(type))
    .map(({ text }) => fieldsOf(headOf(text)));
  const values = [
    ...OF_THE_REPORT.flatMap((name) => letter.headers(name)),
    ...Array.from(letter.text.matchAll(IN_TEXT), ([, value]) => value!).slice(0, MOST_IN_TEXT),
    ...returned.flatMap((fields) => OF_OUR_MAIL.map((name) => fields.get(name) ?? "")),
  ];
  const ours = new Set(values.slice(0, MOST_VALUES).flatMap(addressesIn));
  return (address) => ours.has(address.toLowerCase());
}
