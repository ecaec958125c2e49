import assert from "node:assert/strict";
import { type Rules, RuleServer } from "../pipeline/relays.ts";
import { inFolder } from "../support/folder.ts";
import { runProgram, startProgram } from "../support/program.ts";

const TEMPLATE =
  "From: Acme <billing@acme.test>\nSubject: Invoice {{ Invoice }}\n\nYour invoice {{ Invoice }}.\n";

type Row = readonly [address: string, invoice: string];

const listText = (rows: readonly Row[]) =>
  `Email,Invoice\n${rows.map((row) => `${row.join(",")}\n`).join("")}`;

/** The campaign of a test: its folder, and the relay that its mails go to. */
class Invoices {
  readonly args: readonly string[];
  readonly #cwd: string;
  readonly relay: RuleServer;

  constructor(cwd: string, relay: RuleServer) {
    this.#cwd = cwd;
    this.relay = relay;
    this.args = [
      ...["--recipients", "list.csv", "--template", "mail.txt", "--campaign", "c"],
      ...["--smtp", `smtp://127.0.0.1:${relay.port}?tls=off`, "--yes", "--progress", "none"],
    ];
  }

  send(...more: readonly string[]) {
    return runProgram(["send", ...this.args, ...more], { cwd: this.#cwd });
  }

  start(...more: readonly string[]) {
    return startProgram(["send", ...this.args, ...more], { cwd: this.#cwd });
  }

  run(...args: readonly string[]) {
    return runProgram(args, { cwd: this.#cwd });
  }

  /** The rows of the ledger. */
  async rows(): Promise<Record<string, string>[]> {
    const { stdout } = await this.run("export", "--format", "jsonl", "--ledger", "c.ledger");
    return stdout.trim().split("\n").map((line) => JSON.parse(line));
  }

  /** Address, invoice and state of each row of the ledger, in the order of the list. */
  async states(): Promise<string[]> {
    const rows = await this.rows();
    return rows.map(({ Email, Invoice, _state }) => `${Email} ${Invoice} ${_state}`);
  }

  /** Address and invoice of each mail that the relay was given, sorted. */
  get mailed(): string[] {
    const rows = this.relay.bodies.map(({ text }) =>
      `${/^To: (\S+)/m.exec(text)![1]} ${/^Subject: Invoice (.+?)\r?$/m.exec(text)![1]}`
    );
    return rows.sort();
  }

  async write(rows: readonly Row[]): Promise<void> {
    await Deno.writeTextFile(`${this.#cwd}/list.csv`, listText(rows));
  }
}

async function invoices(
  rows: readonly Row[],
  rules: Rules,
  test: (campaign: Invoices) => Promise<void>,
): Promise<void> {
  await inFolder({ "mail.txt": TEMPLATE, "list.csv": listText(rows) }, async (cwd) => {
    await using relay = new RuleServer(rules);
    await test(new Invoices(cwd, relay));
  });
}

const KEY = ["--key", "Invoice"];

Deno.test("send --key mails each address once for each value, and every other row has its reason", async () => {
  const rows: Row[] = [
    ["ann@x.test", "1"],
    ["ann@x.test", "2"],
    ["bob@x.test", "1"],
    ["ANN@x.test", " 2"],
    ["ann@x.test", ""],
    ["nobody", "3"],
    ["gone@x.test", "4"],
    ["off@x.test", "5"],
    ["later@x.test", "6"],
    ["later@x.test", "7"],
  ];
  const deferred = new Set(["later@x.test"]);
  const rcpt: Rules["rcpt"] = ({ recipient }) =>
    recipient === "gone@x.test"
      ? "550 5.1.1 no such user"
      : deferred.delete(recipient!)
      ? "451 4.7.1 greylisted"
      : undefined;
  await invoices(rows, { rcpt }, async (campaign) => {
    assert.equal((await campaign.run("unsubscribe", "add", "off@x.test")).code, 0);
    const { code, stdout, stderr } = await campaign.send(...KEY, "--json");
    assert.equal(code, 1, stderr);
    const json = JSON.parse(stdout);
    assert.deepEqual([json.sent, json.failed, json.invalid, json.skipped], [5, 1, 2, 2]);
    assert.deepEqual(campaign.mailed, [
      "ann@x.test 1",
      "ann@x.test 2",
      "bob@x.test 1",
      "later@x.test 6",
      "later@x.test 7",
    ]);
    const reasons = (await campaign.rows()).map(({ _reason }) => _reason);
    assert.deepEqual(reasons.slice(0, 6), [
      ...["", "", "", "Duplicate of line 3", "Column 'Invoice' is empty, and --key needs it"],
      "Address has no '@': 'nobody'",
    ]);
    assert.match(reasons[7]!, /^Suppressed: /);
    const ids = campaign.relay.bodies.map(({ text }) => /^Message-ID: (.*)$/mi.exec(text)![1]);
    assert.equal(new Set(ids).size, 5, "two invoices are two mails");
    const again = await campaign.send(...KEY);
    assert.equal(again.code, 1, again.stderr);
    assert.equal(campaign.mailed.length, 5, "nobody is mailed twice");
  });
});

Deno.test("send --key survives kill -9 and lists in any order: no invoice is mailed twice, none is lost", async () => {
  const rows: Row[] = Array.from(
    { length: 90 },
    (_, at) => [`r${at % 30}@x.test`, `INV-${Math.floor(at / 30)}`],
  );
  let running: ReturnType<Invoices["start"]> | undefined;
  let answers = 0;
  const body = () => {
    if (++answers % 25 === 0) running?.kill("SIGKILL");
    return undefined;
  };
  await invoices(rows, { body }, async (campaign) => {
    for (let run = 0;; run++) {
      assert.ok(run < 8, "the campaign ends");
      const shift = 17 * run;
      await campaign.write([...rows.slice(shift % 90), ...rows.slice(0, shift % 90)]);
      running = campaign.start(...KEY, "--connections", "3");
      const { signal, code, stderr } = await running.ended;
      if (signal !== null) continue;
      assert.ok(code <= 1, stderr);
      break;
    }
    assert.ok(answers > 50, "it was killed twice at least");
    const { mailed } = campaign;
    assert.equal(new Set(mailed).size, mailed.length, "nobody got one invoice twice");
    const states = await campaign.states();
    assert.equal(new Set(states).size, 90);
    const settled = states.filter((state) => / (?:sent|in-doubt)$/.test(state));
    assert.equal(settled.length, 90, "every invoice was mailed, or is in doubt");
    for (const sent of states.filter((state) => state.endsWith(" sent"))) {
      assert.ok(mailed.includes(sent.replace(/ sent$/, "")), sent);
    }
  });
});

Deno.test("Who unsubscribes between two of the mails to an address gets no second one", async () => {
  const others = Array.from({ length: 60 }, (_, at): Row => [`r${at}@x.test`, "1"]);
  const rows: Row[] = [["ann@x.test", "1"], ...others, ["ann@x.test", "2"]];
  let campaign: Invoices | undefined;
  const body: Rules["body"] = async ({ recipient }) => {
    if (recipient === "ann@x.test") await campaign!.run("unsubscribe", "add", "ann@x.test");
    return undefined;
  };
  await invoices(rows, { body }, async (made) => {
    campaign = made;
    assert.equal((await campaign.run("unsubscribe", "add", "other@x.test")).code, 0);
    const { code, stderr } = await campaign.send(...KEY, "--connections", "1", "--window", "1");
    assert.equal(code, 0, stderr);
    assert.deepEqual(campaign.mailed.filter((mail) => mail.startsWith("ann")), ["ann@x.test 1"]);
    assert.ok((await campaign.states()).includes("ann@x.test 2 skipped"));
  });
});

Deno.test("--only, --retry and settle name all mails to an address, or one by address and key", async () => {
  const rows: Row[] = [["ann@x.test", "1"], ["bob@x.test", "1"], ["ann@x.test", "2"]];
  let refusing = true;
  const rcpt: Rules["rcpt"] = ({ recipient }) =>
    refusing && recipient === "ann@x.test" ? "550 5.1.1 no such user" : undefined;
  await invoices(rows, { rcpt }, async (campaign) => {
    const none = await campaign.send(...KEY, "--only", "an@x.test");
    assert.equal(none.code, 2);
    assert.match(none.stderr, /found 'an@x\.test'\n {2}Did you mean 'ann@x\.test'\?/);
    const wrong = await campaign.send(...KEY, "--only", "ann@x.test 3");
    assert.match(wrong.stderr, /found 'ann@x\.test 3'\n {2}Did you mean 'ann@x\.test [12]'\?/);
    assert.equal((await campaign.send(...KEY, "--only", "bob@x.test")).code, 0);
    assert.deepEqual(campaign.mailed, ["bob@x.test 1"]);
    assert.equal((await campaign.send(...KEY)).code, 1);
    refusing = false;
    const sent = await campaign.send(...KEY, "--retry", "bob@x.test 1");
    assert.match(sent.stderr, /--retry mails nobody twice: found 'bob@x\.test 1'/);
    assert.equal((await campaign.send(...KEY, "--retry", "ann@x.test 2")).code, 1);
    assert.deepEqual(campaign.mailed, ["ann@x.test 2", "bob@x.test 1"]);
    assert.equal((await campaign.send(...KEY, "--retry", "ann@x.test")).code, 0);
    assert.deepEqual(campaign.mailed, ["ann@x.test 1", "ann@x.test 2", "bob@x.test 1"]);
    const settled = await campaign.run(
      "settle",
      "ann@x.test",
      "--as",
      "failed",
      "--ledger",
      "c.ledger",
    );
    assert.deepEqual([settled.code, settled.stderr], [
      1,
      "ann@x.test 1: stays sent: not in-doubt\nann@x.test 2: stays sent: not in-doubt\n",
    ]);
  });
});

Deno.test("send refuses another --key once anybody was mailed, and names both ways out", async () => {
  const rows: Row[] = [["ann@x.test", "1"], ["ann@x.test", "2"]];
  let refusing = true;
  const greeting = () => refusing ? "554 5.3.2 closed" : undefined;
  await invoices(rows, { greeting }, async (campaign) => {
    assert.equal((await campaign.send("--patience", "1s", "--no-wait")).code, 3);
    refusing = false;
    const { code, stderr } = await campaign.send(...KEY);
    assert.equal(code, 0, `nobody was mailed under the old keys: ${stderr}`);
    assert.deepEqual(campaign.mailed, ["ann@x.test 1", "ann@x.test 2"]);
    const table: [args: string[], said: RegExp][] = [
      [[], /by address and column 'Invoice', and --key is not given\n {2}Give --key Invoice to/],
      [["--key", "Invoce"], /There is no column 'Invoce': found 'Email', 'Invoice'\n {2}Did you/],
    ];
    for (const [args, said] of table) {
      const refused = await campaign.send(...args);
      assert.equal(refused.code, 2, refused.stderr);
      assert.match(refused.stderr, said);
    }
    assert.equal(campaign.mailed.length, 2);
    const renamed = await campaign.send("--campaign", "d");
    assert.equal(renamed.code, 0, renamed.stderr);
    const plain = await campaign.send("--campaign", "d", ...KEY);
    assert.equal(plain.code, 2);
    assert.match(
      plain.stderr,
      /them by their addresses alone, not by 'Invoice'\n {2}Omit --key to/,
    );
  });
});
