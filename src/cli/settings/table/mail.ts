import { settings } from "../setting.ts";

/** What the mails are made from. */
export const MAIL = settings("Mail", {
  "template": {
    argument: "<file>",
    help: "header lines, a blank line and the body: .md, .html, .txt, .tmpl",
    key: "template",
  },
  "text": {
    argument: "<file>",
    help: "text part of a .md or .html template",
    default: "made from it",
    key: "text",
  },
  "attachments": {
    argument: "<folder>",
    help: "folder that files named by a row must be in",
    default: "the template's",
    key: "attachments",
  },
  "timezone": {
    argument: "<name>",
    help: "time zone of dates in mails, such as Europe/Berlin",
    default: "UTC",
    key: "timezone",
  },
  "from": { argument: "<address>", help: "replaces the template's From", key: "from" },
  "reply-to": { argument: "<address>", help: "replaces the template's Reply-To", key: "reply_to" },
  "copies": {
    argument: "<what>",
    help: "template names others in To, Cc or Bcc: deliver copies, header (shown only) or refuse",
    default: "refuse",
    key: "copies",
  },
  "verp": {
    argument: "<address>",
    help: "mailbox for returned mails: the sender of a mail is name+token@domain",
    key: "verp",
  },
});

/** How recipients unsubscribe. */
export const MAILING_LIST = settings("Unsubscribing", {
  "unsubscribe-url": {
    argument: "<url>",
    help: "URL of 'unsubscribe serve', or your own link: https://…?email={{ Email }}",
    key: "unsubscribe.url",
  },
  "unsubscribe-mailto": {
    argument: "<address>",
    help: "mailbox for unsubscribe requests",
    key: "unsubscribe.mailto",
  },
  "unsubscribe-secret-file": {
    argument: "<file>",
    help: "secret of the links (or UNSUBSCRIBE_SECRET)",
    key: "unsubscribe.secret_file",
    secret: true,
  },
  "list-id": {
    argument: "<id>",
    help: "the list's name: 'Acme News <news.example.com>'",
    key: "list_id",
  },
  "feedback-id": {
    argument: "<text>",
    help: "Feedback-ID for Gmail's complaint reports",
    key: "feedback_id",
  },
});

/** How the mails are signed. */
export const DKIM = settings("DKIM", {
  "dkim-domain": {
    argument: "<domain>",
    help: "sign the mails for this domain, the one in From",
    key: "dkim.domain",
  },
  "dkim-selector": {
    argument: "<name>",
    help: "where the key is in the DNS; one for each key",
    repeatable: true,
    key: "dkim.selector",
    type: "texts",
  },
  "dkim-key": {
    argument: "<file>",
    help: "private key, PEM; give two for RSA and Ed25519",
    repeatable: true,
    key: "dkim.key",
    type: "texts",
    secret: true,
  },
  "threads": {
    argument: "<n>",
    help: "threads that make RSA signatures, 0 to 64",
    default: "one for each core",
    key: "threads",
    type: "count",
  },
});

/** The endpoint of `unsubscribe serve`. */
export const SERVER = settings("Server", {
  "base-url": {
    argument: "<url>",
    help: "https URL that the links in mails begin with",
    key: "unsubscribe.url",
  },
  "trust-proxy": {
    argument: "<n>",
    help: "number of reverse proxies whose X-Forwarded-For is trusted",
    default: "0",
    key: "unsubscribe.trust_proxy",
    type: "count",
  },
  "sender": {
    argument: "<name>",
    help: "name of the sender, shown on the page",
    key: "unsubscribe.sender",
  },
});
