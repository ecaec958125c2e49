import assert from "node:assert/strict";
import { type Peer, ScriptedServer } from "../support/scripted_server.ts";
import { free, mailTo, openClient, outline } from "./fixtures.ts";
import { CHUNKS, ENVELOPE, GROUPS, hello, LET_IN, UP_TO_BODY } from "./dialogues.ts";

const a = mailTo("a@b.test");

/** Sends one mail to a misbehaving server; returns its outcome. */
for (
  const [sentence, script, expected, timeouts] of [
    ["is refused when MAIL is answered 421", `${GROUPS}S: 421 bye\n!close`, "refused mail 421"],
    [
      "is refused when the dot is answered 421",
      `${UP_TO_BODY}C.\nS: 421 bye\n!close`,
      "refused body 421",
    ],
    [
      "is not in doubt when the connection ends before MAIL is answered",
      `${GROUPS}!close`,
      "broken mail closed",
    ],
    [
      "is not in doubt when it is reset after RCPT",
      `${GROUPS}S: 250 ok\nS: 250 ok\n!reset`,
      "broken data closed",
    ],
    [
      "is in doubt when the connection ends after the dot",
      `${UP_TO_BODY}C.\n!close`,
      "broken body closed handed-over",
    ],
    [
      "is in doubt when no answer to the dot comes in time",
      `${UP_TO_BODY}C.\n!stall`,
      "broken body timeout handed-over",
      { body: 50 },
    ],
    [
      "is in doubt if the answer to the dot is not a reply",
      `${UP_TO_BODY}C.\nS: what?`,
      "broken body protocol handed-over",
    ],
    [
      "is in doubt when the dot is answered 354",
      `${UP_TO_BODY}C.\nS: 354 go`,
      "broken body out-of-step handed-over",
    ],
    [
      "is in doubt when the lines of that answer differ in code",
      `${UP_TO_BODY}C.\n!raw "250-ok\\r\\n550 no\\r\\n"`,
      "broken body protocol handed-over",
    ],
    [
      "is in doubt when the answer to the dot is cut off",
      `${UP_TO_BODY}C.\n!raw "250 o"\n!close`,
      "broken body closed handed-over",
    ],
    [
      "is in doubt with CHUNKING as soon as its chunk is written",
      `${CHUNKS}!close`,
      "broken mail closed handed-over",
    ],
    [
      "is deferred for certain when the dot is answered 4yz",
      `${UP_TO_BODY}C.\nS: 452 full`,
      "refused body 452",
    ],
    [
      "fails for certain when the dot is answered 5yz",
      `${UP_TO_BODY}C.\nS: 554 no`,
      "refused body 554",
    ],
    [
      "goes by the first digit of an unknown code",
      `${UP_TO_BODY}C.\nS: 459 hm`,
      "refused body 459",
    ],
    [
      "keeps RCPT's refusal when the connection ends before DATA is answered",
      `${GROUPS}S: 250 ok\nS: 550 who?\n!close`,
      "refused rcpt 550",
    ],
    ["is lost when MAIL is not answered in time", `${GROUPS}!stall`, "broken mail timeout", {
      mail: 50,
    }],
    [
      "is lost when a reply comes slower than its deadline, byte by byte",
      `${GROUPS}!raw "2"\n!sleep 40\n!raw "5"\n!sleep 40\n!raw "0"\n!sleep 40\n!raw " "\n!sleep 40\n!raw "o"\n!sleep 40\n!stall`,
      "broken mail timeout",
      { mail: 100 },
    ],
    [
      "is lost when an endless reply comes",
      `${GROUPS}!raw ${JSON.stringify("250-x\r\n".repeat(2000))}`,
      "broken mail protocol",
    ],
    [
      "is accepted with replies that come byte by byte",
      `${hello("PIPELINING")}${ENVELOPE("a")}!bytewise\nS: 250 grüße\n${
        LET_IN.replace("S: 250 ok", "")
      }C.\nS: 250 ünïcode 😀`,
      "accepted 250",
    ],
    [
      "is accepted with replies of several lines",
      `${GROUPS}S: 250-a\nS: 250 b\nS: 250-c\nS: 250 d\nS: 354-e\nS: 354 f\nC.\nS: 250-g\nS: 250 h`,
      "accepted 250",
    ],
    [
      "is accepted with replies without text",
      `${GROUPS}S: 250\nS: 250\nS: 354\nC.\nS: 250`,
      "accepted 250",
    ],
    [
      "is accepted when the connection is reset after the 250",
      `${UP_TO_BODY}C.\nS: 250 ok\n!close`,
      "accepted 250",
    ],
  ] as [string, string, string, Record<string, number>?][]
) {
  Deno.test(`a mail ${sentence}`, async () => {
    await using server = new ScriptedServer(script);
    const client = await openClient(server.port, {
      timeouts: { closing: 100, quit: 100, ...timeouts },
    });
    assert.equal(outline(await client.send(a, free)), expected);
    await client.close();
  });
}

Deno.test("a 250 that comes with the 354 is never credited to the mail", async () => {
  await using server = new ScriptedServer(`${GROUPS}
    ${LET_IN}
    S: 250 queued already`);
  const client = await openClient(server.port);
  const recorded = Promise.withResolvers<void>();
  const attempt = client.send(a, () => recorded.promise);
  setTimeout(recorded.resolve, 20);
  assert.equal(outline(await attempt), "broken body out-of-step");
  await server.finished();
  assert.ok(server.written().endsWith("DATA\r\n"));
});

Deno.test("an attempt is reported only after its hand-over is recorded, however fast the answer was", async () => {
  await using server = new ScriptedServer(`${UP_TO_BODY}S: 554 changed my mind`);
  const client = await openClient(server.port);
  const recorded = Promise.withResolvers<void>();
  let onRecord = false;
  const attempt = client.send(a, async () => {
    await recorded.promise;
    onRecord = true;
  });
  setTimeout(recorded.resolve, 20);
  assert.equal(outline(await attempt), "refused body 554");
  assert.equal(onRecord, true);
  await server.finished();
  assert.ok(server.written().endsWith("DATA\r\n"));
});

for (
  const [how, leave] of [["continues", (peer: Peer) => peer.stall()], [
    "resets the connection",
    (peer: Peer) => peer.reset(),
  ]] as const
) {
  Deno.test(`a refusal in the middle of a large body stops the rest of it and counts, when the server ${how}`, async () => {
    await using server = new ScriptedServer(async (peer) => {
      await peer.play(UP_TO_BODY);
      await peer.bytes(100_000);
      await peer.reply("552 5.3.4 too much");
      await leave(peer);
    });
    const client = await openClient(server.port);
    const size = 16 * 1024 * 1024;
    const line = `${"x".repeat(1022)}\r\n`;
    const attempt = await client.send(mailTo("a@b.test", line.repeat(size / 1024)), free);
    assert.equal(outline(attempt), "refused body 552");
    assert.equal(await client.ready(), false);
    assert.ok(server.written().length < size / 2);
  });
}

Deno.test("a server that stops reading is abandoned after the write timeout; the mail is not in doubt", async () => {
  await using server = new ScriptedServer(`${UP_TO_BODY}!stall`);
  const client = await openClient(server.port, { timeouts: { write: 100 } });
  const attempt = await client.send(
    mailTo("a@b.test", `${"x".repeat(1022)}\r\n`.repeat(16 * 1024)),
    free,
  );
  assert.equal(outline(attempt), "broken body timeout");
});

Deno.test("a server that writes without reading and a writing client do not deadlock", async () => {
  // Far more than the buffers of both sides hold: each of the two must read while it writes.
  const many = 250;
  const size = 20_000;
  await using server = new ScriptedServer(async (peer) => {
    await peer.play(hello("PIPELINING", "CHUNKING"));
    for (let mail = 0; mail < many; mail++) {
      if (mail > 0) await peer.line().then(() => peer.reply(...long(250)));
      for (let line = 0; line < 2; line++) await peer.line().then(() => peer.reply(...long(250)));
      await peer.line();
      await peer.bytes(size);
      await peer.reply(...long(250));
    }
    await peer.play("C: QUIT\nS: 221 bye");
  });
  const client = await openClient(server.port, { window: many });
  const text = `${"x".repeat(998)}\r\n`.repeat(size / 1_000);
  const attempts = Array.from({ length: many }, () => client.send(mailTo("a@b.test", text), free));
  const outlines = (await Promise.all(attempts)).map(outline);
  assert.deepEqual(new Set(outlines), new Set(["accepted 250"]));
  await client.close();
});

function long(code: number): string[] {
  return Array.from({ length: 40 }, (_, at) => `${code}${at < 39 ? "-" : " "}${"y".repeat(100)}`);
}

Deno.test("a reply without a command ends the connection and counts for no mail", async () => {
  for (
    const [reply, cause] of [
      ["250 surprise", "out-of-step"],
      ["550 no", "out-of-step"],
      [
        "451 idle",
        "closed",
      ],
      ["400 idle", "closed"],
      ["499 idle", "closed"],
      ["500 what", "out-of-step"],
      [
        "421 bye",
        "closed",
      ],
    ]
  ) {
    await using server = new ScriptedServer(`${hello("PIPELINING")}!sleep 10\nS: ${reply}`);
    const client = await openClient(server.port);
    // The client reads it without having sent anything.
    await server.finished();
    assert.equal(await client.ready(), false);
    assert.equal(outline(await client.send(a, free)), "broken mail closed");
    if (client.end?.kind === "broken") assert.equal(client.end.cause, cause);
    else assert.equal(client.end?.kind, "dismissed");
    await client.close();
  }
});
