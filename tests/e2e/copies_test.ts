import assert from "node:assert/strict";
import { RuleServer } from "../pipeline/relays.ts";
import { inFolder } from "../support/folder.ts";
import { runProgram } from "../support/program.ts";

const LIST = "Email,Boss\nann@x.test,amy@x.test\nbob@x.test,\n";

/** Runs a command on a template with this head. */
async function withHead(
  head: string,
  test: (
    run: (command: string, ...more: string[]) => ReturnType<typeof runProgram>,
    relay: RuleServer,
    cwd: string,
  ) => Promise<void>,
): Promise<void> {
  const template = `From: Acme <news@acme.test>\nSubject: Hello\n${head}\n\nNews.\n`;
  await inFolder({ "list.csv": LIST, "mail.txt": template }, async (cwd) => {
    await using relay = new RuleServer();
    const own = ["--recipients", "list.csv", "--template", "mail.txt", "--campaign", "c"];
    const smtp = ["--smtp", `smtp://127.0.0.1:${relay.port}?tls=off`, "--yes"];
    await test(
      (command, ...more) => {
        const args = [command, ...own, ...(command === "send" ? smtp : []), ...more];
        return runProgram(args, { cwd });
      },
      relay,
      cwd,
    );
  });
}

Deno.test("send, check and preview refuse a template with Cc before anything is sent, with the line and the ways out", async () => {
  await withHead("Cc: boss@acme.test", async (run, relay) => {
    for (const [command, ...more] of [["send"], ["check", "--offline"], ["preview"]]) {
      const { code, stdout, stderr } = await run(command!, ...more);
      assert.equal(code, 2, stderr);
      assert.match(stdout + stderr, /mail\.txt:3\b[^]*Cc names somebody besides the recipient/);
      assert.match(stdout + stderr, /--copies header/);
    }
    assert.deepEqual(relay.named, []);
    const { code, stderr } = await run("send", "--copies", "both");
    assert.equal(code, 2);
    assert.match(stderr, /--copies must be .*: found 'both'/);
  });
});

Deno.test("--copies header shows Cc, leaves Bcc out and mails nobody but the list, wherever it is set", async () => {
  await withHead(
    "Cc: boss@acme.test, {{ Boss | default: '' }}\nBcc: log@acme.test",
    async (run, relay, cwd) => {
      await Deno.writeTextFile(`${cwd}/campaign.toml`, 'copies = "header"\n');
      assert.equal((await run("check", "--offline")).code, 0);
      const { code, stderr } = await run("send");
      assert.equal(code, 0, stderr);
      assert.match(
        stderr,
        /Cc +'boss@acme\.test, \{\{ Boss \| default: '' \}\}': shown in every mail; nobody named/,
      );
      assert.deepEqual([...relay.named].sort(), ["ann@x.test", "bob@x.test"]);
      const shown = relay.bodies.map(({ text }) => /^Cc: (.*?)\r?$/m.exec(text)![1]).sort();
      assert.deepEqual(shown, ["boss@acme.test", "boss@acme.test, amy@x.test"]);
      for (const { text } of relay.bodies) assert.doesNotMatch(text, /Bcc|log@/);
    },
  );
});

Deno.test("The choice about copies is no change of the template", async () => {
  await withHead("To: Acme News <news@acme.test>", async (run) => {
    assert.equal((await run("send")).code, 0);
    const { code, stderr } = await run("send", "--copies", "header");
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stderr, /template is not the one/);
  });
});
