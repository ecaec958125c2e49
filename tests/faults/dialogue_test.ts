import assert from "node:assert/strict";
import { ScriptedServer } from "../support/scripted_server.ts";
import { free, mailTo, openClient, outline } from "../smtp/fixtures.ts";
import { run } from "./run.ts";
import { type Answers, server as behaving, servers } from "./server.ts";

// What goes wrong between MAIL and the end of a connection.

const SENT = ["p1 sent 1", "p2 sent 1"];

/** Only the first connection misbehaves. What becomes of two recipients, of whom p1 meets the fault. */
for (
  const [sentence, answers, fates] of [
    ["Replies of several lines, and without text, are understood", {
      greeting: "220-mx.test|220-welcome|220 ESMTP",
      MAIL: ["250-2.1.0 a|250 2.1.0 b", "250"],
      RCPT: ["250-a|250-b|250 c", "250"],
      DATA: ["354-a|354 b", "354"],
      body: ["250-a|250 b", "250"],
      QUIT: "221-a|221 b",
    }, SENT],
    ["A reply with differing codes ends the connection", { RCPT: "250-ok|550 no" }, SENT],
    ["A code that is not a number ends the connection", { MAIL: "OK then !stall" }, SENT],
    ["A code outside of 2 to 5 ends the connection", { MAIL: "666 hm" }, SENT],
    ["After the dot, an invalid reply leaves the mail in doubt", { body: "666 hm" }, [
      "p1 in-doubt 1",
      "p2 sent 1",
    ]],
    [
      "After the dot, a reply with differing codes leaves the mail in doubt",
      { body: "250-ok|550 no" },
      ["p1 in-doubt 1", "p2 sent 1"],
    ],
    ["An unknown code that starts with 4 defers the mail", { RCPT: "459 hm", DATA: "503 no" }, [
      "p1 sent 2",
      "p2 sent 1",
    ]],
    ["An unknown code that starts with 5 fails the mail", {
      RCPT: ["559 hm", "", "559 hm"],
      DATA: ["503 no", "", "503 no"],
    }, [
      "p1 failed 1",
      "p2 sent 1",
    ]],
    ["A line of 2,000 characters is tolerated", { RCPT: `250 ${"x".repeat(2_000)}` }, SENT],
    [
      "An endless reply ends the connection",
      { MAIL: `!raw ${"250-more\r\n".repeat(4_000)}` },
      SENT,
    ],
    ["An endless line ends the connection", { MAIL: `!raw 250 ${"x".repeat(200_000)}` }, SENT],
    ["Replies that come byte by byte are put together", {
      bytewise: true,
      body: "250 grüße 😀",
    }, SENT],
    ["A reply without a command ends the connection, and counts for nobody", {
      EHLO: "250-mx|250 PIPELINING|250 2.1.0 more",
    }, SENT],
    [
      "A 250 that comes together with the 354 does not count for the mail",
      { DATA: "354 go|250 taken already" },
      SENT,
    ],
    ["A 421 without a command closes the connection", {
      EHLO: "250-mx|250 PIPELINING|421 bye then !close",
    }, SENT],
    ["A reset after MAIL returns the mail to the queue", { MAIL: "250 ok then !reset" }, SENT],
    ["A reset after RCPT returns the mail to the queue", { RCPT: "250 ok then !reset" }, SENT],
    ["A refusal before the reset counts", { RCPT: "550 5.1.1 who then !close" }, [
      "p1 failed 1",
      "p2 sent 1",
    ]],
    ["EOF after the dot leaves the mail in doubt", { body: "!close" }, [
      "p1 in-doubt 1",
      "p2 sent 1",
    ]],
    ["EOF in the middle of the reply to the dot leaves the mail in doubt", {
      body: "!raw 250 o then !close",
    }, ["p1 in-doubt 1", "p2 sent 1"]],
    ["EOF after a chunk leaves the mail in doubt", {
      offers: ["PIPELINING", "CHUNKING"],
      MAIL: "!close",
    }, [
      "p1 in-doubt 1",
      "p2 sent 1",
    ]],
    ["4yz after the dot defers the mail", { body: "451 4.3.0 later" }, [
      "p1 sent 2",
      "p2 sent 1",
    ]],
    ["5yz after the dot fails the mail, without doubt", {
      body: ["554 5.6.0 no", "", "554 5.6.0 no"],
    }, [
      "p1 failed 1",
      "p2 sent 1",
    ]],
    ["A connection that is reset after the 250 has sent its mail", {
      body: ["", "250 ok then !reset"],
    }, SENT],
    ["A connection that ends at QUIT has sent its mails", { QUIT: "!reset" }, SENT],
    ["A 354 to DATA after MAIL was refused gets no body", {
      MAIL: "451 4.3.0 no",
      RCPT: "503 no",
      DATA: "354 go then !stall",
    }, SENT],
    ["A 250 to DATA gets no body", { DATA: "250 ok" }, SENT],
    ["A 354 to RCPT ends the connection", { RCPT: "354 go" }, SENT],
  ] as [string, Answers, readonly string[]][]
) {
  Deno.test(sentence, async () => {
    await using server = servers(answers, {});
    const result = await run({ port: server.port, random: 0, flags: { wait: true } });
    assert.deepEqual(result.fates, fates);
    const doubtOrFailure = fates.some((fate) => !fate.includes("sent"));
    assert.equal(result.exitCode, doubtOrFailure ? 1 : 0);
    if (/354 to|gets no body/.test(sentence)) assert(!server.written().includes("Subject"));
  });
}

/** Without pipelining: the extra reply comes with the last one, before the next command is written. */
for (
  const answers of [
    { body: ["", "250 taken|550 5.1.1 who"] },
    { MAIL: ["", "250 ok|550 5.1.1 who"] },
    { RCPT: ["", "250 ok|354 go"] },
  ] as const
) {
  const [[where, [, reply]]] = Object.entries(answers) as [[string, [string, string]]];
  Deno.test(`The second of two replies to ${where} does not count for the next command: ${reply}`, async () => {
    await using server = servers({ ...answers, offers: ["SIZE 0"] }, {});
    const result = await run({ port: server.port, random: 0, count: 3, flags: { wait: true } });
    assert.deepEqual(result.fates, [...SENT, "p3 sent 1"]);
    assert.equal(server.peers.length, 2);
  });
}

Deno.test("A 421 right after the reply to EHLO leaves nobody in doubt, not even with CHUNKING", async () => {
  const offers = ["PIPELINING", "CHUNKING", "LIMITS MAILMAX=1"];
  // The first session shows that chunks work, so that the second would write a whole mail at once.
  await using server = new ScriptedServer(
    behaving({ offers }),
    async (peer) => {
      await peer.reply("220 mx");
      await peer.line();
      const ehlo = ["mx", ...offers].map((line) => `250-${line}`);
      await peer.reply(...ehlo, "250 HELP", "421 4.3.2 bye");
      // It reads what still comes, accepts nothing, and closes.
      await peer.line();
      peer.close();
    },
    behaving({ offers }),
  );
  const result = await run({ port: server.port, random: 0, flags: { wait: true } });
  assert.deepEqual([result.exitCode, result.fates], [0, SENT]);
  assert.doesNotMatch(server.written(1), /MAIL/);
});

Deno.test("Replies in one packet are matched to commands in order", async () => {
  // The server answers a whole group at once: a refusal in it belongs to its own mail.
  await using server = servers({ RCPT: ["550 5.1.1 who", ""], DATA: ["503 no", ""] });
  const result = await run({ port: server.port });
  assert.deepEqual(result.fates, ["p1 failed 1", "p2 sent 1"]);
});

Deno.test("A cut in the middle of DATA returns the mail to the queue", async () => {
  await using server = servers({ cutInBody: 100 }, {});
  const result = await run({
    port: server.port,
    random: 0,
    template: LARGE,
    count: 1,
    flags: { wait: true },
  });
  // The body is larger than all buffers, so the dot had not been written when the connection ended.
  assert.deepEqual([result.exitCode, result.fates], [0, ["p1 sent 1"]]);
});

/** A mail of some 9 MB: more than the buffers of both sides hold. */
const LARGE = `From: Acme <news@acme.test>\nSubject: Hello\n\n${
  "x".repeat(900).concat("\n").repeat(10_000)
}`;

Deno.test("A refusal while the body is being written stops the writing, and counts", async () => {
  await using server = new ScriptedServer(async (peer) => {
    await peer.reply("220 mx");
    await peer.line();
    await peer.reply("250-mx", "250 PIPELINING");
    for (let line = 0; line < 3; line++) await peer.line();
    await peer.reply("250 ok", "250 ok", "354 go");
    await peer.bytes(100_000);
    await peer.reply("550 5.1.1 too much");
    await peer.stall();
  }, behaving());
  const result = await run({ port: server.port, count: 1, template: LARGE });
  assert.deepEqual(result.fates, ["p1 failed 1"]);
  assert.match(result.reasons[0]!, /550 5\.1\.1 too much/);
  assert(server.written().length < 8_000_000);
});

/** RFC 5321's timeouts are minutes; these clients get shorter ones. */
for (
  const [sentence, answers, timeouts, expected] of [
    [
      "If no reply to the dot comes in time, the mail is in doubt",
      { body: "!stall" },
      { body: 40 },
      "broken body timeout handed-over",
    ],
    [
      "A reply has one deadline, however slowly its bytes come",
      { MAIL: "!raw 2 then !stall" },
      { mail: 60 },
      "broken mail timeout",
    ],
  ] as [string, Answers, Record<string, number>, string][]
) {
  Deno.test(sentence, async () => {
    await using server = servers(answers);
    const client = await openClient(server.port, { timeouts });
    assert.equal(outline(await client.send(mailTo("a@b.test"), free)), expected);
  });
}

Deno.test("Bytes that trickle in do not extend the deadline", async () => {
  await using server = new ScriptedServer(async (peer) => {
    await peer.play("S: 220 mx\nC: EHLO client.test\nS: 250 mx\nC: MAIL FROM:<s@a.test>");
    for (const byte of "250 ok, said a snail") {
      await peer.raw(byte);
      await new Promise((next) => setTimeout(next, 20));
    }
    await peer.raw("\r\n");
  });
  const client = await openClient(server.port, { timeouts: { mail: 120 } });
  assert.equal(outline(await client.send(mailTo("a@b.test"), free)), "broken mail timeout");
});

Deno.test("A server that stops reading is dropped after the write timeout, with nothing in doubt", async () => {
  await using server = new ScriptedServer(async (peer) => {
    await peer.play("S: 220 mx\nC: EHLO client.test\nS: 250 mx");
    for (const reply of ["250 ok", "250 ok", "354 go"]) {
      await peer.line();
      await peer.reply(reply);
    }
    await peer.stall();
  });
  const client = await openClient(server.port, { timeouts: { write: 80 } });
  const large = mailTo("a@b.test", `${"x".repeat(900)}\r\n`.repeat(30_000));
  assert.equal(outline(await client.send(large, free)), "broken body timeout");
});
