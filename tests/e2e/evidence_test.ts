import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { DROP, type Rules, RuleServer } from "../pipeline/relays.ts";
import { rsaPem } from "../compose/dkim_support.ts";
import { bounceOf } from "../support/bounce_message.ts";
import { type Ended, type Running, runProgram, startProgram } from "../support/program.ts";

/** An invoice for each, of another length; whoever has none has no mail. */
const INVOICES = { "7": "Invoice seven\n".repeat(40), "8": "Eight\n", "9": "Nine\n", "11": "" };
const LIST = [
  "Email,Name,Invoice",
  "ann@x.test,Ann,7",
  "bob@x.test,Bob,8",
  "cy@x.test,Cy,9",
  "dee@x.test,Dee,10",
  "not an address,Ned,11",
  "ANN@x.test,Ann,7",
  "eve@x.test,Eve,11",
  "fay@x.test,Fay,11",
].join("\n");
const TEMPLATE = `From: Acme <bills@acme.test>
Subject: Invoice {{ Invoice }}
Attachment: invoices/{{ Invoice }}.pdf
Attachment: terms.txt

Dear {{ Name }}, here it is.
`;

const digestOf = (text: string) => createHash("sha256").update(text).digest("hex");
const TERMS = "Thirty days.\n";
const attachmentsOf = (invoice: keyof typeof INVOICES) =>
  `${invoice}.pdf sha256:${digestOf(INVOICES[invoice])}; terms.txt sha256:${digestOf(TERMS)}`;

/** A campaign of invoices, and its relay. */
class Invoices implements AsyncDisposable {
  readonly server: RuleServer;
  readonly folder: string;
  readonly #more: readonly string[];

  private constructor(folder: string, rules: Rules, more: readonly string[]) {
    this.folder = folder;
    this.server = new RuleServer(rules);
    this.#more = more;
  }

  static async make(rules: Rules, more: readonly string[] = []): Promise<Invoices> {
    const folder = await Deno.makeTempDir({ prefix: "invoices-" });
    await Deno.mkdir(join(folder, "invoices"));
    for (const [name, text] of Object.entries(INVOICES)) {
      await Deno.writeTextFile(join(folder, "invoices", `${name}.pdf`), text);
    }
    const files = {
      "list.csv": LIST,
      "mail.txt": TEMPLATE,
      "terms.txt": TERMS,
      "dkim.pem": rsaPem(),
    };
    for (const [name, text] of Object.entries(files)) {
      await Deno.writeTextFile(join(folder, name), text, { mode: 0o600 });
    }
    const added = await runProgram(
      ["unsubscribe", "add", "eve@x.test", "--suppression-list", "left.db"],
      { cwd: folder },
    );
    assert.equal(added.code, 0, added.stderr);
    return new Invoices(folder, rules, more);
  }

  start(): Running {
    return startProgram([
      ...["send", "--campaign", "bills", "--ledger", "bills.ledger", "--recipients", "list.csv"],
      ...["--template", "mail.txt", "--suppression-list", "left.db", "--no-wait"],
      ...["--smtp", `smtp://127.0.0.1:${this.server.port}?tls=off`, "--connections", "1"],
      ...["--progress", "none", "--yes", ...this.#more],
    ], { cwd: this.folder });
  }

  async send(code: number): Promise<void> {
    const ended = await this.start().ended;
    assert.equal(ended.code, code, ended.stderr);
  }

  run(command: string, ...more: readonly string[]): Promise<Ended> {
    return runProgram([command, "--ledger", "bills.ledger", ...more], { cwd: this.folder });
  }

  /** The export, a row for each address. */
  async exported(...more: readonly string[]): Promise<Record<string, Record<string, string>>> {
    const { code, stdout, stderr } = await this.run("export", "--format", "jsonl", ...more);
    assert.equal(code, 0, stderr);
    const rows = stdout.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
    return Object.fromEntries(rows.map((row) => [row.Email, row]));
  }

  /** The mail as the relay read it, without the final dot; nothing in it begins with a dot. */
  mailTo(name: string): string {
    const { text } = this.server.bodies.findLast(({ text }) => text.includes(`Dear ${name},`))!;
    return text.replace(/\.\r\n$/, "");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }
}

const RULES: Rules = {
  rcpt: ({ recipient }) =>
    recipient === "cy@x.test"
      ? "550 5.1.1 No such user"
      : recipient === "fay@x.test"
      ? "450 4.2.1 Try again later"
      : undefined,
  body: ({ recipient }) => `250 2.0.0 Ok: queued as ${recipient!.slice(0, 3).toUpperCase()}1`,
};

/** What is expected of rows of which no mail was handed over. */
const NO_MAIL = {
  _template: "",
  _run: "",
  _accepted_at: "",
  _accepted_reply: "",
  _bytes: "",
  _attachments: "",
};

function assertHas(row: Record<string, string> | undefined, expected: Record<string, string>) {
  const found = Object.fromEntries(Object.keys(expected).map((name) => [name, row?.[name]]));
  assert.deepEqual(found, expected);
}

Deno.test("export proves which mail was accepted, with which files, and still does after it bounced", async () => {
  await using invoices = await Invoices.make(RULES, [
    ...["--dkim-domain", "acme.test", "--dkim-selector", "s1", "--dkim-key", "dkim.pem"],
  ]);
  const began = new Date().toISOString();
  await invoices.send(3);
  const mail = invoices.mailTo("Ann");
  assert.match(mail, /^DKIM-Signature:/);
  const sent = await invoices.exported();
  const evidence = {
    _template: sent["ann@x.test"]!._template!,
    _run: "1",
    _accepted_reply: "250 2.0.0 Ok: queued as ANN1",
    _bytes: String(mail.length),
    _attachments: attachmentsOf("7"),
    _relay: `127.0.0.1:${invoices.server.port}`,
  };
  assert.match(evidence._template, /^[0-9a-f]{12}$/);
  assertHas(sent["ann@x.test"], { _state: "sent", ...evidence });
  const acceptedAt = sent["ann@x.test"]!._accepted_at!;
  assert.ok(acceptedAt >= began && acceptedAt <= new Date().toISOString(), acceptedAt);
  assertHas(sent["bob@x.test"], { _state: "sent", _run: "1", _attachments: attachmentsOf("8") });
  const refused = { ...NO_MAIL, _relay: evidence._relay };
  assertHas(sent["cy@x.test"], { _state: "failed", ...refused });
  assertHas(sent["fay@x.test"], { _state: "deferred", ...refused });
  const untold = { ...NO_MAIL, _relay: "", _message_id: "" };
  assertHas(sent["dee@x.test"], { _state: "invalid", ...untold });
  assertHas(sent["not an address"], { _state: "invalid", ...untold });
  assertHas(sent["ANN@x.test"], { _state: "skipped", ...untold });
  assertHas(sent["eve@x.test"], { _state: "skipped", ...untold });

  await Deno.writeTextFile(
    join(invoices.folder, "report.eml"),
    bounceOf(mail, "ann@x.test", "5.1.1"),
  );
  const bounced = await invoices.run(
    "bounces",
    "report.eml",
    "--suppression-list",
    "left.db",
  );
  assert.equal(bounced.code, 0, bounced.stderr);
  assertHas((await invoices.exported())["ann@x.test"], {
    _state: "failed",
    _stage: "bounce",
    _code: "550",
    _enhanced: "5.1.1",
    ...evidence,
    _accepted_at: acceptedAt,
  });
});

Deno.test("A mail that a killed process had handed over has its run, size and files on record, and no acceptance", async () => {
  const held = Promise.withResolvers<string>();
  const handedOver = Promise.withResolvers<void>();
  await using invoices = await Invoices.make({
    ...RULES,
    body: (moment) => {
      if (moment.recipient !== "bob@x.test") return RULES.body!(moment);
      handedOver.resolve();
      return held.promise;
    },
  });
  const run = invoices.start();
  await Promise.race([handedOver.promise, run.ended.then(({ stderr }) => assert.fail(stderr))]);
  await run.stop();
  held.resolve(DROP);
  const rows = await invoices.exported();
  assertHas(rows["bob@x.test"], {
    _state: "in-doubt",
    _run: "1",
    _template: rows["ann@x.test"]!._template!,
    _bytes: String(invoices.mailTo("Bob").length),
    _attachments: attachmentsOf("8"),
    _accepted_at: "",
    _accepted_reply: "",
    _relay: `127.0.0.1:${invoices.server.port}`,
  });
});

Deno.test("Those who got the text of one run are told apart from those of the next, also by time", async () => {
  let isBusy = true;
  await using invoices = await Invoices.make({
    ...RULES,
    rcpt: (moment) =>
      isBusy && moment.recipient === "bob@x.test" ? "450 4.2.1 Busy" : RULES.rcpt!(moment),
  });
  await invoices.send(3);
  const between = new Date().toISOString();
  isBusy = false;
  await Deno.writeTextFile(
    join(invoices.folder, "mail.txt"),
    TEMPLATE.replace("here it is", "here is the right one"),
  );
  assert.equal((await invoices.run("settle", "--state", "deferred", "--as", "queued")).code, 0);
  await invoices.send(3);
  const rows = await invoices.exported();
  const [ann, bob] = [rows["ann@x.test"]!, rows["bob@x.test"]!];
  assert.deepEqual([ann._run, bob._run], ["1", "2"]);
  assert.match(bob._template!, /^[0-9a-f]{12}$/);
  assert.notEqual(ann._template, bob._template);
  assert.match(invoices.mailTo("Bob"), /here is the right one/);

  const wronged = await invoices.exported("--where", `_template == "${ann._template}"`);
  assert.deepEqual(Object.keys(wronged), ["ann@x.test"]);
  const later = await invoices.exported("--since", between);
  assert.ok("bob@x.test" in later && !("ann@x.test" in later), Object.keys(later).join());
  assert.deepEqual(await invoices.exported("--since", "1h"), rows);
  const wrong = await invoices.run("export", "--since", "tomorrow 09:00");
  assert.deepEqual([wrong.code, wrong.stdout], [2, ""]);
  assert.match(wrong.stderr, /^error: --since must be a time/);
});

Deno.test("An export with its evidence is sent as a list, whose own export has the columns once", async () => {
  await using invoices = await Invoices.make(RULES);
  await invoices.send(3);
  const { stdout } = await invoices.run("export", "--state", "sent");
  await Deno.writeTextFile(join(invoices.folder, "list.csv"), stdout);
  await Deno.remove(join(invoices.folder, "bills.ledger"));
  await invoices.send(0);
  const again = await invoices.run("export");
  const header = (text: string) => text.split("\r\n")[0];
  assert.equal(header(again.stdout), header(stdout));
  assert.deepEqual(Object.keys(await invoices.exported()), ["ann@x.test", "bob@x.test"]);
});
