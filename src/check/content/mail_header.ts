import type { Email } from "postal-mime";
import type { Finding, Level, Where } from "../finding.ts";
import { readReferences } from "../../compose/html/references.ts";
import { BULK, BULK_TEXT, GMAIL, MICROSOFT, YAHOO } from "../provider_rules.ts";

/** Looks at the header of a rendered mail: can the list be left, can the sender be answered, is the subject honest. */
export function* headerFindings(mail: Email, recipients: number, where: Where): Generator<Finding> {
  yield* unsubscribeFindings(mail, recipients > BULK, where);
  const subject = mail.subject ?? "";
  if (/^(?:re|fwd?|aw|wg)\s*:/i.test(subject) && mail.inReplyTo === undefined) {
    yield {
      level: "warning",
      check: "subject.no-reply",
      what: `The subject says that it answers or forwards a mail: '${subject}'`,
      why:
        "RFC 5322, 3.6.5: that is what 'Re:' is for; receivers and CAN-SPAM take it for deception",
      fix: "take it away",
      where,
    };
  }
  const from = mail.from?.address ?? "";
  if (/^(?:no|do[-_.]?not|dont)[-_.]?reply(?:$|[-+_.@])/i.test(from) && !mail.replyTo?.length) {
    yield {
      level: "note",
      check: "from.no-reply",
      what: `Answers go to ${from}`,
      why: "RFC 5322, 3.6.2: without Reply-To answers go to From",
      fix: "set --reply-to to a mailbox that somebody reads",
      where,
    };
  }
}

function* unsubscribeFindings(mail: Email, isBulk: boolean, where: Where): Generator<Finding> {
  const level: Level = isBulk ? "warning" : "note";
  const wanted = isBulk
    ? `${GMAIL} and ${YAHOO} want one-click unsubscribe of who sends ${BULK_TEXT}; ${MICROSOFT} want a way to leave`
    : `${GMAIL} and ${YAHOO} want it of who sends ${BULK_TEXT}`;
  const fix = "set --unsubscribe-url (see 'unsubscribe serve')";
  const header = headerOf(mail, "list-unsubscribe");
  if (header === undefined) {
    return yield {
      level,
      check: "unsubscribe.missing",
      what: "Mails have no List-Unsubscribe header: mail programs offer no way to leave the list",
      why: `RFC 8058; ${wanted}`,
      fix,
      where,
    };
  }
  const link = /<\s*(https:[^>]*)>/i.exec(header)?.[1]?.replaceAll(/\s+/g, "");
  const post = headerOf(mail, "list-unsubscribe-post")?.trim();
  if (link === undefined || post?.toLowerCase() !== "list-unsubscribe=one-click") {
    yield {
      level,
      check: "unsubscribe.not-one-click",
      what: link === undefined
        ? "List-Unsubscribe has no https link"
        : post === undefined
        ? "Mails have no List-Unsubscribe-Post header"
        : `List-Unsubscribe-Post is '${post}'`,
      why:
        `RFC 8058, 3.1: one-click takes an https link and 'List-Unsubscribe=One-Click'; ${wanted}`,
      fix,
      where,
    };
  }
  if (link === undefined || showsLink(mail, link)) return;
  yield {
    level: "note",
    check: "unsubscribe.not-in-body",
    what: "The body does not show the link of List-Unsubscribe",
    why: `${GMAIL}: a mail to a list has a clearly visible link to leave it in its body, too`,
    fix: "put {{ unsubscribe_url }} into the template, unless it has a link of its own",
    where,
  };
}

function headerOf({ headers }: Email, name: string): string | undefined {
  return headers.find(({ key }) => key === name)?.value;
}

function showsLink({ html, text }: Email, link: string): boolean {
  return html === undefined
    ? (text ?? "").includes(link)
    : readReferences(html).links.some(({ target }) => target === link);
}
