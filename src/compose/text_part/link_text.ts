import { percentDecoded } from "../escaping/percent_encoding.ts";

/** What follows a link's text: its target, or nothing if the text already says it. */
export function linkEnd(text: string, target: string): string {
  return saysTarget(text, target) ? "" : ` [${target}]`;
}

/** Returns whether a link's text already shows the reader where it leads. */
function saysTarget(text: string, target: string): boolean {
  return text !== "" && plainTarget(text) === plainTarget(target);
}

/** A target without the parts that people omit or write differently. */
function plainTarget(text: string): string {
  const target = percentDecoded(text.trim());
  const phone = /^tel:/i.test(target) || /^\+?[\d\s().\/-]+$/.test(target);
  if (phone) return target.replace(/^tel:/i, "").replace(/[\s().\/-]+/g, "");
  const mailbox = /^(?:mailto:)?([^\s@\/:?]+@[^\s@\/:?]+)(?:\?|$)/i.exec(target)?.[1];
  if (mailbox !== undefined) return mailbox.toLowerCase();
  const [, host = "", path = ""] = /^(?:https?:\/\/)?([^\/?#]*)([^]*)$/i.exec(target)!;
  return host.toLowerCase() + path.replace(/\/$/, "");
}
