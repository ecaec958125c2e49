import assert from "node:assert/strict";
import { join } from "node:path";
import { TestCampaign } from "../support/campaigns.ts";
import { programCommand, start } from "../support/program.ts";

// Needs root, unshare, ip and mount: a machine whose name service does not answer.

/** `"$@"` is the program. It runs in a network of its own, with only local addresses and no name service. */
const ALONE = `ip link set lo up
mount --bind hosts /etc/hosts
"$@" sandbox --listen 127.0.0.1:2525 &
sandbox=$!
"$@" send --campaign c --recipients list.csv --template mail.txt --ledger c.ledger --yes \
  --progress none --smtp 'smtp://mx.example.test:2525?tls=off'
code=$?
kill $sandbox
exit $code`;

Deno.test("A run waits while the name service does not answer, and sends once it does", async () => {
  await using campaign = await TestCampaign.make(3);
  const hosts = join(campaign.folder, "hosts");
  await Deno.writeTextFile(hosts, "127.0.0.1 localhost\n");
  const { command, args, env } = programCommand();
  const isolated = ["-n", "-m", "/bin/sh", "-c", ALONE, "sh", command, ...args];
  const run = start("/usr/bin/unshare", isolated, {
    cwd: campaign.folder,
    env: { ...env, PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
  });
  const patience = setTimeout(() => run.kill("SIGKILL"), 120_000);
  // In earlier versions, the third failure in a row gave up the relay, after 0.9 s.
  await run.seen(/(?:The name service does not answer[^]*){4}/);
  await Deno.writeTextFile(hosts, "127.0.0.1 localhost mx.example.test\n");
  const { code, stderr } = await run.ended;
  clearTimeout(patience);
  assert.equal(code, 0, stderr);
  assert.deepEqual(await campaign.exported("sent"), campaign.recipients);
});
