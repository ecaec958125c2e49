import { percentDecoded } from "../escaping/percent_encoding.ts";

/** What stands behind a link's text: its target, or nothing where the text says as much. */
export function linkEnd(text: string, target: string): string {
  return saysTarget(text, target) ? "" : ` [${target}]`;
}

/** A link's text says where it leads, as far as a reader is concerned, so that the target need not be told again. */
function saysTarget(text: string, target: string): boolean {
  return text !== "" && plainTarget(text) === plainTarget(target);
}

/** A target without what people leave out or write in another way. */
function plainTarget(text: string): string {
  const target = percentDecoded(text.trim());
  const phone = /^tel:/i.test(target) || /^\+?[\d\s().\/-]+$/.test(target);
  if (phone) return target.replace(/^tel:/i, "").replace(/[\s().\/-]+/g, "");
  const mailbox = /^(?:mailto:)?([^\s@\/:?]+@[^\s@\/:?]+)(?:\?|$)/i.exec(target)?.[1];
  if (mailbox !== undefined) return mailbox.toLowerCase();
  const [, host = "", path = ""] = /^(?:https?:\/\/)?([^\/?#]*)([^]*)$/i.exec(target)!;
  return host.toLowerCase() + path.replace(/\/$/, "");
}
