import type { Composer } from "../../compose/composer.ts";
import type { Stop } from "../../model/stop.ts";

/** Rows in a row that make no mail for one and the same reason, before a single one did: no accident of theirs. */
const MOST_ALIKE = 20;

/**
 * The composer of a run. What is thrown while a row becomes a mail is that row's reason, and the others go out; but where it
 * is thrown alike for the first rows of all, it is the content's fault or ours, and the run stops before it has made the
 * whole list invalid.
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
            `Not one mail can be made: the first ${alike} rows are invalid for one reason: ${last}`,
            "'check' makes the mail of every row and sends nothing; correct the template or the list",
          );
        }
      }
      return mail;
    },
  };
}
