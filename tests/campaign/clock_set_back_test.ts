import assert from "node:assert/strict";
import { openDatabase } from "../support/database.ts";
import { ScriptedServer } from "../support/scripted_server.ts";
import { Campaign } from "./campaign.ts";

const MONTH = 30 * 86_400_000;

/** Defers everybody once, then accepts them. */
function greylisting(onDeferred: () => void = () => {}): ScriptedServer {
  const met = new Set<string>();
  return new ScriptedServer(async (peer) => {
    await peer.reply("220 mx");
    for (let line; (line = await peer.line()) !== undefined;) {
      if (line.startsWith("EHLO")) await peer.reply("250 mx");
      else if (line.startsWith("RCPT") && !met.has(line)) {
        met.add(line);
        await peer.reply("450 4.2.0 later");
        onDeferred();
      } else if (line === "DATA") {
        await peer.reply("354 go");
        await peer.body();
        await peer.reply("250 ok");
      } else if (line === "QUIT") return await peer.reply("221 bye");
      else await peer.reply("250 ok");
    }
  });
}

Deno.test("A deferred recipient is retried on time even if the clock is set back by a month meanwhile", async () => {
  const wall = Date.now;
  try {
    // A moment later, when the due times are in the ledger; the first of them is at least 333 ms away.
    const setBack = (): void => void setTimeout(() => Date.now = () => wall() - MONTH, 50);
    await using server = greylisting(setBack);
    using campaign = new Campaign(3);
    const waited = setTimeout(() => campaign.stop(), 30_000);
    const { exitCode, tally } = await campaign.send([server.port], { firstRetryMs: 2_000 });
    clearTimeout(waited);
    assert.deepEqual({ exitCode, sent: tally.sent }, { exitCode: 0, sent: 3 });
  } finally {
    Date.now = wall;
  }
});

Deno.test("A run retries at once those deferred by an earlier run whose clock was a month ahead", async () => {
  await using server = greylisting();
  using campaign = new Campaign(3);
  const first = await campaign.send([server.port], { wait: false, firstRetryMs: 7_200_000 });
  assert.deepEqual([first.exitCode, first.tally.deferred], [3, 3]);
  {
    using database = openDatabase(campaign.ledger);
    database.exec(
      `UPDATE recipient SET not_before = not_before + ${MONTH}, first_tried_at = first_tried_at + ${MONTH}`,
    );
  }
  const second = await campaign.send([server.port], { wait: false });
  assert.deepEqual([second.exitCode, second.tally.sent], [0, 3]);
});
