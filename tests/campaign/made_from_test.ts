import assert from "node:assert/strict";
import { differences, madeFrom } from "../../src/campaign/content/changes/made_from.ts";

type Input = Parameters<typeof madeFrom>[0];
type Made = Parameters<typeof madeFrom>[1];

const INPUT: Input = {
  template: { file: "mail.md", text: "Subject: Hello\n\nHi\n" },
  text: undefined,
  campaign: "c",
};
const MADE: Made = { from: "a@acme.test", sources: [["logo.png", "aa"], ["foot.md", "bb"]] };

/** What is said to have changed. */
const table: [change: { input?: Partial<Input>; made?: Partial<Made> }, named: string[]][] = [
  [{}, []],
  [{ input: { template: { file: "mail.md", text: "Subject: Hello\n\nHi!\n" } } }, ["the template"]],
  [{ input: { template: { file: "mail.txt", text: INPUT.template.text } } }, ["the template"]],
  [{ input: { template: { file: "/elsewhere/mail.md", text: INPUT.template.text } } }, []],
  [{ input: { template: { file: "news.md", text: INPUT.template.text } } }, []],
  [{
    input: { template: { file: "mail.md", text: INPUT.template.text.replaceAll("\n", "\r\n") } },
  }, []],
  [{ input: { text: { file: "mail.txt", text: "Hi" } } }, ["the text part"]],
  [{ made: { from: "b@acme.test" } }, ["From"]],
  [{ made: { sources: [["logo.png", "cc"], ["foot.md", "bb"]] } }, ["'logo.png'"]],
  [{ made: { sources: [["foot.md", "bb"], ["logo.png", "aa"]] } }, []],
  [{ made: { sources: [["foot.md", "bb"]] } }, ["'logo.png'"]],
  [{ made: { sources: [...MADE.sources, ["new.png", "dd"]] } }, ["'new.png'"]],
  [{ input: { replyTo: "b@acme.test" } }, ["Reply-To"]],
  [{ input: { mailingList: { listId: "news.acme.test" } } }, ["List-Id"]],
  [{ input: { mailingList: { feedbackId: "1:acme" } } }, ["Feedback-ID"]],
  [{ input: { mailingList: { unsubscribeMailto: "out@acme.test" } } }, ["the unsubscribe mailbox"]],
  [{ input: { timezone: "Europe/Vienna" } }, ["the time zone"]],
  [{ input: { timezone: "UTC" } }, []],
  [{ input: { dateFormat: "%F" } }, ["the date format"]],
];

for (const [{ input, made }, named] of table) {
  const what = JSON.stringify({ input, made });
  Deno.test(`What has changed of a mail is named, and nothing else counts: ${what}`, () => {
    const before = madeFrom(INPUT, MADE);
    const now = madeFrom({ ...INPUT, ...input }, { ...MADE, ...made });
    assert.deepEqual(differences(before, now), named);
    assert.deepEqual(differences(now, before), named, "back again");
  });
}

Deno.test("What an earlier version recorded of a mail is unknown, which is no difference", () => {
  assert.equal(differences(undefined, madeFrom(INPUT, MADE)), undefined);
});
