/** The filter added to an output that begins a link's target in HTML: {@linkcode linkTarget} in Liquid. */
export const LINK_TARGET_FILTER = "| link_target";
export const LINK_TARGET = "link_target";

/** A target without a scheme, or with one that runs nothing and reads no file. */
const HARMLESS = /^(?:(?:https?|mailto|tel|sms|cid):|[^:&\/?#]*(?:[\/?#]|$))/i;

/**
 * Returns a value for the start of a link's or an image's target: unchanged, or "#" if its scheme is `javascript:`,
 * `data:`, `file:` or any other except http, https, mailto, tel, sms and cid.
 *
 * White space and control characters do not hide a scheme, just as in a browser (WHATWG URL, 4.4).
 */
export function linkTarget(value: string): string {
  return HARMLESS.test(value.replace(/[\0-\x20\x7F-\xA0]+/g, "")) ? value : "#";
}
