import assert from "node:assert/strict";
import { join } from "node:path";
import { makeVersion1, makeVersion3 } from "../ledger/ledgers.ts";
import { inFolder } from "../support/folder.ts";
import { runProgram, startProgram } from "../support/program.ts";
import { ScriptedServer } from "../support/scripted_server.ts";

/** What the relay says to RCPT; everybody else is accepted. */
const REFUSED: Readonly<Record<string, string>> = {
  "gone@x.test": "550 5.1.1 No such user",
  "moved@x.test": "551 5.1.6 Moved away",
  "policy@x.test": "550 5.7.1 Blocked by our list",
  "full@x.test": "552 5.2.2 Mailbox full",
  "bare@x.test": "550 no such user here",
  "later@x.test": "450 4.2.0 Greylisted",
};

/** Accepts every mail but those to them, and notes to whom it accepted one. */
function relay(accepted: Set<string>): ScriptedServer {
  return new ScriptedServer(async (peer) => {
    await peer.reply("220 mx");
    let address = "";
    for (let line; (line = await peer.line()) !== undefined;) {
      if (line.startsWith("EHLO")) await peer.reply("250-mx", "250 ENHANCEDSTATUSCODES");
      else if (line.startsWith("RCPT")) {
        address = /<(.+?)>/.exec(line)![1]!;
        await peer.reply(REFUSED[address] ?? "250 2.1.5 ok");
      } else if (line === "DATA") {
        await peer.reply("354 go ahead");
        await peer.body();
        accepted.add(address);
        await peer.reply("250 2.0.0 queued");
      } else if (line === "QUIT") return await peer.reply("221 bye");
      else await peer.reply("250 2.0.0 ok");
    }
  });
}

const OTHERS = Array.from({ length: 20 }, (_, at) => `p${at}@x.test`);
/** The refused are among the others, with a duplicate of one of them and an invalid row. */
const ROWS = [
  ...OTHERS.slice(0, 10),
  ...Object.keys(REFUSED),
  "GONE@x.test",
  "nobody@",
  ...OTHERS.slice(10),
];
const FILES = {
  "list.csv": `Email\n${ROWS.join("\n")}\n`,
  "mail.txt": "From: Acme <news@acme.test>\nSubject: News\n\nThe news.\n",
};

Deno.test("unsubscribe import --from-ledger adds whom the relay refused for good, so that the next campaign leaves them out", async () => {
  const files = {
    ...Object.fromEntries(
      ["one", "two"].flatMap((name) =>
        Object.entries(FILES).map(([file, text]) => [`${name}/${file}`, text])
      ),
    ),
    "conf/email-dispatcher/config.toml": "",
  };
  await inFolder(files, async (home) => {
    const list = join(home, "left.db");
    await Deno.writeTextFile(
      join(home, "conf/email-dispatcher/config.toml"),
      `suppression_list = '${list}'\n`,
    );
    const run = (folder: string, ...args: string[]) =>
      runProgram(args, {
        cwd: join(home, folder),
        env: { XDG_CONFIG_HOME: join(home, "conf") },
      });
    const accepted = new Set<string>();
    await using server = relay(accepted);
    const send = (folder: string, id: string) =>
      run(
        folder,
        ...["send", "--recipients", "list.csv", "--template", "mail.txt", "--campaign", id],
        ...["--smtp", `smtp://127.0.0.1:${server.port}?tls=off`, "--yes", "--no-wait", "--json"],
        ...["--connections", "1"],
      );
    assert.equal((await run("one", "unsubscribe", "add", "p3@x.test")).code, 0);

    const first = await send("one", "november");
    assert.equal(first.code, 3, first.stderr);
    const { sent, failed, deferred, skipped, suppressed, invalid } = JSON.parse(first.stdout);
    assert.deepEqual([sent, skipped, suppressed, invalid], [19, 2, 1, 1], first.stderr);
    assert.deepEqual([failed, deferred], [5, 1], first.stderr);

    const from = ["unsubscribe", "import", "--from-ledger", "november.ledger"];
    const dry = await run("one", ...from, "--dry-run");
    assert.equal(dry.code, 0, dry.stderr);
    assert.match(dry.stderr, /^gone@x\.test: 550 5\.1\.1 No such user$/m);
    assert.match(dry.stderr, /^2 addresses would be added$/m);
    const still = await run("one", "unsubscribe", "list", "--json");
    assert.equal(JSON.parse(still.stdout).length, 1);

    const imported = await run("one", ...from);
    assert.equal(imported.code, 0);
    assert.equal(
      imported.stderr,
      [
        "2 addresses added",
        "1 left out: refused by policy (5.7.x): about the mail, the sender or the server",
        "1 left out: without room for the mail (552, 5.2.2)",
        "1 left out: refused without a code that says why",
        "",
      ].join("\n"),
    );
    assert.match((await run("one", ...from)).stderr, /^0 addresses added, 2 already on the list$/m);
    const listed = await run("two", "unsubscribe", "list", "--json");
    const gone = JSON.parse(listed.stdout)
      .find(({ email }: { email: string }) => email === "gone@x.test");
    const { at, ...facts } = gone;
    assert.deepEqual(facts, {
      email: "gone@x.test",
      campaign: "november",
      source: "relay",
      reason: "550 5.1.1 No such user",
    });
    assert.match(at, /^\d{4}-\d\d-\d\dT/);

    accepted.clear();
    const second = await send("two", "december");
    const next = JSON.parse(second.stdout);
    assert.deepEqual([next.sent, next.suppressed, next.skipped, next.failed], [19, 3, 4, 3]);
    assert.ok(!accepted.has("p3@x.test") && accepted.size === 19);
    const skipped2 = await run("two", "export", "--campaign", "december", "--state", "skipped");
    assert.match(
      skipped2.stdout,
      /gone@x\.test.*Suppressed: refused by the relay \d{4}-\d\d-\d\d \(campaign november; 550 5\.1\.1 No such user\)/,
    );
  });
});

Deno.test("unsubscribe import --from-ledger reads ledgers of earlier versions, and one that is being sent from", async () => {
  await inFolder(FILES, async (cwd) => {
    await using server = relay(new Set());
    const smtp = `smtp://127.0.0.1:${server.port}?tls=off`;
    const send = ["--recipients", "list.csv", "--template", "mail.txt", "--smtp", smtp, "--yes"];
    await runProgram(["send", ...send, "--no-wait", "--connections", "1"], { cwd });
    for (const [name, older] of [["v3", makeVersion3], ["v1", makeVersion1]] as const) {
      await Deno.copyFile(join(cwd, "list.ledger"), join(cwd, `${name}.ledger`));
      older(join(cwd, `${name}.ledger`));
      const args = ["--from-ledger", `${name}.ledger`, "--suppression-list", `${name}.db`];
      const { code, stderr } = await runProgram(["unsubscribe", "import", ...args], { cwd });
      assert.equal(code, 0, stderr);
      assert.match(stderr, /^2 addresses added$/m, name);
    }
    const rows = [...OTHERS.slice(0, 2), "gone@x.test", ...OTHERS.slice(2)];
    await Deno.writeTextFile(join(cwd, "slow.csv"), `Email\n${rows.join("\n")}\n`);
    const running = startProgram(
      ["send", ...send, "--recipients", "slow.csv", "--rate", "5/s", "--connections", "1", "-v"],
      { cwd },
    );
    await running.seen(/p5@x\.test/);
    const args = ["--from-ledger", "slow.ledger", "--suppression-list", "slow.db"];
    const { code, stderr } = await runProgram(["unsubscribe", "import", ...args], { cwd });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^1 address added$/m);
    assert.equal((await running.ended).code, 1);
  });
});

Deno.test("unsubscribe import takes either a file or a ledger, and a ledger that exists", async () => {
  await inFolder({ "old.csv": "Email\nann@x.test\n" }, async (cwd) => {
    const table: [args: string[], stderr: RegExp][] = [
      [[], /No file of addresses is given/],
      [["old.csv", "--from-ledger", "c.ledger"], /cannot be used together/],
      [["old.csv", "--dry-run"], /--dry-run needs --from-ledger/],
      [
        ["--from-ledger", "c.ledger", "--reason", "why"],
        /--from-ledger.* cannot be used with .*--reason/,
      ],
      [["--from-ledger", "c.ledger"], /c\.ledger/],
    ];
    for (const [args, expected] of table) {
      const { code, stderr } = await runProgram(["unsubscribe", "import", ...args], { cwd });
      assert.equal(code, 2, stderr);
      assert.match(stderr, expected);
    }
    await assert.rejects(Deno.stat(join(cwd, "suppressed.db")), Deno.errors.NotFound);
  });
});
