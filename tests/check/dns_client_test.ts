import assert from "node:assert/strict";
import { DnsClient } from "../../src/check/dns/dns_client.ts";
import { DnsBudget } from "../../src/check/dns/budget.ts";
import { serversOf } from "../../src/check/dns/servers.ts";
import { longNames } from "./hostile_reply.ts";
import { DnsServer, type Zone } from "../support/dns_server.ts";

const LONG = "x".repeat(700);
const ZONE: Zone = {
  "a.test": { A: ["192.0.2.1"], AAAA: ["2001:db8::1"], TXT: ["one", "zwei ü"] },
  "long.test": { TXT: [LONG] },
  "alias.test": { CNAME: "a.test" },
  "mx.test": { MX: ["20 b.mx.test", "10 a.mx.test"] },
  "null.test": { MX: ["0 ."] },
  "servfail.test": { fails: 2 },
  "refused.test": { fails: 5 },
  "silent.test": { fails: "silent" },
};
const FOREVER = new AbortController().signal;

async function withClient(
  action: (client: DnsClient, server: DnsServer) => Promise<void>,
  tryMs = 3_000,
): Promise<void> {
  await using server = await DnsServer.start(ZONE);
  await action(
    new DnsClient([{ hostname: "127.0.0.1", port: server.port }], FOREVER, tryMs),
    server,
  );
}

Deno.test("DnsClient reads texts, addresses and mail exchangers", async () => {
  await withClient(async (client) => {
    assert.deepEqual(await client.txt("a.test"), { kind: "found", records: ["one", "zwei ü"] });
    assert.deepEqual(await client.addresses("A.test"), {
      kind: "found",
      records: ["192.0.2.1", "2001:db8::1"],
    });
    assert.deepEqual(await client.mx("mx.test"), {
      kind: "found",
      records: [{ preference: 10, host: "a.mx.test" }, { preference: 20, host: "b.mx.test" }],
    });
    assert.deepEqual(await client.mx("null.test"), {
      kind: "found",
      records: [{ preference: 0, host: "" }],
    });
  });
});

Deno.test("DnsClient follows aliases, and asks over TCP for what does not fit a datagram", async () => {
  await withClient(async (client, server) => {
    assert.deepEqual(await client.txt("alias.test"), { kind: "found", records: ["one", "zwei ü"] });
    assert.deepEqual(await client.txt("long.test"), { kind: "found", records: [LONG] });
    assert.deepEqual(server.asked.slice(-2), ["udp TXT long.test", "tcp TXT long.test"]);
  });
});

Deno.test("DnsClient tells a missing name, a missing record and a failing server apart", async () => {
  await withClient(async (client) => {
    assert.deepEqual(await client.txt("gone.test"), { kind: "none", exists: false });
    assert.deepEqual(await client.txt("mx.test"), { kind: "none", exists: true });
    assert.deepEqual(await client.addresses("gone.test"), { kind: "none", exists: false });
    assert.deepEqual(await client.txt("servfail.test"), {
      kind: "failed",
      reason: "DNS server 127.0.0.1 failed (SERVFAIL)",
    });
    assert.deepEqual(await client.mx("refused.test"), {
      kind: "failed",
      reason: "DNS server 127.0.0.1 refused (REFUSED)",
    });
  });
});

Deno.test("DnsClient gives up a silent server after its time limit and asks the next", async () => {
  await withClient(async (client) => {
    const answer = await client.txt("silent.test");
    assert.equal(answer.kind, "failed");
    assert.match(JSON.stringify(answer), /did not answer within 0\.05 s/);
  }, 50);
  await using silent = await DnsServer.start({ "a.test": { fails: "silent" } });
  await using good = await DnsServer.start(ZONE);
  const servers = [silent, good].map(({ port }) => ({ hostname: "127.0.0.1", port }));
  const answer = await new DnsClient(servers, FOREVER, 200).txt("a.test");
  assert.deepEqual(answer, { kind: "found", records: ["one", "zwei ü"] });
});

Deno.test("DnsClient asks each question once, and none about what is no name", async () => {
  await withClient(async (client, server) => {
    await Promise.all([client.txt("a.test"), client.txt("A.TEST"), client.txt("a.test")]);
    assert.deepEqual(server.asked, ["udp TXT a.test"]);
    assert.deepEqual(await client.txt("a..test"), { kind: "none", exists: false });
    assert.deepEqual(await client.txt(`${"a".repeat(64)}.test`), { kind: "none", exists: false });
    assert.equal(server.asked.length, 1);
  });
});

Deno.test("DnsClient ends all of a check's questions at one deadline", async () => {
  await using server = await DnsServer.start(ZONE);
  const servers = [{ hostname: "127.0.0.1", port: server.port }];
  const client = new DnsClient(servers, FOREVER, 3_000, new DnsBudget(200));
  const began = performance.now();
  const answers = await Promise.all([client.txt("silent.test"), client.mx("silent.test")]);
  answers.push(await client.txt("a.test"));
  assert(performance.now() - began < 1_000);
  const reason = "the DNS took longer than the 0.2 s that a check allows";
  assert.deepEqual(answers, answers.map(() => ({ kind: "failed", reason })));
});

Deno.test("DnsClient accepts no more octets than a check can use", async () => {
  await using server = await DnsServer.start(ZONE);
  const servers = [{ hostname: "127.0.0.1", port: server.port }];
  const client = new DnsClient(servers, FOREVER, 3_000, new DnsBudget(30_000, 500));
  assert.equal((await client.txt("long.test")).kind, "found");
  assert.deepEqual(await client.txt("a.test"), {
    kind: "failed",
    reason: "the answers to this check are too large",
  });
});

Deno.test("DnsClient asks a server that has been silent after the others", async () => {
  await using silent = await DnsServer.start({
    "a.test": { fails: "silent" },
    "mx.test": { fails: "silent" },
  });
  await using good = await DnsServer.start(ZONE);
  const servers = [silent, good].map(({ port }) => ({ hostname: "127.0.0.1", port }));
  const client = new DnsClient(servers, FOREVER, 100);
  await client.txt("a.test");
  assert.equal((await client.mx("mx.test")).kind, "found");
  assert.deepEqual(silent.asked, ["udp TXT a.test"]);
});

Deno.test("DnsClient rejects an answer that is truncated over TCP", async () => {
  const cut = (reply: Uint8Array) => reply.with(2, reply[2]! | 2);
  await using server = await DnsServer.start(ZONE, cut);
  const client = new DnsClient([{ hostname: "127.0.0.1", port: server.port }], FOREVER);
  assert.deepEqual(await client.txt("a.test"), {
    kind: "failed",
    reason: "DNS server 127.0.0.1 truncated its answer over TCP as well",
  });
});

Deno.test("DnsClient is not slowed down by a hostile answer over TCP", async () => {
  const hostile = (reply: Uint8Array, over: "udp" | "tcp") =>
    over === "udp" ? reply.with(2, reply[2]! | 2) : longNames(reply);
  await using server = await DnsServer.start(ZONE, hostile);
  const client = new DnsClient([{ hostname: "127.0.0.1", port: server.port }], FOREVER);
  const began = performance.now();
  assert.equal((await client.txt("a.test")).kind, "failed");
  assert(performance.now() - began < 1_000);
});

Deno.test("DnsClient rejects with the signal's reason when it aborts", async () => {
  await using server = await DnsServer.start(ZONE);
  const stop = new AbortController();
  const client = new DnsClient([{ hostname: "127.0.0.1", port: server.port }], stop.signal);
  const pending = client.txt("silent.test");
  stop.abort(new Error("enough"));
  await assert.rejects(pending, /enough/);
});

Deno.test("serversOf() reads the nameserver lines of a resolv.conf", () => {
  const text =
    "# nameserver 9.9.9.9\nsearch a.test\nnameserver 192.0.2.1\n nameserver fe80::1%eth0\nnameserver 192.0.2.1\n";
  assert.deepEqual(serversOf(text).map(({ hostname }) => hostname), ["192.0.2.1", "fe80::1%eth0"]);
});
