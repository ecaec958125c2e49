import assert from "node:assert/strict";
import { connectRelay } from "../../src/smtp/session/connect_relay.ts";
import { SmtpClient } from "../../src/smtp/smtp_client.ts";
import { ScriptedServer } from "../support/scripted_server.ts";
import { free, mailTo, openClient, outline, play, relayAt } from "./fixtures.ts";
import { ENVELOPE, GROUPS, hello, LET_IN, UP_TO_BODY } from "./dialogues.ts";

const a = mailTo("a@b.test");
const b = mailTo("b@b.test");

Deno.test("an idle connection that the server closes accepts no more mails, and no mail has failed", async () => {
  await using server = new ScriptedServer(`${hello("PIPELINING")}!close`);
  const client = await openClient(server.port);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(await client.ready(), false);
  assert.deepEqual(client.end, {
    kind: "broken",
    cause: "closed",
    detail: "Server closed the connection",
  });
});

Deno.test("SmtpClient accepts as many mails as LIMITS MAILMAX allows, and settles them", async () => {
  await using server = new ScriptedServer(
    `${hello("PIPELINING", "LIMITS MAILMAX=1")}${
      ENVELOPE("a")
    }${LET_IN}C.\nS: 250 ok\nC: QUIT\nS: 221 bye`,
  );
  const client = await openClient(server.port);
  assert.equal(await client.ready(), true);
  const first = client.send(a, free);
  assert.equal(await client.ready(), false);
  assert.deepEqual(client.end, { kind: "limit", mails: 1 });
  assert.equal(outline(await client.send(b, free)), "broken mail closed");
  assert.equal(outline(await first), "accepted 250");
  await client.close();
  await server.finished();
});

Deno.test("a mail that the server cannot transport is detected before MAIL, and nothing is written", async () => {
  await using server = new ScriptedServer(`${hello("PIPELINING", "SIZE 20")}C: QUIT\nS: 221 bye`);
  const client = await openClient(server.port);
  assert.equal(outline(await client.send(a, free)), "unsendable size");
  const utf8 = mailTo("", "x\r\n", {
    envelope: { sender: "s@a.test", recipient: "ä@b.test", smtpUtf8: true },
  });
  assert.equal(outline(await client.send(utf8, free)), "unsendable smtputf8");
  await client.close();
  await server.finished();
});

Deno.test("SIZE 0 means no limit, and BODY and SMTPUTF8 are sent if they are offered", async () => {
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

Deno.test("SmtpClient.send() rejects a mail that must not be written, and accepts the next one", async () => {
  await using server = new ScriptedServer(
    `${UP_TO_BODY}C.\nS: 250 ok\nC: QUIT\nS: 221 bye`,
  );
  const client = await openClient(server.port);
  for (
    const bad of [
      mailTo("a@b.test", "x\n.\nMAIL FROM:<e@x.test>\r\n"),
      mailTo("a@b.test", "x\r\n\0.\r\n"),
      mailTo("a@b.test", "no end"),
      mailTo("a@b.test>\r\nRCPT TO:<v@x.test"),
      mailTo("a@b.test", "ä\r\n", { eightBit: true }),
    ]
  ) {
    await assert.rejects(client.send(bad, () => assert.fail("handed over")), TypeError);
  }
  assert.equal(outline(await client.send(a, free)), "accepted 250");
  await client.close();
  await server.finished();
});

for (
  const [name, script] of [["groups", UP_TO_BODY], ["chunks", hello("PIPELINING", "CHUNKING")]]
) {
  Deno.test(`a hand-over that cannot be recorded keeps the mail off the wire and ends the client (${name})`, async () => {
    await using server = new ScriptedServer(script!);
    const client = await openClient(server.port);
    const failing = client.send(a, () => Promise.reject(new Error("Disk is full")));
    const next = client.send(b, () => new Promise(() => {}));
    await assert.rejects(failing, /Disk is full/);
    assert.equal(await client.ready(), false);
    await server.finished();
    assert.ok(!server.written().includes("Hello"));
    void next;
  });
}

Deno.test("a hand-over that throws at once counts as one that cannot be recorded", async () => {
  await using server = new ScriptedServer(UP_TO_BODY);
  const client = await openClient(server.port);
  await assert.rejects(
    client.send(a, () => {
      throw new Error("Ledger is closed");
    }),
    /Ledger is closed/,
  );
  await server.finished();
});

Deno.test("SmtpClient.close() waits for mails in flight, and for QUIT no longer than its time limit", async () => {
  await using server = new ScriptedServer(`${UP_TO_BODY}
    C.
    !sleep 30
    S: 250 ok
    C: QUIT
    !stall`);
  const client = await openClient(server.port, { timeouts: { quit: 50 } });
  const attempt = client.send(a, free);
  await Promise.all([client.close(), client.close()]);
  assert.equal(outline(await attempt), "accepted 250");
  assert.deepEqual(client.end, { kind: "closed" });
});

Deno.test("the signal ends a client: a mail in flight is cancelled, and in doubt only after its final dot", async () => {
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
    const client = new SmtpClient(session, { signal: controller.signal });
    const attempt = client.send(a, free);
    setTimeout(() => controller.abort(), 50);
    assert.equal(outline(await attempt), expected);
    await client.close();
  }
});

Deno.test("SmtpClient accepts no mails if its signal is already aborted", async () => {
  await using server = new ScriptedServer(hello("PIPELINING"));
  const client = await openClient(server.port, { signal: AbortSignal.abort() });
  assert.equal(await client.ready(), false);
  assert.equal(outline(await client.send(a, free)), "broken mail closed");
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
  Deno.test(`SmtpClient ${sentence}`, async () => {
    await using server = new ScriptedServer(script);
    const timeouts = { mail: 50, rcpt: 50, data: 50, body: 50 };
    const client = await openClient(server.port, { timeouts, ...options });
    await client.send(a, free);
    assert.equal(client.pipeliningSuspect, suspect);
    await client.close();
  });
}
