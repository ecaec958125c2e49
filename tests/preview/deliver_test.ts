import assert from "node:assert/strict";
import type { ChosenRow } from "../../src/preview/choice.ts";
import { deliverTests, type TestResult, type TestStop } from "../../src/preview/deliver.ts";
import type { NoMail } from "../../src/preview/preview.ts";
import { FOREVER, mailTo, relayAt } from "../smtp/fixtures.ts";
import { ScriptedServer } from "../support/scripted_server.ts";

const GREETING = "S: 220 mx\nC: EHLO client.test\nS: 250 mx\n";
const mail = (reply = "250 2.0.0 kept") =>
  `C: MAIL FROM:<s@a.test>\nS: 250 ok\nC: RCPT TO:<me@b.test>\nS: 250 ok\nC: DATA\nS: 354 go\nC.\nS: ${reply}\n`;
const QUIT = "C: QUIT\nS: 221 bye";

const rows: readonly ChosenRow[] = [1, 2].map((number) => ({
  number,
  entry: { kind: "recipient", key: "k", line: number + 1, address: `p${number}@x`, fields: [] },
}));

async function deliver(
  ports: readonly number[],
  make: (row: ChosenRow) => NoMail | undefined = () => undefined,
  signal = FOREVER,
): Promise<{ tested: string[]; stop: TestStop | undefined }> {
  const tested: TestResult[] = [];
  const stop = await deliverTests({
    relays: ports.map((port) => relayAt(port)),
    rows,
    make: (row) => Promise.resolve(make(row) ?? mailTo("me@b.test")),
    signal,
    onTested: (one) => tested.push(one),
  });
  return {
    tested: tested.map(({ row, state, detail }) => `${row.entry.line} ${state} ${detail}`),
    stop,
  };
}

Deno.test("deliverTests() sends all mails over one connection and reports each reply", async () => {
  await using server = new ScriptedServer(`${GREETING}${mail()}${mail("250 2.0.0 more")}${QUIT}`);
  const { tested, stop } = await deliver([server.port]);
  await server.finished();
  assert.deepEqual(tested, ["2 sent 250 2.0.0 kept", "3 sent 250 2.0.0 more"]);
  assert.equal(stop, undefined);
});

Deno.test("deliverTests() continues if the relay permanently refuses a message", async () => {
  await using server = new ScriptedServer(`${GREETING}${mail("554 5.6.0 spam")}${mail()}${QUIT}`);
  const { tested, stop } = await deliver([server.port]);
  assert.deepEqual(tested, ["2 failed 554 5.6.0 spam", "3 sent 250 2.0.0 kept"]);
  assert.equal(stop, undefined);
});

for (
  const [what, script, reason] of [
    [
      "refuses us",
      `${GREETING}C: MAIL FROM:<s@a.test>\nS: 530 5.7.0 log in\nC: QUIT\nS: 221 bye`,
      /^MAIL was refused: 530 5\.7\.0 log in$/,
    ],
    [
      "refuses us at the recipient",
      `${GREETING}C: MAIL FROM:<s@a.test>\nS: 250 ok\nC: RCPT TO:<me@b.test>\nS: 530 5.7.0 log in\n${QUIT}`,
      /^RCPT was refused: 530 5\.7\.0 log in$/,
    ],
    ["says to try later", `${GREETING}${mail("451 4.3.0 later")}${QUIT}`, /451 4\.3\.0 later$/],
    ["reports a limit", `${GREETING}${mail("452 4.5.3 too many")}${QUIT}`, /452 4\.5\.3 too many$/],
    [
      "reports a permanent limit",
      `${GREETING}${mail("550 5.4.5 quota")}${QUIT}`,
      /550 5\.4\.5 quota$/,
    ],
    ["greets with a refusal", "S: 554 no service", /554 no service/],
    [
      "disconnects before the end of a mail",
      `${GREETING}C: MAIL FROM:<s@a.test>\n!close`,
      /^Connection lost/,
    ],
  ] as const
) {
  Deno.test(`deliverTests() stops, and says why, if the relay ${what}`, async () => {
    await using server = new ScriptedServer(script);
    const { tested, stop } = await deliver([server.port]);
    assert.deepEqual(tested, []);
    assert.match(stop?.reason ?? "", reason);
  });
}

Deno.test("deliverTests() calls a mail whose reply is missing in doubt, and stops", async () => {
  const script = mail().replace(/S: 250 2.0.0 kept\n$/, "!close");
  await using server = new ScriptedServer(`${GREETING}${script}`);
  const { tested, stop } = await deliver([server.port]);
  assert.match(tested.join(), /^2 in-doubt No reply after the mail was handed over/);
  assert.equal(tested.length, 1);
  assert.match(stop?.reason ?? "", /^No reply after/);
});

Deno.test("deliverTests() uses the next relay if one does not answer, and a new connection after 421", async () => {
  using gone = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = gone.addr as Deno.NetAddr;
  gone.close();
  await using server = new ScriptedServer(
    `${GREETING}${mail()}S: 421 4.3.2 enough\n!close`,
    `${GREETING}${mail()}${QUIT}`,
  );
  const { tested, stop } = await deliver([port, server.port]);
  assert.deepEqual(tested, ["2 sent 250 2.0.0 kept", "3 sent 250 2.0.0 kept"]);
  assert.equal(stop, undefined);
});

Deno.test("deliverTests() skips a row that makes no mail", async () => {
  await using server = new ScriptedServer(`${GREETING}${mail()}${QUIT}`);
  const { tested } = await deliver(
    [server.port],
    ({ number }) => number === 1 ? { kind: "none", reason: "why" } : undefined,
  );
  assert.deepEqual(tested, ["2 no-mail why", "3 sent 250 2.0.0 kept"]);
});

Deno.test("deliverTests() finishes the mail under way after a signal, and starts no other", async () => {
  const signalled = new AbortController();
  await using server = new ScriptedServer(`${GREETING}${mail()}${QUIT}`);
  const { tested, stop } = await deliver([server.port], () => {
    signalled.abort();
    return undefined;
  }, signalled.signal);
  assert.deepEqual(tested, ["2 sent 250 2.0.0 kept"]);
  assert.match(stop?.reason ?? "", /signal/);
});

Deno.test("deliverTests() gives the hint that belongs to a refusal of us", async () => {
  await using server = new ScriptedServer(
    `${GREETING}C: MAIL FROM:<s@a.test>\nS: 530 5.7.0 log in\nC: QUIT\nS: 221 bye`,
  );
  const { stop } = await deliver([server.port]);
  assert.match(stop?.hint ?? "", /\w/);
});
