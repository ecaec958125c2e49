import type { Email } from "postal-mime";
import { parseHtml } from "../../compose/html/parse_html.ts";
import { isBlank } from "../../text/blank.ts";
import { type Finding, findingsAt, type Where } from "../finding.ts";
import { htmlFindings } from "./html_findings.ts";

/** File types that Gmail never accepts, zipped or not. */
const BLOCKED =
  /\.(?:ade|adp|apk|appx|bat|cab|chm|cmd|com|cpl|dll|dmg|exe|hta|ins|iso|isp|jar|jse?|lib|lnk|mde|ms[cipt]|nsh|pif|ps1|scr|sct|shb|sys|vb[es]?|vhd|vxd|ws[cfh]|xll)$/i;

/** Examines the parts of a rendered mail. */
export function* contentFindings(mail: Email, where: Where): Generator<Finding> {
  const finding = findingsAt(where);
  const braces = leftBraces(mail);
  if (braces !== undefined) {
    yield finding(
      "warning",
      "content.braces",
      `A mail shows template syntax: ${braces}`,
      "Recipients see it literally; it comes from a cell, or from raw text in the template",
      "Look at the mail with preview --row, and correct the cell or the template",
    );
  }
  if (mail.html !== undefined && isBlank(mail.text ?? "")) {
    yield finding(
      "warning",
      "content.no-text",
      "The text part is empty",
      "RFC 2046, 5.1.4: people who read mail as text see nothing",
      "Write one with --text FILE, or put text beside the images in the HTML",
    );
  }
  for (const { filename, mimeType } of mail.attachments) {
    if (filename === null || !BLOCKED.test(filename)) continue;
    yield finding(
      "warning",
      "content.blocked-file",
      `The attachment '${filename}' (${mimeType}) is of a type that providers refuse`,
      "Gmail refuses mails with such files (support.google.com/mail/answer/6590)",
      "Link to the file instead",
    );
  }
  if (mail.html !== undefined) yield* htmlFindings(mail.html, finding);
}

/** Returns template syntax in what a recipient sees, with a few characters around it. */
export function leftBraces(mail: Pick<Email, "subject" | "text" | "html">): string | undefined {
  const parts = [
    ["subject", mail.subject ?? ""],
    ["text", mail.text ?? ""],
    ["HTML", withoutUnseen(mail.html ?? "")],
  ] as const;
  for (const [name, text] of parts) {
    // Program code can contain one of the pairs; style sheets and JSON both, with nothing between them.
    const found = /\{\{[^{}]{1,200}\}\}|\{%[^{}]{1,200}%\}/.exec(text);
    if (found === null) continue;
    const around = text.slice(Math.max(0, found.index - 20), found.index + 40);
    return `'${around.replaceAll(/\s+/g, " ").trim()}' in the ${name}`;
  }
  return undefined;
}

/** What an HTML text shows or leads to, with the values of attributes, without style sheets, scripts and comments. */
function withoutUnseen(html: string): string {
  const seen: string[] = [];
  let unseen: string | undefined;
  parseHtml(html, {
    onopentag(name, attributes) {
      if (name === "style" || name === "script") unseen = name;
      seen.push(
        " ",
        ...Object.entries(attributes).flatMap(([key, value]) => [key, "=", value, " "]),
      );
    },
    ontext(text) {
      if (unseen === undefined) seen.push(text);
    },
    onclosetag(name) {
      if (name === unseen) unseen = undefined;
    },
  });
  return seen.join("");
}
