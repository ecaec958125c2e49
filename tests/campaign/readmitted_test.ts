import assert from "node:assert/strict";
import { countReadmitted } from "../../src/campaign/content/readmitted.ts";
import type { PreviousRun } from "../../src/campaign/previous/previous_run.ts";
import type { SendOptions } from "../../src/campaign/send_options.ts";
import { copyKeyOf, mailboxKeyOf, mainKeyOf } from "../../src/model/recipient.ts";
import type { Mail } from "../../src/model/mail.ts";
import { entry, FACTS, Folder, openAt, recipient } from "../ledger/ledgers.ts";

/** How many are readmitted of a recipient and a copy, both suppressed before, if these mailboxes are suppressed now. */
async function readmitted(suppressed: readonly string[]): Promise<number> {
  using folder = new Folder();
  const main = recipient(2);
  const key = copyKeyOf("boss@x.test", main.key);
  const copy = { ...main, key, address: "boss@x.test", copyOf: main };
  {
    await using ledger = openAt(folder.file());
    await ledger.claim([entry(main, "Suppressed"), entry(copy, "Suppressed")], 2);
  }
  const options = { ledger: folder.file(), offset: 0, only: [], retry: { states: [], keys: [] } };
  const tally = { invalid: 0, skipped: 2 };
  return await countReadmitted(options as Partial<SendOptions> as SendOptions, {
    previous: { facts: FACTS, tally } as Partial<PreviousRun> as PreviousRun,
    facts: FACTS,
    composer: { compose: () => ({}) as Mail },
    suppression: {
      why: (key) =>
        [key, mainKeyOf(key)].some((one) => suppressed.includes(mailboxKeyOf(one)))
          ? "left"
          : undefined,
    },
  });
}

Deno.test("countReadmitted() counts no copy of a mail to somebody who is suppressed, as it is not sent", async () => {
  assert.equal(await readmitted([]), 2);
  assert.equal(await readmitted(["boss@x.test"]), 1);
  assert.equal(await readmitted(["r2@x.test"]), 0);
});
