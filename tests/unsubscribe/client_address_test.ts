import assert from "node:assert/strict";
import { clientOf } from "../../src/unsubscribe/client_address.ts";

Deno.test("clientOf() trusts X-Forwarded-For as far as there are proxies of our own, and no further", () => {
  const table: [forwarded: string | null, proxies: number, client: string][] = [
    [null, 0, "10.0.0.1"],
    ["203.0.113.9", 0, "10.0.0.1"],
    [null, 1, "10.0.0.1"],
    ["", 1, "10.0.0.1"],
    ["203.0.113.9", 1, "203.0.113.9"],
    ["198.51.100.1, 203.0.113.9", 1, "203.0.113.9"],
    ["198.51.100.1,203.0.113.9", 2, "198.51.100.1"],
    ["1.1.1.1, 198.51.100.1 , 203.0.113.9", 2, "198.51.100.1"],
    ["203.0.113.9", 2, "10.0.0.1"],
    ["203.0.113.9:4711", 1, "203.0.113.9"],
    ["[2001:db8:1:2::9]:4711", 1, "2001:db8:1:2::/64"],
    ["unknown", 1, "10.0.0.1"],
    ["203.0.113.999", 1, "10.0.0.1"],
    ["<script>", 1, "10.0.0.1"],
  ];
  for (const [forwarded, proxies, client] of table) {
    assert.equal(clientOf("10.0.0.1", forwarded, proxies), client, `${forwarded}, ${proxies}`);
  }
});

Deno.test("clientOf() treats an IPv6 /64 as one client, however it is written", () => {
  const table = [
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:0DB8:0001:0002::9", "2001:db8:1:2::/64"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["2001:db8::3:4:5:6", "2001:db8:0:0::/64"],
    ["2001:db8:1:2:3::192.0.2.1", "2001:db8:1:2::/64"],
    ["::1", "0:0:0:0::/64"],
    ["::", "0:0:0:0::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::ffff:c000:201", "192.0.2.1"],
  ] as const;
  for (const [address, client] of table) assert.equal(clientOf(address, null, 0), client, address);
});
