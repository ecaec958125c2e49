import assert from "node:assert/strict";
import { type Rules, RuleServer } from "../pipeline/relays.ts";
import { inFolder } from "../support/folder.ts";
import { runProgram, startProgram } from "../support/program.ts";

const HEAD = "Cc: {{ Boss | default: '' }}, log@acme.test\nBcc: audit@acme.test";

const listText = (rows: readonly string[]) =>
  `Email,Boss\n${rows.map((row) => `${row}\n`).join("")}`;

class Copied {
  readonly #cwd: string;
  readonly relay: RuleServer;

  constructor(cwd: string, relay: RuleServer) {
    this.#cwd = cwd;
    this.relay = relay;
  }

  #args(more: readonly string[]): string[] {
    const smtp = `smtp://127.0.0.1:${this.relay.port}?tls=off`;
    return [
      ...["send", "--recipients", "list.csv", "--template", "mail.txt", "--campaign", "c"],
      ...["--smtp", smtp, "--yes", "--progress", "none", "--json", "--copies", "deliver", ...more],
    ];
  }

  async send(...more: readonly string[]) {
    const ended = await runProgram(this.#args(more), { cwd: this.#cwd });
    return { ...ended, json: JSON.parse(ended.stdout || "{}") };
  }

  start(...more: readonly string[]) {
    return startProgram(this.#args(more), { cwd: this.#cwd });
  }

  run(...args: readonly string[]) {
    return runProgram(args, { cwd: this.#cwd });
  }

  async export(...more: readonly string[]): Promise<Record<string, string>[]> {
    const { stdout } = await this.run(
      "export",
      "--format",
      "jsonl",
      "--ledger",
      "c.ledger",
      ...more,
    );
    return stdout.trim().split("\n").map((line) => JSON.parse(line));
  }

  write(name: string, text: string): Promise<void> {
    return Deno.writeTextFile(`${this.#cwd}/${name}`, text);
  }

  /** Whom each mail that the relay accepted went to, and whose mail it was, sorted. */
  get accepted(): string[] {
    return [...this.relay.accepted].sort();
  }
}

async function copied(
  rows: readonly string[],
  rules: Rules,
  test: (campaign: Copied) => Promise<void>,
  head = HEAD,
): Promise<void> {
  const template = `From: Acme <news@acme.test>\nSubject: Hello\n${head}\n\nFor {{ Email }}.\n`;
  await inFolder({ "list.csv": listText(rows), "mail.txt": template }, async (cwd) => {
    await using relay = new RuleServer(rules);
    await test(new Copied(cwd, relay));
  });
}

Deno.test("--copies deliver sends everybody named the same mail in an envelope of their own, each person once", async () => {
  const rows = ["Ann@x.test,amy@x.test", "bob@x.test,", "log@acme.test,LOG@acme.test"];
  await copied(rows, {}, async (campaign) => {
    const { code, json, stderr } = await campaign.send();
    assert.deepEqual([code, json.sent, json.total, json.state], [0, 9, 9, "done"], stderr);
    assert.match(stderr, /To send +3 recipients and 6 copies\n/);
    assert.match(stderr, /Cc .*shown in every mail; everybody named there gets a copy\n/);
    assert.match(stderr, /Bcc .*left out of the mails; everybody named there gets a copy\n/);
    assert.deepEqual(campaign.accepted, [
      ...["Ann@x.test", "amy@x.test", "audit@acme.test", "audit@acme.test", "audit@acme.test"],
      ...["bob@x.test", "log@acme.test", "log@acme.test", "log@acme.test"],
    ]);
    const texts = campaign.relay.bodies.map(({ text }) => text.replace(/^Date: .*\r?\n/m, ""));
    assert.equal(new Set(texts).size, 3, "three mails, whoever gets them");
    for (const text of texts) assert.doesNotMatch(text, /Bcc|audit/);
    assert.equal((await campaign.send()).json.sent, 9);
    assert.equal(campaign.accepted.length, 9, "nobody twice");
  });
});

Deno.test("Each copy has its state, its retries and its reason, in a list with every kind of row", async () => {
  const rows = [
    "ann@x.test,amy@x.test",
    "no address,amy@x.test",
    "ann@x.test,eve@x.test",
    "bob@x.test,not an address",
    "off@x.test,amy@x.test",
    "cat@x.test,off@x.test",
    "gone@x.test,amy@x.test",
  ];
  let busy = true;
  const rcpt: Rules["rcpt"] = ({ recipient }) =>
    recipient === "gone@x.test"
      ? "550 5.1.1 no such user"
      : busy && recipient === "amy@x.test"
      ? (busy = false, "451 4.7.1 greylisted")
      : undefined;
  await copied(rows, { rcpt }, async (campaign) => {
    assert.equal((await campaign.run("unsubscribe", "add", "off@x.test")).code, 0);
    const { code, json, stderr } = await campaign.send();
    assert.deepEqual(
      [code, json.sent, json.failed, json.invalid, json.skipped],
      // ann, cat, and the copies to amy twice; off, the copy of off's mail, the copy to off, the duplicate.
      [1, 4, 1, 2, 4],
      stderr,
    );
    assert.deepEqual(campaign.accepted, ["amy@x.test", "amy@x.test", "ann@x.test", "cat@x.test"]);
    const all = await campaign.export("--with-copies");
    assert.deepEqual(
      all.map(({ Email, _copy_to, _line, _state }) => `${_line} ${Email}>${_copy_to} ${_state}`),
      [
        ...["2 ann@x.test> sent", "2 >amy@x.test sent", "3 no address> invalid"],
        ...["4 ann@x.test> skipped", "5 bob@x.test> invalid", "6 off@x.test> skipped"],
        ...["6 >amy@x.test skipped", "7 cat@x.test> sent", "7 >off@x.test skipped"],
        ...["8 gone@x.test> failed", "8 >amy@x.test sent"],
      ],
    );
    // A second run judges those left out again, by the address of the copy and of the recipient.
    const again = await campaign.send();
    assert.deepEqual([again.json.sent, again.json.invalid, again.json.skipped], [4, 2, 4]);
    assert.equal(campaign.accepted.length, 4);
    const own = await campaign.export();
    assert.deepEqual(own.map(({ _line }) => _line), ["2", "3", "4", "5", "6", "7", "8"]);
  }, "Cc: {{ Boss }}");
});

Deno.test("An export with copies, read as a list, mails nobody because of a copy's row", async () => {
  await copied(["ann@x.test,amy@x.test"], {}, async (campaign) => {
    await campaign.send();
    const { stdout } = await campaign.run("export", "--with-copies", "--ledger", "c.ledger");
    await campaign.write(
      "list.csv",
      stdout.split("\r\n").filter((line) => !/^ann/.test(line)).join("\r\n"),
    );
    const { json } = await campaign.send("--campaign", "d");
    assert.deepEqual([json.sent, json.invalid], [0, 1]);
    assert.deepEqual(campaign.accepted, ["amy@x.test", "ann@x.test"]);
  }, "Cc: {{ Boss }}");
});

Deno.test("Copies survive kill -9: nobody gets a mail twice, and no copy is lost", async () => {
  const rows = Array.from({ length: 40 }, (_, at) => `r${at}@x.test,b${at}@x.test`);
  let running: ReturnType<Copied["start"]> | undefined;
  let answers = 0;
  const body = () => {
    if (++answers % 30 === 0) running?.kill("SIGKILL");
    return undefined;
  };
  await copied(rows, { body }, async (campaign) => {
    for (let run = 0;; run++) {
      assert.ok(run < 8, "the campaign ends");
      running = campaign.start("--connections", "3");
      const { signal, code, stderr } = await running.ended;
      if (signal !== null) continue;
      assert.ok(code <= 1, stderr);
      break;
    }
    assert.ok(answers > 60, "it was killed twice at least");
    assert.equal(new Set(campaign.accepted).size, campaign.accepted.length);
    const all = await campaign.export("--with-copies");
    assert.equal(all.length, 80);
    assert.ok(all.every(({ _state }) => _state === "sent" || _state === "in-doubt"));
    for (const { Email, _copy_to, _state } of all) {
      if (_state === "sent") assert.ok(campaign.accepted.includes(Email || _copy_to!));
    }
  }, "Cc: {{ Boss }}");
});

Deno.test("--copies deliver refuses to be combined with unsubscribing, at the header", async () => {
  await copied(["ann@x.test,amy@x.test"], {}, async (campaign) => {
    for (const more of [["--unsubscribe-mailto", "leave@acme.test"], []]) {
      if (more.length === 0) {
        await campaign.write(
          "mail.txt",
          "From: a@acme.test\nSubject: x\nCc: b@acme.test\nList-Unsubscribe: <mailto:l@acme.test>\n\nx\n",
        );
      }
      const { code, stderr } = await campaign.send(...more);
      assert.equal(code, 2, stderr);
      assert.match(stderr, /mail\.txt:3:.*--copies deliver cannot be combined with unsubscribing/);
    }
    assert.deepEqual(campaign.relay.named, []);
  });
});

Deno.test("--limit counts recipients and not copies, and --retry names whoever gets a copy", async () => {
  let refusing = true;
  const rcpt: Rules["rcpt"] = ({ recipient }) =>
    refusing && recipient === "amy@x.test" ? "550 5.1.1 no such user" : undefined;
  await copied(["ann@x.test,amy@x.test", "bob@x.test,bea@x.test"], { rcpt }, async (campaign) => {
    await campaign.send("--limit", "1");
    assert.deepEqual(campaign.accepted, ["ann@x.test"]);
    const second = await campaign.send();
    assert.deepEqual([second.code, second.json.failed, second.json.sent], [1, 1, 3]);
    const settled = await campaign.run(
      "settle",
      "amy@x.test",
      "--as",
      "sent",
      "--ledger",
      "c.ledger",
    );
    assert.deepEqual([settled.code, settled.stderr], [
      1,
      "amy@x.test (copy of the mail to ann@x.test): stays failed: not in-doubt\n",
    ]);
    refusing = false;
    const retried = await campaign.send("--retry", "amy@x.test");
    assert.deepEqual([retried.code, retried.json.sent], [0, 4], retried.stderr);
    assert.deepEqual(campaign.accepted, ["amy@x.test", "ann@x.test", "bea@x.test", "bob@x.test"]);
  }, "Cc: {{ Boss }}");
});

Deno.test("Who is named only later gets copies of the mails that follow, not of those that left", async () => {
  const rows = ["ann@x.test,", "bob@x.test,"];
  await copied(rows, {}, async (campaign) => {
    await campaign.send("--limit", "1");
    assert.deepEqual(campaign.accepted, ["ann@x.test"]);
    await campaign.write("mail.txt", "From: a@acme.test\nSubject: x\nCc: boss@acme.test\n\nx\n");
    const { code, json, stderr } = await campaign.send();
    assert.deepEqual([code, json.sent], [0, 3], stderr);
    assert.deepEqual(campaign.accepted, ["ann@x.test", "bob@x.test", "boss@acme.test"]);
  }, "To: {{ Email }}");
});

Deno.test("A mail that could not be made goes out with its copies once it can", async () => {
  await copied(["ann@x.test,amy@x.test", "bob@x.test,bea@x.test"], {}, async (campaign) => {
    await campaign.write("bea@x.test.txt", "for Bob");
    const first = await campaign.send();
    assert.deepEqual([first.json.sent, first.json.invalid], [2, 2], first.stderr);
    await campaign.write("amy@x.test.txt", "for Ann");
    const { code, json, stderr } = await campaign.send();
    assert.deepEqual([code, json.sent, json.invalid], [0, 4, 0], stderr);
    assert.deepEqual(campaign.accepted, ["amy@x.test", "ann@x.test", "bea@x.test", "bob@x.test"]);
    const toAnn = campaign.relay.bodies.filter(({ text }) => /^To: ann@x\.test/m.test(text));
    assert.equal(toAnn.length, 2, "the copy is Ann's mail");
  }, "Cc: {{ Boss }}\nAttachment: {{ Boss }}.txt");
});
