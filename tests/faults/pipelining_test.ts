import assert from "node:assert/strict";
import { TIMEOUTS } from "../../src/smtp/wire/timeouts.ts";
import { type Peer, ScriptedServer } from "../support/scripted_server.ts";
import { free, mailTo, openClient, outline, sendAll } from "../smtp/fixtures.ts";
import { run } from "./run.ts";
import { type Answers, servers } from "./server.ts";

// What goes wrong while several commands are under way at once.

const SENT = ["p1 sent 1", "p2 sent 1", "p3 sent 1"];

Deno.test("Lost replies to a group end the connection, and put PIPELINING under suspicion", async () => {
  await using server = servers({ RCPT: "!stall" });
  const client = await openClient(server.port, { timeouts: { rcpt: 40 } });
  assert.equal(outline(await client.send(mailTo("a@b.test"), free)), "broken rcpt timeout");
  assert.equal(client.pipeliningSuspect, true);
});

/** Answers the first command of each packet and ignores the commands after it. */
class LosesReplies extends ScriptedServer {
  /** Whether commands were pipelined, on each connection. */
  readonly pipelined: boolean[] = [];

  constructor() {
    super((peer) => this.#serve(peer));
  }

  async #serve(peer: Peer): Promise<void> {
    const connection = this.pipelined.push(false) - 1;
    // A client that does not learn must not try forever.
    await peer.reply(connection < 4 ? "220 mx" : "554 enough");
    for (let line; (line = await peer.line()) !== undefined;) {
      const verb = line.slice(0, 4);
      const replies: Record<string, string[]> = {
        EHLO: ["250-mx", "250 PIPELINING"],
        DATA: ["354 go"],
        QUIT: ["221 bye"],
      };
      await peer.reply(...replies[verb] ?? ["250 ok"]);
      if (!peer.text.endsWith(`${line}\r\n`)) {
        this.pipelined[connection] = true;
        return await peer.drain();
      }
      if (verb === "DATA") await peer.body().then(() => peer.reply("250 taken"));
    }
  }
}

Deno.test("A host that loses replies to a group is disconnected after their timeout, then gets one command at a time", async () => {
  const { rcpt } = TIMEOUTS;
  await using server = new LosesReplies();
  try {
    Object.assign(TIMEOUTS, { rcpt: 40 });
    const result = await run({ port: server.port, random: 0, count: 3, flags: { wait: true } });
    assert.deepEqual([result.exitCode, result.fates], [0, SENT]);
    assert.equal(result.news.filter((line) => /does not answer pipelined/.test(line)).length, 1);
  } finally {
    Object.assign(TIMEOUTS, { rcpt });
  }
  assert.deepEqual(server.pipelined, [true, false]);
});

Deno.test("Two sides that both write do not block each other", async () => {
  const wordy = Array.from(
    { length: 40 },
    (_, at) => `250${at < 39 ? "-" : " "}${"y".repeat(120)}`,
  );
  const many = 200;
  const answer = wordy.join("|");
  await using server = servers({
    offers: ["PIPELINING", "CHUNKING"],
    MAIL: Array.from({ length: many }, () => answer),
    RCPT: Array.from({ length: many }, () => answer),
    body: Array.from({ length: many }, () => answer),
  });
  const client = await openClient(server.port, { window: many });
  const large = mailTo("a@b.test", `${"x".repeat(900)}\r\n`.repeat(20));
  const outlines = await sendAll(client, Array.from({ length: many }, () => large));
  assert.deepEqual(new Set(outlines), new Set(["accepted 250"]));
});

/** A refusal in the middle of several mails under way applies to its own mail only. */
for (
  const [name, offers] of [["a group of DATA", []], ["a window of chunks", ["CHUNKING"]]] as const
) {
  for (const stage of ["RCPT", "body"] as const) {
    Deno.test(`A refusal at ${stage} in the middle of ${name} does not affect its neighbours`, async () => {
      const refused = ["", "", "550 5.1.1 who"];
      const answers: Answers = stage === "RCPT"
        ? {
          RCPT: refused,
          DATA: ["", "", "503 no"],
          ...(offers.length > 0 && { body: ["", "", "503 no"] }),
        }
        : { body: refused };
      await using server = servers({ ...answers, offers: ["PIPELINING", ...offers] });
      const result = await run({ port: server.port, count: 6 });
      assert.deepEqual(result.fates, [
        ...["p1 sent 1", "p2 sent 1", "p3 failed 1", "p4 sent 1", "p5 sent 1", "p6 sent 1"],
      ]);
      assert.equal(server.peers.length, 1);
    });
  }
}
