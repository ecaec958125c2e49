import assert from "node:assert/strict";
import { DnsClient } from "../../src/check/dns/dns_client.ts";
import { DnsServer, type Tamper, type Zone } from "../support/dns_server.ts";

const ZONE: Zone = {
  "a.test": { A: ["192.0.2.1"], TXT: ["true"] },
  "v6.test": { AAAA: ["2001:db8::1"] },
  "half.test": { A: ["192.0.2.1"] },
};
const FOREVER = new AbortController().signal;

/** What a client makes of a server that tampers with its replies. */
async function txtFrom(tamper: Tamper, tryMs = 60): Promise<unknown> {
  await using server = await DnsServer.start(ZONE, tamper);
  const servers = [{ hostname: "127.0.0.1", port: server.port }];
  return await new DnsClient(servers, FOREVER, tryMs).txt("a.test");
}

const UNANSWERED = {
  kind: "failed",
  reason: "DNS server 127.0.0.1 did not answer within 0.06 s",
};
/** The offsets of the first letter of the question's name and of the low octet of its type. */
const [LETTER, TYPE] = [13, 12 + 8 + 1];

Deno.test("DnsClient accepts only the reply to its own question, and keeps waiting if another one comes", async () => {
  const forged: Readonly<Record<string, Tamper>> = {
    "another number": (reply) => reply.with(0, reply[0]! ^ 1),
    "the other half of the number": (reply) => reply.with(1, reply[1]! ^ 1),
    "another name": (reply) => reply.with(LETTER, "b".charCodeAt(0)),
    "another type": (reply) => reply.with(TYPE, 1),
    "a question, not a reply": (reply) => reply.with(2, reply[2]! & 0x7f),
    "no question, and no error": (reply) =>
      Uint8Array.from([...reply.slice(0, 4), 0, 0, 0, 0, 0, 0, 0, 0]),
  };
  for (const [what, tamper] of Object.entries(forged)) {
    assert.deepEqual(await txtFrom(tamper), UNANSWERED, what);
  }
  assert.deepEqual(await txtFrom((reply) => reply, 3_000), { kind: "found", records: ["true"] });
  const shouting: Tamper = (reply) => reply.with(LETTER, "A".charCodeAt(0));
  assert.deepEqual(await txtFrom(shouting, 3_000), { kind: "found", records: ["true"] });
});

Deno.test("DnsClient accepts an error that omits the question (RFC 1035, 4.1.1), and says which it is", async () => {
  const refusing = (code: number): Tamper => (reply) =>
    Uint8Array.from([...reply.slice(0, 3), reply[3]! & 0xf0 | code, 0, 0, 0, 0, 0, 0, 0, 0]);
  const cases: readonly (readonly [code: number, says: string])[] = [
    [1, "considers the question malformed (FORMERR)"],
    [2, "failed (SERVFAIL)"],
    [4, "cannot answer (NOTIMP)"],
    [5, "refused (REFUSED)"],
    [9, "answered with code 9"],
  ];
  for (const [code, says] of cases) {
    assert.deepEqual(await txtFrom(refusing(code), 3_000), {
      kind: "failed",
      reason: `DNS server 127.0.0.1 ${says}`,
    });
  }
  assert.deepEqual(await txtFrom(refusing(3), 3_000), { kind: "none", exists: false });
});

Deno.test("DnsClient.addresses() is content with addresses of one version, and fails only if there are none", async () => {
  const ask = async (name: string, tamper: Tamper = (reply) => reply) => {
    await using server = await DnsServer.start(ZONE, tamper);
    const servers = [{ hostname: "127.0.0.1", port: server.port }];
    return await new DnsClient(servers, FOREVER, 3_000).addresses(name);
  };
  const failing = (type: number): Tamper => (reply) =>
    reply[12 + 1 + "half".length + 1 + "test".length + 1 + 1] === type
      ? reply.with(3, 0x82)
      : reply;
  assert.deepEqual(await ask("v6.test"), { kind: "found", records: ["2001:db8::1"] });
  assert.deepEqual(await ask("half.test", failing(28)), { kind: "found", records: ["192.0.2.1"] });
  assert.equal((await ask("half.test", failing(1))).kind, "failed");
  assert.deepEqual(await ask("gone.test"), { kind: "none", exists: false });
});

Deno.test("DnsClient fails if no server is known", async () => {
  assert.deepEqual(await new DnsClient([], FOREVER).txt("a.test"), {
    kind: "failed",
    reason: "no DNS server is known",
  });
});
