import assert from "node:assert/strict";
import { type Peer, ScriptedServer } from "../support/scripted_server.ts";
import { Pipeline } from "./pipeline.ts";
import { relayAt } from "../smtp/fixtures.ts";

/**
 * A server that records which commands it obeyed and which recipients it accepted; `pass` determines what it does with
 * chunks whose RCPT it refused.
 */
class Server extends ScriptedServer {
  readonly taken: string[] = [];
  readonly verbs = new Set<string>();
  /** Commands that our client never sends. */
  readonly obeyed: string[] = [];
  connections = 0;
  readonly #refuses: (recipient: string) => boolean;
  readonly #reads: "commands" | "chunks, until ten mails are taken";

  constructor(
    refuses: (recipient: string) => boolean,
    reads: "commands" | "chunks, until ten mails are taken",
  ) {
    super((peer) => this.#serve(peer));
    this.#refuses = refuses;
    this.#reads = reads;
  }

  /** As go-smtp 0.15 does: 502 to a BDAT without recipients, the chunk unread; four errors end the connection. */
  async #serve(peer: Peer): Promise<void> {
    this.connections++;
    await peer.reply("220 mx.test");
    let recipient = "";
    let errors = 0;
    for (let line; (line = await peer.line()) !== undefined;) {
      const [verb = "", size] = line.split(" ");
      this.verbs.add(verb);
      if (verb === "EHLO") await peer.reply("250-mx.test", "250-PIPELINING", "250 CHUNKING");
      else if (verb === "MAIL" || verb === "RSET") {
        recipient = "";
        await peer.reply("250 ok");
      } else if (verb === "RCPT") {
        const named = /<(.*)>/.exec(line)![1]!;
        recipient = this.#refuses(named) ? "" : named;
        await peer.reply(recipient === "" ? "550 5.1.1 no such user" : "250 ok");
      } else if (verb === "BDAT" && recipient === "") {
        if (this.#reads !== "commands" && this.taken.length < 10) await peer.bytes(Number(size));
        await peer.reply("502 5.5.1 Missing RCPT TO command.");
      } else if (verb === "BDAT" || (verb === "DATA" && recipient !== "")) {
        if (verb === "BDAT") await peer.bytes(Number(size));
        else await peer.reply("354 go").then(() => peer.body());
        this.taken.push(recipient);
        recipient = "";
        await peer.reply("250 taken");
      } else if (verb === "DATA") await peer.reply("502 5.5.1 Missing RCPT TO command.");
      else if (verb === "QUIT") {
        await peer.reply("221 bye");
        return peer.close();
      } else {
        if (verb === "VRFY") this.obeyed.push(line);
        await peer.reply(`500 5.5.2 Syntax errors, ${verb} command unrecognized`);
        if (++errors <= 3) continue;
        await peer.reply("500 5.5.1 Too many errors. Quiting now");
        return await peer.reset();
      }
    }
  }
}

const isBad = (address: string) => Number(/\d+/.exec(address)![0]) % 20 === 7;

/** Whose mails begin with a line that would be a command. */
const composer = {
  compose: ({ address }: { address: string }) => ({
    envelope: { sender: "s@a.test", recipient: address, smtpUtf8: false },
    messageId: `<${address}>`,
    bytes: new TextEncoder().encode(`VRFY root\r\nSubject: x\r\n\r\nHello\r\nBye\r\n`),
    eightBit: false,
  }),
};

for (const reads of ["commands", "chunks, until ten mails are taken"] as const) {
  Deno.test(`A server with CHUNKING that reads what it refuses as ${reads}: 95 of 100 sent, 5 failed, nobody in doubt or twice`, async () => {
    await using server = new Server(isBad, reads);
    const pipeline = new Pipeline({
      count: 100,
      slots: 4,
      relays: [server.port],
      composer: composer as never,
    });
    assert.ok(await pipeline.run());
    const states = Map.groupBy(pipeline.ends.values(), ({ state }) => state);
    assert.deepEqual([...states.keys()].toSorted(), ["failed", "sent"], pipeline.news.join("\n"));
    assert.equal(states.get("failed")!.length, 5);
    assert.equal(new Set(server.taken).size, 95);
    assert.equal(server.taken.length, 95);
    const said = pipeline.news.filter((news) => news.includes("without CHUNKING"));
    assert.equal(said.length, 1, pipeline.news.join("\n"));
    if (reads === "commands") assert.deepEqual(server.obeyed, [], "nothing of a mail was obeyed");
  });
}

Deno.test("A relay with chunking=off is never sent a chunk, and one with pipelining=off is sent no group", async () => {
  await using server = new Server(isBad, "commands");
  const relay = relayAt(server.port, { chunking: false });
  const pipeline = new Pipeline({ count: 40, slots: 2, relays: [relay] });
  assert.ok(await pipeline.run());
  assert.equal(server.taken.length, 38);
  assert.ok(!server.verbs.has("BDAT"));
  assert.deepEqual(pipeline.news, []);

  const written: string[] = [];
  await using alone = new ScriptedServer(async (peer) => {
    await peer.play(`
      S: 220 mx.test
      C: EHLO client.test
      S: 250-mx.test
      S: 250-CHUNKING
      S: 250 PIPELINING`);
    for (const reply of ["250 ok", "250 ok", "354 go"]) {
      await peer.line();
      // Whatever is in the same group has been read by now.
      await new Promise((next) => setTimeout(next, 30));
      written.push(peer.text);
      await peer.reply(reply);
    }
    await peer.body();
    await peer.play("S: 250 ok\nC: QUIT\nS: 221 bye");
  });
  const one = new Pipeline({
    count: 1,
    relays: [relayAt(alone.port, { pipelining: false })],
    composer: composer as never,
  });
  assert.ok(await one.run());
  await alone.finished();
  assert.deepEqual(written.map((text) => text.trimEnd().split("\r\n").at(-1)), [
    "MAIL FROM:<s@a.test>",
    "RCPT TO:<r1@x.test>",
    "DATA",
  ]);
});
