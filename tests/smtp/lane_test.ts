import assert from "node:assert/strict";
import { connectRelay } from "../../src/smtp/client.ts";
import { Lane } from "../../src/smtp/lane.ts";
import { type Peer, ScriptedServer } from "../support/scripted_server.ts";
import { BODY, free, mailTo, openLane, outline, play, relayAt } from "./fixtures.ts";

const hello = (...extensions: string[]) => `
  S: 220 mx.test
  C: EHLO client.test
  S: 250-mx.test
  ${extensions.map((extension) => `S: 250-${extension}`).join("\n")}
  S: 250 HELP
`;
const ENVELOPE = (who: string) => `
  C: MAIL FROM:<s@a.test>
  C: RCPT TO:<${who}@b.test>
  C: DATA
`;
const LET_IN = `
  S: 250 ok
  S: 250 ok
  S: 354 go
`;
const GROUPS = `${hello("PIPELINING")}${ENVELOPE("a")}`;
const UP_TO_BODY = `${GROUPS}${LET_IN}`;
const CHUNKS = `${hello("PIPELINING", "CHUNKING")}
  C: MAIL FROM:<s@a.test>
  C: RCPT TO:<a@b.test>
  C: BDAT ${BODY.length} LAST
  C#${BODY.length}
`;
const a = mailTo("a@b.test");
const b = mailTo("b@b.test");

/** One mail, a server that misbehaves: what became of it. */
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
      "is in doubt when the answer to the dot is no reply",
      `${UP_TO_BODY}C.\nS: what?`,
      "broken body protocol handed-over",
    ],
    [
      "is in doubt when the dot is answered 354",
      `${UP_TO_BODY}C.\nS: 354 go`,
      "broken body protocol handed-over",
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
      "goes by the first digit of a code nobody knows",
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
    const lane = await openLane(server.port, {
      timeouts: { closing: 100, quit: 100, ...timeouts },
    });
    assert.equal(outline(await lane.send(a, free)), expected);
    await lane.close();
  });
}

Deno.test("a 250 that comes with the 354 is never credited to the mail", async () => {
  await using server = new ScriptedServer(`${GROUPS}
    S: 250 ok
    S: 250 ok
    S: 354 go
    S: 250 queued already`);
  const lane = await openLane(server.port);
  const recorded = Promise.withResolvers<void>();
  const attempt = lane.send(a, () => recorded.promise);
  setTimeout(recorded.resolve, 20);
  assert.equal(outline(await attempt), "broken body protocol");
  await server.finished();
  assert.ok(server.written().endsWith("DATA\r\n"));
});

Deno.test("an attempt is told only after its hand-over is on record, however fast the answer was", async () => {
  await using server = new ScriptedServer(`${UP_TO_BODY}S: 554 changed my mind`);
  const lane = await openLane(server.port);
  const recorded = Promise.withResolvers<void>();
  let onRecord = false;
  const attempt = lane.send(a, async () => {
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
  const [how, leave] of [["goes on", (peer: Peer) => peer.stall()], [
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
    const lane = await openLane(server.port);
    const size = 16 * 1024 * 1024;
    const line = `${"x".repeat(1022)}\r\n`;
    const attempt = await lane.send(mailTo("a@b.test", line.repeat(size / 1024)), free);
    assert.equal(outline(attempt), "refused body 552");
    assert.equal(await lane.ready(), false);
    assert.ok(server.written().length < size / 2);
  });
}

Deno.test("a server that stops reading is given up after the write's time; the mail is not in doubt", async () => {
  await using server = new ScriptedServer(`${UP_TO_BODY}!stall`);
  const lane = await openLane(server.port, { timeouts: { write: 100 } });
  const attempt = await lane.send(
    mailTo("a@b.test", `${"x".repeat(1022)}\r\n`.repeat(16 * 1024)),
    free,
  );
  assert.equal(outline(attempt), "broken body timeout");
});

Deno.test("a server that writes without reading and a client that writes do not lock each other up", async () => {
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
  const lane = await openLane(server.port, { window: many });
  const text = `${"x".repeat(998)}\r\n`.repeat(size / 1_000);
  const attempts = Array.from({ length: many }, () => lane.send(mailTo("a@b.test", text), free));
  const outlines = (await Promise.all(attempts)).map(outline);
  assert.deepEqual(new Set(outlines), new Set(["accepted 250"]));
  await lane.close();
});

function long(code: number): string[] {
  return Array.from({ length: 40 }, (_, at) => `${code}${at < 39 ? "-" : " "}${"y".repeat(100)}`);
}

Deno.test("a reply that nothing asked for ends the connection and is credited to nobody", async () => {
  for (
    const [reply, cause] of [["250 surprise", "protocol"], ["550 no", "protocol"], [
      "421 bye",
      "closed",
    ]]
  ) {
    await using server = new ScriptedServer(`${hello("PIPELINING")}!sleep 10\nS: ${reply}`);
    const lane = await openLane(server.port);
    // The lane hears it without having sent anything.
    await server.finished();
    assert.equal(await lane.ready(), false);
    assert.equal(outline(await lane.send(a, free)), "broken mail closed");
    if (lane.end?.kind === "broken") assert.equal(lane.end.cause, cause);
    else assert.equal(lane.end?.kind, "dismissed");
    await lane.close();
  }
});

Deno.test("an idle connection that the server closes takes no more mail, and has failed none", async () => {
  await using server = new ScriptedServer(`${hello("PIPELINING")}!close`);
  const lane = await openLane(server.port);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(await lane.ready(), false);
  assert.deepEqual(lane.end, {
    kind: "broken",
    cause: "closed",
    detail: "Server closed the connection",
  });
});

Deno.test("a lane takes as many mails as LIMITS MAILMAX says, and settles them", async () => {
  await using server = new ScriptedServer(
    `${hello("PIPELINING", "LIMITS MAILMAX=1")}${
      ENVELOPE("a")
    }${LET_IN}C.\nS: 250 ok\nC: QUIT\nS: 221 bye`,
  );
  const lane = await openLane(server.port);
  assert.equal(await lane.ready(), true);
  const first = lane.send(a, free);
  assert.equal(await lane.ready(), false);
  assert.deepEqual(lane.end, { kind: "limit", mails: 1 });
  assert.equal(outline(await lane.send(b, free)), "broken mail closed");
  assert.equal(outline(await first), "accepted 250");
  await lane.close();
  await server.finished();
});

Deno.test("what the server cannot carry is found before MAIL, and nothing is written", async () => {
  await using server = new ScriptedServer(`${hello("PIPELINING", "SIZE 20")}C: QUIT\nS: 221 bye`);
  const lane = await openLane(server.port);
  assert.equal(outline(await lane.send(a, free)), "unsendable size");
  const utf8 = mailTo("", "x\r\n", {
    envelope: { sender: "s@a.test", recipient: "ä@b.test", smtpUtf8: true },
  });
  assert.equal(outline(await lane.send(utf8, free)), "unsendable smtputf8");
  await lane.close();
  await server.finished();
});

Deno.test("SIZE 0 is no limit, and BODY and SMTPUTF8 are said where they are offered", async () => {
  const { outlines } = await play(
    `${hello("PIPELINING", "SIZE 0", "8BITMIME", "SMTPUTF8")}
    C: MAIL FROM:<s@a.test> SIZE=4 BODY=8BITMIME SMTPUTF8
    C: RCPT TO:<ä@b.test>
    C: DATA
    ${LET_IN}
    C.
    S: 250 ok
    C: QUIT
    S: 221 bye`,
    [mailTo("", "ä\r\n", {
      eightBit: true,
      envelope: { sender: "s@a.test", recipient: "ä@b.test", smtpUtf8: true },
    })],
  );
  assert.deepEqual(outlines, ["accepted 250"]);
});

Deno.test("Lane.send() rejects a mail that must go to no wire, and the lane goes on", async () => {
  await using server = new ScriptedServer(
    `${UP_TO_BODY}C.\nS: 250 ok\nC: QUIT\nS: 221 bye`,
  );
  const lane = await openLane(server.port);
  for (
    const bad of [
      mailTo("a@b.test", "x\n.\nMAIL FROM:<e@x.test>\r\n"),
      mailTo("a@b.test", "x\r\n\0.\r\n"),
      mailTo("a@b.test", "no end"),
      mailTo("a@b.test>\r\nRCPT TO:<v@x.test"),
      mailTo("a@b.test", "ä\r\n", { eightBit: true }),
    ]
  ) {
    await assert.rejects(lane.send(bad, () => assert.fail("handed over")), TypeError);
  }
  assert.equal(outline(await lane.send(a, free)), "accepted 250");
  await lane.close();
  await server.finished();
});

for (
  const [name, script] of [["groups", UP_TO_BODY], ["chunks", hello("PIPELINING", "CHUNKING")]]
) {
  Deno.test(`a hand-over that cannot be recorded keeps the mail off the wire and ends the lane (${name})`, async () => {
    await using server = new ScriptedServer(script!);
    const lane = await openLane(server.port);
    const failing = lane.send(a, () => Promise.reject(new Error("Disk is full")));
    const next = lane.send(b, () => new Promise(() => {}));
    await assert.rejects(failing, /Disk is full/);
    assert.equal(await lane.ready(), false);
    await server.finished();
    assert.ok(!server.written().includes("Hello"));
    void next;
  });
}

Deno.test("a hand-over that throws at once counts as one that cannot be recorded", async () => {
  await using server = new ScriptedServer(UP_TO_BODY);
  const lane = await openLane(server.port);
  await assert.rejects(
    lane.send(a, () => {
      throw new Error("Ledger is closed");
    }),
    /Ledger is closed/,
  );
  await server.finished();
});

Deno.test("Lane.close() waits for what is under way, and for QUIT no longer than its time", async () => {
  await using server = new ScriptedServer(`${UP_TO_BODY}
    C.
    !sleep 30
    S: 250 ok
    C: QUIT
    !stall`);
  const lane = await openLane(server.port, { timeouts: { quit: 50 } });
  const attempt = lane.send(a, free);
  await Promise.all([lane.close(), lane.close()]);
  assert.equal(outline(await attempt), "accepted 250");
  assert.deepEqual(lane.end, { kind: "closed" });
});

Deno.test("the signal ends a lane: what is under way is cancelled, and in doubt only behind its dot", async () => {
  for (
    const [script, expected] of [[GROUPS, "broken mail cancelled"], [
      `${UP_TO_BODY}C.`,
      "broken body cancelled handed-over",
    ]]
  ) {
    await using server = new ScriptedServer(`${script}!stall`);
    const controller = new AbortController();
    const session = await connectRelay(relayAt(server.port), { signal: controller.signal });
    if (session.kind !== "session") throw new Error("No session");
    const lane = new Lane(session, { signal: controller.signal });
    const attempt = lane.send(a, free);
    setTimeout(() => controller.abort(), 50);
    assert.equal(outline(await attempt), expected);
    await lane.close();
  }
});

Deno.test("a lane that is made with an aborted signal takes no mail", async () => {
  await using server = new ScriptedServer(hello("PIPELINING"));
  const lane = await openLane(server.port, { signal: AbortSignal.abort() });
  assert.equal(await lane.ready(), false);
  assert.equal(outline(await lane.send(a, free)), "broken mail closed");
});

for (
  const [sentence, script, suspect, options] of [
    [
      "suspects PIPELINING when a reply of several is missing",
      `${GROUPS}S: 250 ok\n!stall`,
      true,
      {},
    ],
    [
      "does not suspect it when the one reply to the dot is missing",
      `${UP_TO_BODY}C.\n!stall`,
      false,
      {},
    ],
    ["does not suspect it in lock-step", `${hello("PIPELINING")}!stall`, false, { lockStep: true }],
    ["does not suspect it when the connection ends", `${GROUPS}S: 250 ok\n!close`, false, {}],
  ] as const
) {
  Deno.test(`a lane ${sentence}`, async () => {
    await using server = new ScriptedServer(script);
    const timeouts = { mail: 50, rcpt: 50, data: 50, body: 50 };
    const lane = await openLane(server.port, { timeouts, ...options });
    await lane.send(a, free);
    assert.equal(lane.pipeliningSuspect, suspect);
    await lane.close();
  });
}
