import assert from "node:assert/strict";
import { join } from "node:path";
import PostalMime from "postal-mime";
import { keyOf, rsaPem, verifyWithMailauth, zoneOf } from "../compose/dkim_support.ts";
import { CountingServer } from "../support/counting_server.ts";
import { inFolder } from "../support/folder.ts";
import { runProgram } from "../support/program.ts";
import { FILES, GIVEN, LIST } from "./files.ts";

Deno.test("preview prints the bytes of one mail", async () => {
  await inFolder(FILES, async (cwd) => {
    const mailOf = async (...args: string[]) => {
      const { code, stdout, stderr } = await runProgram(["preview", ...GIVEN, ...args], { cwd });
      assert.equal(code, 0, stderr);
      assert(!/(^|[^\r])\n/.test(stdout), "CRLF line endings only");
      return await PostalMime.parse(stdout);
    };
    assert.equal((await mailOf()).subject, "Hello, Ann");
    assert.equal((await mailOf("--row", "2", "--output", "-")).subject, "Hello, Zoë");
    assert.equal((await mailOf("--email", "ZOE@Example.com")).text?.trim(), "Dear Zoë!");
  });
});

Deno.test("preview --output writes .eml files and a page to browse them, and names all of these", async () => {
  await inFolder(FILES, async (cwd) => {
    const args = ["preview", ...GIVEN, "--row", "1", "--row", "2", "--output", "out/deep"];
    const { code, stdout, stderr } = await runProgram(args, { cwd });
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "");
    const names = (await Array.fromAsync(Deno.readDir(join(cwd, "out", "deep")))).map(({ name }) =>
      name
    );
    assert.deepEqual(names.sort(), [
      "000002-ann@example.com.eml",
      "000003-zoe@example.com.eml",
      "index.html",
    ]);
    for (const name of names) assert(stderr.includes(name));
  });
});

Deno.test("preview says why a row makes no mail, and which row does not exist", async () => {
  await inFolder(FILES, async (cwd) => {
    const bad = await runProgram(["preview", ...GIVEN, "--row", "3"], { cwd });
    assert.equal(bad.code, 1);
    assert.equal(bad.stdout, "");
    assert.match(bad.stderr, /^emails\.csv:4: No mail: .*'bob@'/);
    for (const choice of [["--row", "9"], ["--email", "nobody@example.com"]]) {
      const gone = await runProgram(["preview", ...GIVEN, ...choice], { cwd });
      assert.equal(gone.code, 2);
      assert.match(
        gone.stderr,
        /^emails\.csv: The list has no (row 9|recipient nobody@example\.com)/,
      );
    }
  });
});

Deno.test("preview reads the list from standard input", async () => {
  await inFolder(FILES, async (cwd) => {
    const args = ["preview", "--recipients", "-", "--template", "email.txt"];
    const { stdout } = await runProgram(args, { cwd, stdin: LIST });
    assert.match(stdout, /Dear Ann!/);
  });
});

Deno.test("preview --sample takes rows from the whole list, including the longest, and says why a chosen row makes no mail", async () => {
  const rows = Array.from({ length: 500 }, (_, index) => `Name ${index},p${index}@example.com`);
  rows[320] = `${"long ".repeat(20)},longest@example.com`;
  const list = `Name,Email\n${rows.join("\n")}\nBob,bob@\n`;
  await inFolder({ ...FILES, "emails.csv": list }, async (cwd) => {
    const args = ["preview", ...GIVEN, "--sample", "6", "--row", "501", "--output", "out"];
    const { code, stderr } = await runProgram(args, { cwd });
    assert.equal(code, 1);
    const mails = [...stderr.matchAll(/^emails\.csv:(\d+): (\S+): out\/\S+\.eml \(\d+ B\)$/gm)];
    assert.equal(mails.length, 6, stderr);
    assert(mails.some(([, , address]) => address === "longest@example.com"));
    assert.match(stderr, /^emails\.csv:502: No mail: .*'bob@'$/m);
    assert.match(stderr, /^out\/index\.html: 6 mails to look through \(\d+ kB\)$/m);
    const page = await Deno.readTextFile(join(cwd, "out", "index.html"));
    assert(page.includes("longest@example.com"));
  });
});

Deno.test("preview refuses several mails on standard output, an empty sample, and --send-to without an address or a relay", async () => {
  await inFolder(FILES, async (cwd) => {
    for (
      const [args, message] of [
        [
          ["--sample", "2"],
          /Cannot print 2 mails on standard output\n {2}Choose one, or give --output DIR./,
        ],
        [["--sample", "0", "--output", "out"], /--sample must be a whole number from 1 to 1000/],
        [["--send-to", "me@"], /--send-to must be an e-mail address: found 'me@'/],
        [["--send-to", "me@home.test"], /No SMTP server is given/],
      ] as const
    ) {
      const { code, stdout, stderr } = await runProgram(["preview", ...GIVEN, ...args], { cwd });
      assert.deepEqual([code, stdout], [2, ""], stderr);
      assert.match(stderr, message);
    }
  });
});

Deno.test("preview --send-to mails the chosen rows to one inbox, and creates no ledger", async () => {
  await inFolder(FILES, async (cwd) => {
    const args = ["preview", ...GIVEN, "--row", "1", "--row", "2", "--smtp", "sandbox:"];
    const { code, stdout, stderr } = await runProgram([...args, "--send-to", "me@home.test"], {
      cwd,
    });
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "");
    assert.match(
      stderr,
      /^2 test mails to me@home\.test through sandbox:; the ledger is not used$/m,
    );
    assert.match(stderr, /^emails\.csv:3: zoe@example\.com: sent: 250 /m);
    const outbox = join(cwd, "outbox");
    const mails = await Promise.all(
      Array.from(Deno.readDirSync(outbox), async ({ name }) => ({
        name,
        email: await PostalMime.parse(await Deno.readFile(join(outbox, name))),
      })),
    );
    assert.deepEqual(mails.map(({ email }) => email.subject).sort(), [
      "[Test] Hello, Ann",
      "[Test] Hello, Zoë",
    ]);
    for (const { name, email } of mails) {
      assert.match(name, /me@home\.test/, "the envelope");
      assert.deepEqual(email.to, [{ name: "", address: "me@home.test" }]);
    }
    const names = Array.from(Deno.readDirSync(cwd), ({ name }) => name).sort();
    assert.deepEqual(names, ["email.txt", "emails.csv", "outbox"]);
  });
});

Deno.test("preview --send-to signs a mail after all other changes to it", async () => {
  const key = rsaPem();
  const zone = zoneOf({ domain: "example.com", keys: [{ ...keyOf(key), selector: "s" }] });
  await inFolder({ ...FILES, "dkim.pem": key }, async (cwd) => {
    const dkim = ["--dkim-domain", "example.com", "--dkim-selector", "s", "--dkim-key", "dkim.pem"];
    const args = [...GIVEN, ...dkim, "--smtp", "sandbox:", "--send-to", "me@home.test"];
    const { code, stderr } = await runProgram(["preview", ...args], { cwd });
    assert.equal(code, 0, stderr);
    const [entry] = [...Deno.readDirSync(join(cwd, "outbox"))];
    const mail = await Deno.readFile(join(cwd, "outbox", entry!.name));
    assert.deepEqual(await verifyWithMailauth(mail, zone), ["pass"]);
  });
});

for (
  const [sentence, options, expected, message] of [
    [
      "exits with 3 if the relay refuses us",
      { mailReply: "530 5.7.0 log in first" },
      3,
      /^Stopped after 0 of 2 test mails: .*530 5\.7\.0 log in first\n {2}\S/m,
    ],
    [
      "exits with 1 if the inbox is refused permanently",
      { refuse: { "me@home.test": "550 5.1.1 nobody here" } },
      1,
      /^emails\.csv:2: failed: 550 5\.1\.1 nobody here$/m,
    ],
  ] as const
) {
  Deno.test(`preview --send-to ${sentence}`, async () => {
    await using server = await CountingServer.start(options);
    await inFolder(FILES, async (cwd) => {
      const args = ["preview", ...GIVEN, "--row", "1", "--row", "2", "--smtp", server.url];
      const { code, stderr } = await runProgram([...args, "--send-to", "me@home.test"], { cwd });
      assert.equal(code, expected, stderr);
      assert.match(stderr, message);
      assert.deepEqual(await server.accepted(), []);
    });
  });
}
