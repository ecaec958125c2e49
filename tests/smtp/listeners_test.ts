import assert from "node:assert/strict";
import { discardsRefusedChunks } from "../../src/smtp/session/chunk_probe.ts";
import { connectRelay } from "../../src/smtp/session/connect_relay.ts";
import { dial } from "../../src/smtp/wire/dial.ts";
import { SmtpClient } from "../../src/smtp/smtp_client.ts";
import { Secret } from "../../src/model/relay.ts";
import type { Session } from "../../src/smtp/session/session.ts";
import { assertLeavesNoListener, type CountedSignal } from "../support/counted_signal.ts";
import { ScriptedServer } from "../support/scripted_server.ts";
import { FOREVER, free, mailTo, openSession, outline, relayAt } from "./fixtures.ts";
import { hello, UP_TO_BODY } from "./dialogues.ts";

/** A port on which nothing is listening. */
function closedPort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function open(port: number, signal: AbortSignal): Promise<Session> {
  const session = await connectRelay(relayAt(port), { signal });
  if (session.kind !== "session") throw new assert.AssertionError({ message: "No session" });
  return session;
}

Deno.test("dial() leaves no listener behind, whether it connects or not", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  await assertLeavesNoListener(async (signal) => {
    const dialled = await dial(relayAt(listener.addr.port), 5_000, signal);
    assert("conn" in dialled);
    dialled.conn.close();
    (await listener.accept()).close();
  });
  await assertLeavesNoListener(async (signal) => {
    assert("why" in await dial(relayAt(closedPort()), 5_000, signal));
  });
});

Deno.test("dial() closes a connection that is established after it has stopped waiting", async () => {
  const { connectTls } = Deno;
  const late = Promise.withResolvers<Deno.TlsConn>();
  const closed = Promise.withResolvers<void>();
  const conn = { close: () => closed.resolve() } as unknown as Deno.TlsConn;
  Object.assign(Deno, { connectTls: () => late.promise });
  try {
    const certificate = { cert: "", key: new Secret("") };
    const dialled = await dial(relayAt(1, { certificate }), 10, FOREVER);
    assert("why" in dialled && dialled.why.cause === "timeout");
  } finally {
    Object.assign(Deno, { connectTls });
  }
  late.resolve(conn);
  await closed.promise;
});

Deno.test("connectRelay() leaves no listener behind with a session, a refusal, and an abort", async () => {
  const cases: [script: string, act: (port: number, counted: CountedSignal) => Promise<void>][] = [
    [hello("PIPELINING"), async (port, { signal }) => {
      (await open(port, signal)).connection[Symbol.dispose]();
    }],
    ["S: 554 no service", async (port, { signal }) => {
      assert.equal((await connectRelay(relayAt(port), { signal })).kind, "connect-failure");
    }],
    ["S: 220 mx.test\nC: EHLO client.test\n!stall", async (port, counted) => {
      const connecting = connectRelay(relayAt(port), { signal: counted.signal });
      setTimeout(() => counted.abort(new Error("enough")), 20);
      await assert.rejects(connecting, /enough/);
    }],
  ];
  for (const [script, act] of cases) {
    await using server = new ScriptedServer(script);
    await assertLeavesNoListener((_, counted) => act(server.port, counted));
  }
});

Deno.test("SmtpClient leaves no listener behind when it is closed, destroyed or cut off", async () => {
  const ends: [script: string, end: (client: SmtpClient) => Promise<void> | void][] = [
    [`${hello("PIPELINING")}C: QUIT\nS: 221 bye`, (client) => client.close()],
    [hello("PIPELINING"), (client) => client.destroy()],
    [`${UP_TO_BODY}C.\n!close`, async (client) => {
      assert.match(outline(await client.send(mailTo("a@b.test"), free)), /^broken body closed/);
    }],
  ];
  for (const [script, end] of ends) {
    await using server = new ScriptedServer(script);
    const session = await openSession(server.port);
    await assertLeavesNoListener(async (signal) => await end(new SmtpClient(session, { signal })));
  }
});

Deno.test("discardsRefusedChunks() leaves no listener behind, whatever the server does with the chunk", async () => {
  const probe = `${hello("PIPELINING", "CHUNKING")}C: BDAT 6 LAST\nC#6\n`;
  for (const rest of ["S: 503 no\nC: RSET\nS: 250 ok", "!close"]) {
    await using server = new ScriptedServer(probe + rest);
    const session = await openSession(server.port);
    await assertLeavesNoListener((signal) => discardsRefusedChunks(session, signal));
    session.connection[Symbol.dispose]();
  }
});
