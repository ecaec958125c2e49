import type { Composer } from "../../compose/composer.ts";
import type { Stop } from "../../model/stop.ts";

/** Consecutive rows that make no mail for the same reason, before any row made one: no coincidence. */
const MOST_ALIKE = 20;

/**
 * The composer of a run. An error thrown while a row becomes a mail is that row's reason, and the others go out. If the very
 * first rows all fail for the same reason, the content is at fault, or we are: the run stops before it has made the whole
 * list invalid.
 */
export function stopOnBrokenContent(composer: Composer, stop: Stop): Composer {
  let made = false;
  let alike = 0;
  let last: string | undefined;
  return {
    ...composer,
    compose(recipient, transport) {
      const mail = composer.compose(recipient, transport);
      if (made) return mail;
      if (!("kind" in mail)) made = true;
      else if (mail.cause !== undefined) {
        alike = mail.reason === last ? alike + 1 : 1;
        last = mail.reason;
        if (alike === MOST_ALIKE) {
          stop.request(
            "content",
            `No mail can be made: the first ${alike} rows are invalid for the same reason: ${last}`,
            "Fix the template or the list. 'check' composes the mail of every row and sends nothing.",
          );
        }
      }
      return mail;
    },
  };
}
