import assert from "node:assert/strict";
import { InputError } from "../../src/model/input_error.ts";
import { MAX_MAIL, openSandbox, type ReceivedMail, runSandbox } from "../../src/sandbox/sandbox.ts";
import { Dialogue } from "../support/smtp_dialogue.ts";

const LOOPBACK = { hostname: "127.0.0.1", port: 0 };

async function withSandbox(
  run: (
    sandbox: Awaited<ReturnType<typeof openSandbox>>,
    outbox: string,
    mails: ReceivedMail[],
  ) => Promise<void>,
): Promise<void> {
  const outbox = await Deno.makeTempDir();
  const mails: ReceivedMail[] = [];
  try {
    await using sandbox = await openSandbox({
      listen: LOOPBACK,
      outbox,
      signal: new AbortController().signal,
      onMail: (mail) => mails.push(mail),
    });
    await run(sandbox, outbox, mails);
  } finally {
    await Deno.remove(outbox, { recursive: true });
  }
}

Deno.test("openSandbox() writes the octets of a mail as they were before dot-stuffing", () =>
  withSandbox(async (sandbox, _outbox, mails) => {
    using client = await Dialogue.open(sandbox);
    const head = "Subject: Zoë\r\n\r\n";
    const reply = await client.mail(["ann@example.com"], `${head}..\r\n..a\r\nb.\r\n\r\n`);
    assert.match(reply, /^250 2\.6\.0 kept as [\w-]+$/);
    const [mail] = mails;
    assert.ok(mail);
    assert.equal(await Deno.readTextFile(mail.file), `${head}.\r\n.a\r\nb.\r\n\r\n`);
    assert.deepEqual(
      { ...mail, file: undefined },
      {
        sender: "news@acme.example",
        recipients: ["ann@example.com"],
        size: new TextEncoder().encode(head).length + 13,
        file: undefined,
      },
    );
    assert.equal(sandbox.received, 1);
  }));

Deno.test("openSandbox() keeps every accepted transaction, even with one Message-ID and on one connection", () =>
  withSandbox(async (sandbox, outbox) => {
    using client = await Dialogue.open(sandbox);
    for (let count = 0; count < 3; count++) {
      await client.mail(["ann@example.com"], "Message-ID: <same@acme.example>\r\n\r\n");
    }
    assert.equal([...Deno.readDirSync(outbox)].length, 3);
    assert.equal(sandbox.received, 3);
  }));

Deno.test("openSandbox() offers what mails need, and no STARTTLS because it has no certificate", () =>
  withSandbox(async (sandbox) => {
    using client = await Dialogue.open(sandbox);
    const capabilities = (await client.say("EHLO client.example")).split("\n").slice(1).map((
      line,
    ) => line.slice(4));
    assert.deepEqual(capabilities, [
      "PIPELINING",
      "8BITMIME",
      "SMTPUTF8",
      "ENHANCEDSTATUSCODES",
      "AUTH PLAIN LOGIN CRAM-MD5 XOAUTH2",
      `SIZE ${MAX_MAIL}`,
    ]);
    assert.match(await client.say("STARTTLS"), /^5/);
  }));

Deno.test("openSandbox() lets anyone log in", () =>
  withSandbox(async (sandbox) => {
    using client = await Dialogue.open(sandbox);
    await client.say("EHLO client.example");
    assert.match(await client.say(`AUTH PLAIN ${btoa("\0user\0wrong")}`), /^235 /);
    assert.match(await client.mail(["ann@example.com"], "\r\n"), /^250 /);
  }));

Deno.test("openSandbox() accepts a pipelined group with several recipients, including SMTPUTF8 ones", () =>
  withSandbox(async (sandbox, _outbox, mails) => {
    using client = await Dialogue.open(sandbox);
    await client.say("EHLO client.example");
    const group =
      "MAIL FROM:<> SMTPUTF8\r\nRCPT TO:<zoë@example.com>\r\nRCPT TO:<b@example.com>\r\nDATA\r\n";
    await client.send(group);
    const codes = [];
    for (let count = 0; count < 4; count++) codes.push((await client.reply()).slice(0, 3));
    assert.deepEqual(codes, ["250", "250", "250", "354"]);
    await client.send("hi\r\n.\r\nMAIL FROM:<next@acme.example>\r\n");
    assert.match(await client.reply(), /^250 2\.6\.0 kept/);
    assert.match(await client.reply(), /^250 2\.1\.0/);
    assert.deepEqual(mails[0]?.recipients, ["zoë@example.com", "b@example.com"]);
    assert.equal(mails[0]?.sender, "");
  }));

Deno.test("openSandbox() replies 452 while a mail cannot be written, and accepts the next one", () =>
  withSandbox(async (sandbox, outbox) => {
    using client = await Dialogue.open(sandbox);
    await Deno.remove(outbox);
    assert.match(await client.mail(["ann@example.com"], "\r\n"), /^452 .*Cannot keep the mail/);
    assert.equal(sandbox.received, 0);
    await Deno.mkdir(outbox);
    assert.match(await client.mail(["ann@example.com"], "\r\n"), /^250 /);
    assert.equal(sandbox.received, 1);
  }));

Deno.test("openSandbox() refuses a mail over SIZE, announced or not, and keeps no part of it", () =>
  withSandbox(async (sandbox, outbox) => {
    using client = await Dialogue.open(sandbox);
    await client.say("EHLO client.example");
    assert.match(await client.say(`MAIL FROM:<a@acme.example> SIZE=${MAX_MAIL + 1}`), /^552 /);
    const line = new Uint8Array(1024).fill(0x61);
    line.set([13, 10], 1022);
    const piece = new Uint8Array(1024 * 1024);
    for (let at = 0; at < piece.length; at += line.length) piece.set(line, at);
    await client.say("MAIL FROM:<a@acme.example>");
    await client.say("RCPT TO:<b@example.com>");
    await client.say("DATA");
    for (let sent = 0; sent <= MAX_MAIL; sent += piece.length) await client.send(piece);
    assert.match(await client.say("."), /^552 5\.3\.4/);
    assert.match(await client.mail(["b@example.com"], "\r\n"), /^250 /);
    assert.equal([...Deno.readDirSync(outbox)].length, 1);
  }));

Deno.test("openSandbox() drops a mail whose client goes away before the dot", () =>
  withSandbox(async (sandbox, outbox) => {
    {
      using client = await Dialogue.open(sandbox);
      await client.say("EHLO client.example");
      await client.say("MAIL FROM:<a@acme.example>");
      await client.say("RCPT TO:<b@example.com>");
      await client.say("DATA");
      await client.send("half a mail\r\n");
    }
    using other = await Dialogue.open(sandbox);
    assert.match(await other.mail(["b@example.com"], "\r\n"), /^250 /);
    assert.equal([...Deno.readDirSync(outbox)].length, 1);
    assert.equal(sandbox.received, 1);
  }));

Deno.test("openSandbox() accepts more connections than the backlog of node:net allows on Deno 2.5", () =>
  withSandbox(async (sandbox) => {
    for (let round = 0; round < 6; round++) {
      const clients = await Promise.all(Array.from({ length: 100 }, () => Dialogue.open(sandbox)));
      for (const client of clients) client[Symbol.dispose]();
    }
    using client = await Dialogue.open(sandbox);
    assert.match(await client.say("NOOP"), /^250 /);
  }));

Deno.test("A disposed sandbox has sent 421 to idle clients and disconnected those that stay", async () => {
  const outbox = await Deno.makeTempDir();
  const { signal } = new AbortController();
  const sandbox = await openSandbox({ listen: LOOPBACK, outbox, signal });
  using idle = await Dialogue.open(sandbox);
  using busy = await Dialogue.open(sandbox);
  await busy.say("EHLO client.example");
  await busy.say("MAIL FROM:<a@acme.example>");
  await busy.say("RCPT TO:<b@example.com>");
  await busy.say("DATA");
  const { hostname, port } = sandbox;
  await sandbox[Symbol.asyncDispose]();
  await sandbox[Symbol.asyncDispose]();
  assert.match(await idle.reply(), /^421 /);
  assert.equal(await idle.reply(), "");
  await assert.rejects(Deno.connect({ hostname, port }), Deno.errors.ConnectionRefused);
  assert.deepEqual([...Deno.readDirSync(outbox)], []);
  await Deno.remove(outbox);
});

Deno.test("openSandbox() names an address that it cannot listen on", () =>
  withSandbox(async ({ hostname, port }, outbox) => {
    const { signal } = new AbortController();
    await assert.rejects(openSandbox({ listen: { hostname, port }, outbox, signal }), (error) => {
      assert.ok(error instanceof InputError);
      assert.equal(error.message, `Cannot listen on 127.0.0.1:${port}: the port is in use`);
      return true;
    });
  }));

Deno.test("openSandbox() does nothing once its signal has aborted", async () => {
  const outbox = `${await Deno.makeTempDir()}/outbox`;
  const signal = AbortSignal.abort(new DOMException("Stopped", "AbortError"));
  await assert.rejects(openSandbox({ listen: LOOPBACK, outbox, signal }), { name: "AbortError" });
  await assert.rejects(Deno.stat(outbox), Deno.errors.NotFound);
});

Deno.test("runSandbox() accepts mail until the signal and returns how many there were", async () => {
  const outbox = await Deno.makeTempDir();
  const stop = new AbortController();
  const received = await runSandbox({
    listen: LOOPBACK,
    outbox,
    signal: stop.signal,
    onListen: async (sandbox) => {
      using client = await Dialogue.open(sandbox);
      await client.mail(["ann@example.com"], "\r\n");
      stop.abort();
    },
  });
  assert.equal(received, 1);
  await Deno.remove(outbox, { recursive: true });
});
