/** What the program adds to an output that begins a link's target in HTML: {@linkcode linkTarget} as a Liquid filter. */
export const LINK_TARGET_FILTER = "| link_target";
export const LINK_TARGET = "link_target";

/** A target without a scheme, or with one that runs nothing and reads no file. */
const HARMLESS = /^(?:(?:https?|mailto|tel|sms|cid):|[^:&\/?#]*(?:[\/?#]|$))/i;

/**
 * A value as the start of a link's or an image's target: as it is, or "#" if it would be a `javascript:`, `data:`,
 * `file:` link or any other but http, https, mailto, tel, sms and cid.
 *
 * White space and control characters do not hide a scheme, just as in a browser (WHATWG URL, 4.4).
 */
export function linkTarget(value: string): string {
  return HARMLESS.test(value.replace(/[\0-\x20\x7F-\xA0]+/g, "")) ? value : "#";
}
