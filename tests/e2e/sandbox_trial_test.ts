import assert from "node:assert/strict";
import { openDatabase } from "../support/database.ts";
import { inFolder } from "../support/folder.ts";
import { openLocalRelay } from "../support/local_relay.ts";
import { runProgram } from "../support/program.ts";

const FILES = {
  "list.csv": "Name,Email\nAnn,ann@x.test\nBob,bob@x.test\n",
  "mail.txt": "From: Acme <news@acme.test>\nSubject: Hello, {{ Name }}\n\nDear {{ Name }}!\n",
  "campaign.toml": 'id = "spring"\nrecipients = "list.csv"\ntemplate = "mail.txt"\n',
};

Deno.test("After a trial in the sandbox, status and export show the trial, and a real run still sends to everybody", async () => {
  await using relay = await openLocalRelay();
  await inFolder(FILES, async (cwd) => {
    const run = (...args: string[]) => runProgram(args, { cwd });
    const trial = await run("send", "--smtp", "sandbox:", "--yes", "--json");
    assert.equal(trial.code, 0, trial.stderr);
    assert.match(trial.stderr, /Ledger {4}\S*spring\.sandbox\.ledger\n/);
    assert.equal(JSON.parse(trial.stdout).relay, "sandbox:");
    assert.equal(JSON.parse((await run("status", "--json")).stdout).relay, "sandbox:");
    assert.match((await run("export")).stdout, /ann@x\.test,sent,/);

    const real = await run("send", "--smtp", relay.url, "--yes", "--json");
    assert.equal(real.code, 0, real.stderr);
    assert.deepEqual([...relay.mailed].sort(), ["ann@x.test", "bob@x.test"]);
    const name = relay.url.replace(/^smtp:\/\/|\?.*/g, "");
    assert.equal(JSON.parse(real.stdout).relay, name);
    assert.equal(JSON.parse((await run("status", "--json")).stdout).relay, name);

    const again = await run("send", "--smtp", "sandbox:", "--yes");
    assert.match(again.stderr, /nothing left to send/);
    assert.equal((await run("send", "--smtp", relay.url, "--yes")).code, 0);
    assert.equal(relay.mailed.length, 2);
  });
});

Deno.test("A ledger given by name stays either the sandbox's or a real relay's: otherwise send exits with 2 and mails nobody", async () => {
  await using relay = await openLocalRelay();
  await inFolder(FILES, async (cwd) => {
    const send = (...args: string[]) => runProgram(["send", "--yes", ...args], { cwd });
    await send("--smtp", "sandbox:", "--ledger", "trial.db");
    const real = await send("--smtp", relay.url, "--ledger", "trial.db");
    assert.equal(real.code, 2, real.stderr);
    assert.match(
      real.stderr,
      /^error: Cannot use the ledger of a trial in the sandbox for a real relay: found 'trial\.db'\n/,
    );
    assert.deepEqual(relay.mailed, []);
    await send("--smtp", relay.url, "--ledger", "real.db");
    const trial = await send("--smtp", "sandbox:", "--ledger", "real.db");
    assert.equal(trial.code, 2, trial.stderr);
    assert.match(trial.stderr, /^error: Cannot use the ledger of a real campaign for a trial/);
  });
});

Deno.test("A trial's ledger from an earlier version is refused for a real relay, too", async () => {
  await using relay = await openLocalRelay();
  await inFolder(FILES, async (cwd) => {
    const send = (...args: string[]) => runProgram(["send", "--yes", ...args], { cwd });
    await send("--smtp", "sandbox:", "--ledger", "spring.ledger");
    using database = openDatabase(`${cwd}/spring.ledger`);
    const facts = "json_set(json_remove(value, '$.trial'), '$.relays', json_array('mx.test:25'))";
    database.exec(`UPDATE fact SET value = ${facts} WHERE name = 'campaign'`);
    const { code, stderr } = await send("--smtp", relay.url);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /'spring\.ledger'\n {2}Delete or rename it/);
    assert.deepEqual(relay.mailed, []);
  });
});

Deno.test("status names the ledger of a real run if the campaign file says sandbox but --smtp named a relay", async () => {
  await using relay = await openLocalRelay();
  const toml = `smtp = "sandbox:"\n${FILES["campaign.toml"]}`;
  await inFolder({ ...FILES, "campaign.toml": toml }, async (cwd) => {
    const run = (...args: string[]) => runProgram(args, { cwd });
    const before = await run("status");
    assert.deepEqual([before.code, before.stdout], [2, ""]);
    assert.match(
      before.stderr,
      /because there is none: found no file 'spring\.sandbox\.ledger'\n {2}The send command creates it. Choose another one with --campaign or --ledger.\n$/,
    );
    await run("send", "--smtp", relay.url, "--yes");
    for (const command of ["status", "export"]) {
      const { code, stderr } = await run(command);
      assert.equal(code, 2);
      assert.match(
        stderr,
        /^error: Cannot open the ledger of a run through the sandbox because there is none: .*\n {2}To use the ledger of the run through a real relay, give --ledger spring\.ledger\.\n$/,
      );
    }
    assert.match((await run("status", "--ledger", "spring.ledger")).stdout, /Done/);
    await run("send", "--yes");
    assert.match((await run("status")).stdout, /sandbox/);
  });
});
