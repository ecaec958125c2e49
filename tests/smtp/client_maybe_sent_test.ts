import assert from "node:assert/strict";
import type { SmtpClient } from "../../src/smtp/smtp_client.ts";
import { FakeClock, settled } from "./fake_clock.ts";
import { FakeConn } from "./fake_conn.ts";
import { free, mailTo, outline } from "./fixtures.ts";
import { CHUNKS, clientOver, GROUPS, LOCK_STEP, TIMEOUTS } from "./client_over.ts";

// A mail whose last byte may have reached the server is in doubt. With any other outcome, it would be sent twice.

/** Replies up to the body; how many writes the envelope takes, and the stage of a lost mail. */
const STRATEGIES = [
  ["lock-step", LOCK_STEP, ["250 ok", "250 ok", "354 go"], 3, "body"],
  ["groups", GROUPS, ["250 ok", "250 ok", "354 go"], 1, "body"],
  ["chunks", CHUNKS, [], 0, "mail"],
] as const;

const NEVER = new Promise<number>(() => {});

/** Ways to lose a connection during a write. */
const LOSSES = [
  ["the server closes", NEVER, (conn: FakeConn) => conn.stop(null), "closed"],
  [
    "the server resets",
    NEVER,
    (conn: FakeConn) => conn.stop(new Deno.errors.ConnectionReset("reset")),
    "closed",
  ],
  [
    "writing fails",
    new Deno.errors.BrokenPipe("broken pipe"),
    (conn: FakeConn) => conn.stop(new Deno.errors.ConnectionReset("reset")),
    "closed",
  ],
  [
    "writing takes too long",
    NEVER,
    (_conn: FakeConn, _lane: SmtpClient, clock: FakeClock) => clock.advance(TIMEOUTS.write),
    "timeout",
  ],
  [
    "the run is given up",
    NEVER,
    (_conn: FakeConn, client: SmtpClient) => client.destroy(),
    "cancelled",
  ],
] as const;

const SMALL = mailTo("a@b.test");
/** Leaves in three slices; then comes the final dot, or the envelope was written before them. */
const LARGE = mailTo("a@b.test", `${"x".repeat(150 * 1_024)}\r\n`);

for (const [strategy, offers, replies, envelope, stage] of STRATEGIES) {
  for (const [loss, taken, lose, cause] of LOSSES) {
    /** The outcome of the mail if the connection is lost in its nth write after the envelope, counted from 0. */
    const fate = async (mail: typeof SMALL, nth: number): Promise<string> => {
      using clock = new FakeClock();
      const conn = new FakeConn();
      const client = clientOver(conn, offers);
      conn.taken.push(...Array.from({ length: envelope + nth }, () => undefined), taken);
      const attempt = client.send(mail, free);
      await settled();
      for (const reply of replies) {
        conn.say(`${reply}\r\n`);
        await settled();
      }
      assert.equal(conn.writes.length, envelope + nth + 1);
      await lose(conn, client, clock);
      return outline(await attempt);
    };

    Deno.test(`SmtpClient calls a mail in doubt when, while its last byte is written, ${loss} (${strategy})`, async () => {
      assert.equal(await fate(SMALL, 0), `broken ${stage} ${cause} handed-over`);
      assert.equal(await fate(LARGE, 3), `broken ${stage} ${cause} handed-over`);
    });

    Deno.test(`SmtpClient does not call a mail in doubt when, before its last byte is written, ${loss} (${strategy})`, async () => {
      assert.equal(await fate(LARGE, 2), `broken ${stage} ${cause}`);
    });
  }
}

Deno.test("SmtpClient respects a refusal that the server sends after the write of a large body has failed", async () => {
  for (const [strategy, offers, replies, envelope] of STRATEGIES) {
    if (strategy === "chunks") continue; // There the replies to MAIL and RCPT come first.
    const conn = new FakeConn();
    const client = clientOver(conn, offers);
    conn.taken.push(
      ...Array.from({ length: envelope + 1 }, () => undefined),
      new Deno.errors.ConnectionReset("reset"),
    );
    const attempt = client.send(LARGE, free);
    for (const reply of [...replies, "552 5.3.4 too much"]) {
      await settled();
      conn.say(`${reply}\r\n`);
    }
    assert.equal(outline(await attempt), "refused body 552");
    assert.equal(conn.closed, 1);
  }
});
