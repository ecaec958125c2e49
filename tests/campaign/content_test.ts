import assert from "node:assert/strict";
import { openSuppression } from "../../src/campaign/content/suppression.ts";
import type { SendOptions } from "../../src/campaign/send_options.ts";
import { InputError } from "../../src/model/input_error.ts";
import { openSuppressionList } from "../../src/suppression/suppression_list.ts";
import { ED25519 } from "../compose/dkim_support.ts";
import { relayAt } from "../smtp/fixtures.ts";
import { Campaign } from "./campaign.ts";
import { openContentOf } from "./contents.ts";

Deno.test("openContent() returns the facts of the campaign", async () => {
  using campaign = new Campaign(2);
  await using plain = await openContentOf(campaign);
  const { list: _, template: __, ...facts } = plain.facts;
  assert.deepEqual(facts, {
    campaign: "c",
    columns: ["Email"],
    madeFrom: facts.madeFrom!,
    relays: ["127.0.0.1:25"],
    trial: false,
    scan: plain.scan,
  });
  const relays = [relayAt(25), relayAt(26, { name: "sandbox:", sandbox: true })];
  await using trial = await openContentOf(campaign, { relays, shard: { index: 2, count: 4 } });
  assert.deepEqual([trial.facts.relays, trial.facts.trial, trial.facts.shard], [
    ["127.0.0.1:25", "sandbox:"],
    true,
    "2/4",
  ]);
});

Deno.test("openContent() treats the template as another if the mails would differ, and only then", async () => {
  using campaign = new Campaign(2);
  const template = async (changes: Partial<SendOptions> = {}): Promise<string> => {
    await using content = await openContentOf(campaign, changes);
    return content.facts.template;
  };
  const before = await template();
  assert.match(before, /^[0-9a-f]{64}$/);
  assert.equal(
    await template({ connections: 7, withheld: { files: ["/list"], folders: [] } }),
    before,
  );
  assert.notEqual(await template({ from: "other@acme.test" }), before);
  assert.notEqual(await template({ timezone: "Europe/Berlin" }), before);
  campaign.write("mail.txt", "From: Acme <news@acme.test>\nSubject: Hello\n\nBye, {{ Email }}.\n");
  assert.notEqual(await template(), before);
});

Deno.test("openContent() treats the template as another if a file that it names has changed, and only then", async () => {
  using campaign = new Campaign(2);
  const template = async (strict = false): Promise<string> => {
    await using content = await openContentOf(campaign, { template: path("mail.html"), strict });
    return content.facts.template;
  };
  const path = (name: string) => campaign.folder.file(name);
  const write = (name: string, text: string) => Deno.writeTextFileSync(path(name), text);
  const named = ["foot.html", "nested.txt", "logo.png", "look.css", "terms.txt"];
  const body = `<link rel="stylesheet" href="look.css"><p>Hello {{ Email }}</p><img src="logo.png">
<img src="{{ 'late' }}.png">{% include "foot.html" %}`;
  const attached = "Attachment: terms.txt\nAttachment: {{ Email }}.pdf";
  for (const [head, text] of [["Attachment: terms.txt", body], [attached, body]] as const) {
    write("mail.html", `From: a@x.test\nSubject: x\n${head}\n\n${text}\n`);
    for (const name of named) write(name, name === "look.css" ? "p { color: red }" : "before");
    write("foot.html", "<p>{% include 'nested.txt' %}</p>");
    write("other.txt", "before");
    write("late.png", "before");
    let last = await template();
    write("other.txt", "after");
    assert.equal(await template(), last, "nothing of it is in the mails");
    for (const name of named) {
      write(name, `${Deno.readTextFileSync(path(name))} `);
      const now = await template();
      assert.notEqual(now, last, name);
      assert.equal(await template(), now, "the same again");
      last = now;
    }
  }
});

Deno.test("openContent() makes 7-bit mails if they are signed, and warns of a signature that DMARC may not accept", async () => {
  using campaign = new Campaign(1);
  campaign.write("mail.txt", "From: news@acme.test\nSubject: x\n\nGrüße\n");
  const eightBit = async (changes: Partial<SendOptions>): Promise<boolean> => {
    await using content = await openContentOf(campaign, changes);
    const mail = content.composer.compose(content.scan!.first!, { eightBit: true });
    assert.ok(!("kind" in mail));
    return mail.eightBit;
  };
  assert.equal(await eightBit({}), true);
  assert.equal(await eightBit({ dkim: { domain: "acme.test", keys: [ED25519] } }), false);
  assert.deepEqual(campaign.told.warnings, []);
  assert.equal(await eightBit({ dkim: { domain: "other.test", keys: [ED25519] } }), false);
  assert.match(
    campaign.told.warnings.join("\n"),
    /^Mails from acme\.test are signed for other\.test/,
  );
});

Deno.test("openContent() reports as a detail where Liquid makes Markdown slow", async () => {
  using campaign = new Campaign(1);
  const details = async (body: string): Promise<readonly string[]> => {
    const template = campaign.folder.file("mail.md");
    Deno.writeTextFileSync(template, `From: a@x.test\nSubject: x\n\n${body}\n`);
    await using _content = await openContentOf(campaign, { template });
    return campaign.told.details.splice(0);
  };
  assert.deepEqual(await details("Hello, {{ Email }}"), []);
  const [said, ...more] = await details("Hello\n\n{% if Email %}# {% endif %}Title");
  assert.deepEqual(more, []);
  assert.match(said!, /^Markdown is converted for each mail.* at \S*mail\.md:6:1$/);
});

Deno.test("openContent() reads a list from standard input as it arrives, and knows nothing about its rows", async () => {
  using campaign = new Campaign(0);
  const stdin = ReadableStream.from([new TextEncoder().encode("Mail,Name\na@x.test,Ann\n")]);
  campaign.write("mail.txt", "From: a@x.test\nSubject: x\n\n{{ Name }}");
  await using content = await openContentOf(campaign, { recipients: "-" }, undefined, stdin);
  const { scan, firstNamed, missing, facts } = content;
  assert.deepEqual([scan, firstNamed, missing], [undefined, undefined, { count: 0, examples: [] }]);
  assert.deepEqual([facts.list, facts.continues, "scan" in facts], ["", undefined, false]);
  const { rows } = await content.list.rowsAfter(0);
  const cells = (await Array.fromAsync(rows)).flat().map((row) => row.kind === "row" && row.cells);
  assert.deepEqual(cells, [["a@x.test", "Ann"]]);
});

Deno.test({
  name: "openContent() leaves nothing open, however it ends",
  sanitizeResources: true,
  sanitizeOps: true,
  async fn() {
    using campaign = new Campaign(2);
    const suppressionList = { path: campaign.folder.file("left.db"), named: true };
    openSuppressionList(suppressionList.path)[Symbol.dispose]();
    const open = (changes: Partial<SendOptions>) =>
      // The list is large enough not to be copied, so its file stays open.
      openContentOf(campaign, { suppressionList, copyUpTo: 0, ...changes });
    const none = campaign.folder.file("none");
    for (const changes of [{ suppress: [none] }, { template: none }, { only: ["r9@x.test"] }]) {
      await assert.rejects(open(changes), InputError);
    }
    const content = await open({});
    const { list, suppression } = content;
    await list.rowsAfter(2);
    await content[Symbol.asyncDispose]();
    assert.throws(() => suppression.why("r1@x.test"), /is closed/);
  },
});

Deno.test("openSuppression() stops reading at the signal", async () => {
  using campaign = new Campaign(1);
  const suppressionList = { path: campaign.folder.file("none.db"), named: false };
  const { mailingList } = await campaign.options([25]);
  const options = { suppress: [campaign.folder.file("list.csv")], suppressionList, mailingList };
  const reason = new DOMException("Stopped", "AbortError");
  await assert.rejects(
    openSuppression(options, AbortSignal.abort(reason), campaign.reporter),
    reason,
  );
});
