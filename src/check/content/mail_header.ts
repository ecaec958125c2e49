import type { Email } from "postal-mime";
import type { Finding, Level, Where } from "../finding.ts";
import { readReferences } from "../../compose/html/references.ts";
import { BULK, BULK_TEXT, GMAIL, MICROSOFT, YAHOO } from "../provider_rules.ts";

/** Examines the header of a rendered mail: whether recipients can unsubscribe and reply, and whether the subject is honest. */
export function* headerFindings(mail: Email, recipients: number, where: Where): Generator<Finding> {
  yield* unsubscribeFindings(mail, recipients > BULK, where);
  const subject = mail.subject ?? "";
  if (/^(?:re|fwd?|aw|wg)\s*:/i.test(subject) && mail.inReplyTo === undefined) {
    yield {
      level: "warning",
      check: "subject.no-reply",
      what: `The subject claims to be a reply or a forwarded mail: '${subject}'`,
      why: "RFC 5322, 3.6.5: 'Re:' is for replies; receivers and CAN-SPAM regard it as deception",
      fix: "Remove it",
      where,
    };
  }
  const from = mail.from?.address ?? "";
  if (/^(?:no|do[-_.]?not|dont)[-_.]?reply(?:$|[-+_.@])/i.test(from) && !mail.replyTo?.length) {
    yield {
      level: "note",
      check: "from.no-reply",
      what: `Replies go to ${from}`,
      why: "RFC 5322, 3.6.2: without Reply-To, replies go to From",
      fix: "Set --reply-to to a mailbox that somebody reads",
      where,
    };
  }
}

function* unsubscribeFindings(mail: Email, isBulk: boolean, where: Where): Generator<Finding> {
  const level: Level = isBulk ? "warning" : "note";
  const wanted = isBulk
    ? `${GMAIL} and ${YAHOO} require one-click unsubscribe from anybody who sends ${BULK_TEXT}; ${MICROSOFT} require a way to unsubscribe`
    : `${GMAIL} and ${YAHOO} require it from anybody who sends ${BULK_TEXT}`;
  const fix = "Set --unsubscribe-url (see 'unsubscribe serve')";
  const header = headerOf(mail, "list-unsubscribe");
  if (header === undefined) {
    return yield {
      level,
      check: "unsubscribe.missing",
      what: "Mails have no List-Unsubscribe header: mail programs offer no way to unsubscribe",
      why: `RFC 8058; ${wanted}`,
      fix,
      where,
    };
  }
  yield* oneClickFindings(mail, header, { level, wanted, fix, where });
}

/** Examines a List-Unsubscribe header. */
function* oneClickFindings(
  mail: Email,
  header: string,
  { level, wanted, fix, where }: {
    readonly level: Level;
    /** Who requires it. */
    readonly wanted: string;
    readonly fix: string;
    readonly where: Where;
  },
): Generator<Finding> {
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
        `RFC 8058, 3.1: one-click needs an https link and 'List-Unsubscribe=One-Click'; ${wanted}`,
      fix,
      where,
    };
  }
  if (link === undefined || showsLink(mail, link)) return;
  yield {
    level: "note",
    check: "unsubscribe.not-in-body",
    what: "The body does not show the link of List-Unsubscribe",
    why: `${GMAIL}: the body of a mail to a list also needs a clearly visible unsubscribe link`,
    fix: "Put {{ unsubscribe_url }} into the template, unless it has a link of its own",
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
