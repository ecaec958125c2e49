import assert from "node:assert/strict";
import { CampaignList } from "../../src/campaign/content/campaign_list.ts";
import type { PreviousRun } from "../../src/campaign/previous/previous_run.ts";
import type { SendOptions } from "../../src/campaign/send_options.ts";
import type { Composer } from "../../src/compose/composer.ts";
import { currentClock, useClock } from "../../src/time/clock.ts";
import { mailTo } from "../smtp/fixtures.ts";
import { Campaign } from "./campaign.ts";
import { knownFrom, openContentOf } from "./contents.ts";

/** Composes a mail for every row, and counts them; nobody is suppressed or was mailed before. */
function countingComposer() {
  const said: string[] = [];
  let count = 0;
  const composer: Partial<Composer> = {
    required: [],
    compose: ({ address }) => (count++, mailTo(address)),
  };
  const suppression = { why: () => undefined };
  const reporter = { info: (message: string) => void said.push(message) };
  const context = { composer: composer as Composer, suppression, hasSent: false, reporter };
  return { context, made: () => count, said };
}

Deno.test("openContent() recognizes the list if nothing that affects its rows has changed", async () => {
  using campaign = new Campaign(3);
  await using first = await openContentOf(campaign);
  await using second = await openContentOf(campaign, {}, knownFrom(first));
  assert.match(first.facts.list, /^[0-9a-f]{64}$/);
  assert.equal(second.facts.list, first.facts.list);
  assert.equal(second.scan, first.facts.scan, "the earlier scan still holds");
  assert.equal(second.facts.continues, undefined);
});

for (
  const [what, list, template, changes] of [
    ["a byte", "Name,Email\n,a@x.test\nBob,c@x.test\n", "{{ Email }}", {}],
    ["the required columns", undefined, "{{ Name }}", {}],
    ["its encoding", undefined, "{{ Email }}", { encoding: "windows-1252" }],
    ["the address column", undefined, "{{ Email }}", { emailColumn: "Other" }],
  ] as const satisfies readonly (readonly [string, string | undefined, string, object])[]
) {
  Deno.test(`openContent() treats the list as another, and scans it, after a change to ${what}`, async () => {
    using campaign = new Campaign(0);
    const head = "From: a@x.test\nSubject: x\n\n";
    campaign.write("list.csv", "Name,Email,Other\n,a@x.test,o@x.test\nBob,b@x.test,p@x.test\n");
    campaign.write("mail.txt", `${head}{{ Email }}`);
    await using first = await openContentOf(campaign);
    if (list !== undefined) campaign.write("list.csv", list);
    campaign.write("mail.txt", head + template);
    await using second = await openContentOf(campaign, changes, knownFrom(first));
    assert.notEqual(second.facts.list, first.facts.list);
    assert.notEqual(second.scan, first.scan);
    assert.equal(first.scan?.invalid, 0);
    assert.equal(second.scan?.invalid, template.includes("Name") ? 1 : 0);
  });
}

Deno.test("openContent() treats the list as another if the delimiter given is not the one detected", async () => {
  using campaign = new Campaign(0);
  campaign.write("list.csv", "x;Email;y,Email\n1;ann@x.test;2,ann@x.test\n");
  campaign.write("mail.txt", "From: a@x.test\nSubject: x\n\nHello");
  await using found = await openContentOf(campaign, { emailColumn: "Email" });
  await using same = await openContentOf(campaign, { delimiter: ";" });
  await using other = await openContentOf(campaign, { delimiter: ",", emailColumn: "Email" });
  assert.equal(same.facts.list, found.facts.list);
  assert.notEqual(other.facts.list, found.facts.list);
});

for (
  const [what, before, after, continues] of [
    ["rows appended after a complete line", "Email\na@x.test\n", "b@x.test\n", true],
    ["rows appended after CR", "Email\ra@x.test\r", "b@x.test\r", true],
    ["rows appended after a line without its end", "Email\na@x.test", "\nb@x.test\n", false],
    ["more text in the last row", "Email\na@x.test", "ing\n", false],
  ] as const
) {
  Deno.test(`openContent() treats the list as ${continues ? "continued" : "another"} after ${what}`, async () => {
    using campaign = new Campaign(0);
    campaign.write("list.csv", before);
    await using first = await openContentOf(campaign);
    campaign.write("list.csv", before + after);
    await using second = await openContentOf(campaign, {}, knownFrom(first));
    assert.equal(second.facts.continues, continues ? first.facts.list : undefined);
  });
}

for (
  const [what, list, body] of [
    ["its beginning changed", "Name,Email\nBen,b@x.test\n", "Hello"],
    ["other columns are required", "Name,Email\nAnn,a@x.test\n", "{{ Name }}"],
  ] as const
) {
  Deno.test(`openContent() treats the list as another, although rows were appended, if ${what}`, async () => {
    using campaign = new Campaign(0);
    const write = (list: string, body: string): void => {
      campaign.write("list.csv", list);
      campaign.write("mail.txt", `From: a@x.test\nSubject: x\n\n${body}`);
    };
    write("Name,Email\nAnn,a@x.test\n", "Hello");
    await using first = await openContentOf(campaign);
    write(`${list}Cid,c@x.test\n`, body);
    await using second = await openContentOf(campaign, {}, knownFrom(first));
    assert.notEqual(second.facts.list, first.facts.list);
    assert.notEqual(second.facts.continues, first.facts.list);
  });
}

for (
  const [what, changes] of [
    ["somebody waits who may be only in another list", {
      waitsElsewhere: true,
      notReached: () => Promise.resolve(0),
      leftBehind: () => Promise.resolve(0),
    }],
    ["somebody is named by --only", { only: ["r2@x.test"] }],
    ["somebody is named by --retry", { retry: { states: [], keys: ["r2@x.test"] } }],
  ] as const satisfies readonly (readonly [string, Partial<SendOptions & PreviousRun>])[]
) {
  Deno.test(`openContent() scans the same list again if ${what}`, async () => {
    using campaign = new Campaign(3);
    await using first = await openContentOf(campaign);
    const { waitsElsewhere = false, ...options }: Partial<SendOptions & PreviousRun> = changes;
    await using second = await openContentOf(campaign, options, knownFrom(first, waitsElsewhere));
    assert.notEqual(second.scan, first.scan);
    assert.deepEqual(second.scan, first.scan);
    assert.equal(second.facts.list, first.facts.list);
    assert.equal(second.firstNamed?.address, options.only?.[0]);
  });
}

Deno.test("openContent() takes the first recipient named by --only, in the order of the list", async () => {
  using campaign = new Campaign(4);
  await using named = await openContentOf(campaign, { only: ["r3@x.test", "r2@x.test"] });
  assert.deepEqual([named.firstNamed?.address, named.scan?.first?.address], [
    "r2@x.test",
    "r1@x.test",
  ]);
  await using all = await openContentOf(campaign);
  assert.equal(all.firstNamed, undefined);
});

/** Ways to read the list; each returns how many rows it finds. */
const LOOKS: readonly (readonly [string, (list: CampaignList) => Promise<number | undefined>])[] = [
  [
    "look through",
    async (list) => (await list.lookThrough({ required: [] }, undefined)).scan?.rows,
  ],
  ["try every mail of", async (list) => {
    const { context, made } = countingComposer();
    await list.compose(context);
    return made();
  }],
];

for (const [what, look] of LOOKS) {
  Deno.test(`CampaignList refuses to ${what} a list that has changed meanwhile, unless it has a copy`, async () => {
    using campaign = new Campaign(3);
    const { signal } = new AbortController();
    for (const copyUpTo of [0, undefined]) {
      campaign.list(3);
      const options = await campaign.options([25], { copyUpTo, strict: true });
      await using list = await CampaignList.open(options, { signal, stdin: new ReadableStream() });
      campaign.list(4);
      if (copyUpTo === undefined) assert.equal(await look(list), 3);
      else {await assert.rejects(
          look(list),
          /^InputError: The list changed while it was being read/,
        );}
    }
  });
}

Deno.test("CampaignList tries no mail without --strict and --dry-run; of a list that can be read only once, --strict refuses it and a dry run tries each", async () => {
  using campaign = new Campaign(1);
  const { signal } = new AbortController();
  const table: [changes: Partial<SendOptions>, mails: number | RegExp][] = [
    [{}, 0],
    [{ recipients: "-" }, 0],
    [{ recipients: "-", strict: true }, /--strict needs a list that can be read twice: found sta/],
    [{ recipients: "-", dryRun: true }, 2],
    [{ recipients: "-", dryRun: true, strict: true }, 2],
    [{ dryRun: true }, 1],
  ];
  for (const [changes, expected] of table) {
    const stdin = ReadableStream.from([new TextEncoder().encode("Email\na@x.test\nb@x.test\n")]);
    const options = await campaign.options([25], changes);
    await using list = await CampaignList.open(options, { signal, stdin });
    const { context, made } = countingComposer();
    if (expected instanceof RegExp) await assert.rejects(list.compose(context), expected);
    else {
      await list.compose(context);
      assert.equal(made(), expected, JSON.stringify(changes));
    }
  }
});

Deno.test("CampaignList says every ten seconds how many mails of a long list were tried", async () => {
  using campaign = new Campaign(0);
  const padding = "x".repeat(200);
  const rows = Array.from({ length: 3_000 }, (_, at) => `r${at}@x.test,${padding}\n`);
  campaign.write("list.csv", `Email,Note\n${rows.join("")}`);
  const { signal } = new AbortController();
  const options = await campaign.options([25], { dryRun: true });
  await using list = await CampaignList.open(options, { signal, stdin: new ReadableStream() });
  const { context, said, made } = countingComposer();
  // A mail takes 10 ms, so all of them take 30 s.
  using _time = useClock({ ...currentClock(), monotonic: () => 10 * made() });
  await list.compose(context);
  const counts = said.map((message) =>
    Number(/^Composing every mail first: (.*) rows so far$/.exec(message)![1]!.replace(",", ""))
  );
  assert.equal(counts.length, 2);
  assert(1_000 <= counts[0]! && counts[0]! + 1_000 <= counts[1]!, said.join());
});
