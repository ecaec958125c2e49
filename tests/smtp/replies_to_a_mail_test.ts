import assert from "node:assert/strict";
import { FakeClock, settled } from "./fake_clock.ts";
import { FakeConn } from "./fake_conn.ts";
import { free, mailTo, outline } from "./fixtures.ts";
import { CHUNKS, clientOver, GROUPS, LOCK_STEP, TIMEOUTS } from "./client_over.ts";

/** The outcome of one mail if the server sends these codes, one per packet, and then closes. */
async function fate(offers: readonly string[], codes: readonly number[]): Promise<string> {
  const conn = new FakeConn();
  const client = clientOver(conn, offers);
  const attempt = client.send(mailTo("a@b.test"), free);
  for (const code of codes) {
    await settled();
    conn.say(`${code} x\r\n`);
  }
  await settled();
  conn.stop(null);
  return outline(await attempt);
}

/** With CHUNKING the whole mail has left before the first reply: MAIL, RCPT, BDAT. */
for (
  const [codes, expected] of [
    [[250, 250, 250], "accepted 250"],
    [[250, 250, 299], "accepted 299"],
    [[250, 250, 400], "refused body 400"],
    [[250, 250, 552], "refused body 552"],
    // It read the chunk as commands: it was not taken, for sure.
    [[250, 250, 500], "broken body out-of-step"],
    [[250, 250, 503], "broken body out-of-step"],
    [[250, 250, 504], "refused body 504"],
    [[250, 250, 354], "broken body out-of-step handed-over"],
    [[250, 550, 503], "refused rcpt 550"],
    [[250, 550, 250], "refused rcpt 550"],
    [[250, 503, 503], "broken rcpt out-of-step"],
    [[250, 503, 250], "broken rcpt out-of-step handed-over"],
    [[250, 354], "broken rcpt out-of-step handed-over"],
    [[550, 503, 503], "refused mail 550"],
    [[450, 503, 503], "refused mail 450"],
    // No mail was accepted.
    [[550, 503, 250], "refused mail 550"],
    // One was, but it cannot be determined in which transaction.
    [[550, 250, 250], "broken body out-of-step handed-over"],
    [[354], "broken mail out-of-step handed-over"],
    [[421], "refused mail 421"],
    [[250, 421], "refused rcpt 421"],
    [[250, 250, 421], "refused body 421"],
    [[250, 250], "broken body closed handed-over"],
  ] as const
) {
  Deno.test(`Chunking: ${codes.join(", ")} means ${expected}`, async () => {
    assert.equal(await fate(CHUNKS, codes), expected);
  });
}

Deno.test("Chunking: a chunk that was read as commands is not in doubt, even if the server stays connected and falls silent", async () => {
  using clock = new FakeClock();
  const conn = new FakeConn();
  const client = clientOver(conn, CHUNKS);
  const attempts = [client.send(mailTo("a@b.test"), free), client.send(mailTo("b@b.test"), free)];
  for (const code of [250, 250, 503]) {
    await settled();
    conn.say(`${code} x\r\n`);
  }
  await clock.advance(TIMEOUTS.closing);
  assert.deepEqual((await Promise.all(attempts)).map(outline), [
    "broken body out-of-step",
    // It may have accepted the next one.
    "broken rset out-of-step handed-over",
  ]);
});

/** MAIL, RCPT, DATA and the body, in a group and one by one. */
for (
  const [codes, grouped, single] of [
    [[250, 250, 354, 250], "accepted 250", "accepted 250"],
    [[250, 250, 399, 299], "accepted 299", "accepted 299"],
    [[250, 250, 354, 400], "refused body 400", "refused body 400"],
    [[250, 250, 354, 503], "refused body 503", "refused body 503"],
    [
      [250, 250, 354, 354],
      "broken body out-of-step handed-over",
      "broken body protocol handed-over",
    ],
    [[250, 250, 354], "broken body closed handed-over", "broken body closed handed-over"],
    [[250, 250, 250], "broken data out-of-step", "broken data protocol"],
    [[250, 250, 299], "broken data out-of-step", "broken data protocol"],
    [[250, 250, 400], "refused data 400", "refused data 400"],
    [[250, 250, 554], "refused data 554", "refused data 554"],
    // In a group, it has not read what was written; alone, it is a reply to DATA.
    [[250, 250, 503], "broken data out-of-step", "refused data 503"],
    [[250, 250], "broken data closed", "broken data closed"],
    [[250, 550, 503], "refused rcpt 550", "refused rcpt 550"],
    // DATA is accepted without a recipient, and the lone dot has no meaning.
    [[250, 550, 354, 250], "refused rcpt 550", "refused rcpt 550"],
    [[250, 503, 503], "broken rcpt out-of-step", "refused rcpt 503"],
    [[250, 354], "broken rcpt out-of-step", "broken rcpt protocol"],
    [[550, 503, 503], "refused mail 550", "refused mail 550"],
    // A body would go to an unknown recipient.
    [[550, 250, 354], "refused mail 550", "refused mail 550"],
    [[354], "broken mail out-of-step", "broken mail protocol"],
    [[421], "refused mail 421", "refused mail 421"],
    [[250, 250, 421], "refused data 421", "refused data 421"],
    [[250, 250, 354, 421], "refused body 421", "refused body 421"],
  ] as const
) {
  Deno.test(`DataGroups and LockStep: ${codes.join(", ")} means ${grouped} and ${single}`, async () => {
    assert.deepEqual([await fate(GROUPS, codes), await fate(LOCK_STEP, codes)], [grouped, single]);
  });
}
