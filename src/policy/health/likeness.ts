import type { Reply } from "../../model/reply.ts";

/** Parts that differ between two refusals for the same reason: addresses, queue ids, times, counts. */
const OF_THE_MAIL = /[^\s<>()[\]"']*[@\d][^\s<>()[\]"']*/g;

/** Longest part of a reply that is compared. */
const LONGEST = 200;

/**
 * Returns the reply without the details of one mail, so that two recipients refused for the same reason have the same
 * likeness. It is compared, never interpreted.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * const of = (text: string) => likenessOf({ code: 550, enhanced: "5.7.1", text });
 * assert.equal(of("<a@x.test>: not you (id 4XyZ1)"), of("<b@y.test>: not you (id 9AbC7)"));
 * assert.notEqual(of("not you"), of("not today"));
 * ```
 */
export function likenessOf({ code, enhanced = "", text }: Reply): string {
  const words = text.slice(0, LONGEST).toLowerCase().replace(OF_THE_MAIL, "#");
  return `${code} ${enhanced} ${words.replace(/\s+/g, " ").trim()}`;
}
