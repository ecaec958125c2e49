import assert from "node:assert/strict";
import { TestCampaign } from "../support/campaigns.ts";
import { CountingServer, type SinkOptions } from "../support/counting_server.ts";
import { runProgram } from "../support/program.ts";

/** Sends to a server with limits of its own, which gets everything without any error message. Returns how many ms that took. */
async function delivered(
  behaviour: Partial<SinkOptions>,
  mails: number,
  ...more: readonly string[]
): Promise<number> {
  await using server = await CountingServer.start({ events: true, ...behaviour });
  await using campaign = await TestCampaign.make(mails);
  const args = ["send", ...campaign.args, "--smtp", server.url, ...more];
  const { code, stderr } = await runProgram(args, { cwd: campaign.folder });
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stderr, /error|fail|cannot/i);
  const log = await server.log();
  const taken = log.filter(({ what }) => what === "accepted");
  assert.equal(new Set(taken.map(({ of }) => of)).size, mails);
  assert.equal(taken.length, mails);
  return taken.at(-1)!.at - log[0]!.at;
}

Deno.test("A server that greylists gets everything on the second try", async () => {
  await delivered({ greylistMs: 1 }, 100);
});

Deno.test("A server that says 'later' now and then gets everything", async () => {
  await delivered({ temporaryShare: 0.1 }, 200);
});

/** Compared with the same server when it is asked for no more than it allows. */
for (
  const [sentence, behaviour, known, mails] of [
    [
      "A server that ends each connection with 421 after 20 mails",
      { mailsPerConnection: 20, latencyMs: 5 },
      ["--max-per-connection", "20"],
      3_000,
    ],
    [
      "A server that allows five connections",
      { connections: 5, latencyMs: 20 },
      ["--connections", "5"],
      600,
    ],
  ] as [string, Partial<SinkOptions>, string[], number][]
) {
  Deno.test(`${sentence} gets everything in at most 1.3 times the time it needs`, async () => {
    const least = await delivered(behaviour, mails, ...known);
    let ms = await delivered(behaviour, mails);
    // A pause of the machine in one of the two runs says nothing.
    if (ms > 1.3 * least) ms = Math.min(ms, await delivered(behaviour, mails));
    assert(ms <= 1.3 * least, `${ms} ms instead of ${least} ms`);
  });
}

/** Ways in which a server says that 20 mails a second are enough, and other limits beside that. */
const LIMITED: readonly {
  readonly sentence: string;
  readonly behaviour: Partial<SinkOptions>;
  readonly mails: number;
  /** How often each recipient is tried. */
  readonly named?: number;
  /** How long the mails deferred last wait, at the end of a run of any length. */
  readonly waitsMs?: number;
}[] = [
  { sentence: "says so at MAIL", behaviour: {}, mails: 240 },
  {
    sentence: "says so at RCPT, as with greylisting",
    behaviour: { limitAt: "rcpt" },
    mails: 240,
  },
  { sentence: "says so at the end of the mail", behaviour: { limitAt: "body" }, mails: 240 },
  {
    sentence: "accepts five connections and ten mails on each",
    behaviour: { connections: 5, mailsPerConnection: 10 },
    mails: 240,
  },
  {
    sentence: "accepts five connections and ten mails on each, and finds one mailbox in ten busy",
    behaviour: { connections: 5, mailsPerConnection: 10, temporaryShare: 0.1 },
    mails: 240,
    waitsMs: 5_000,
  },
  {
    sentence: "accepts five connections and ten mails on each, and greylists everybody",
    behaviour: { connections: 5, mailsPerConnection: 10, greylistMs: 1_000 },
    mails: 150,
    named: 2,
    waitsMs: 5_000,
  },
];
const A_SECOND = 20;

/** All run at once, because they mostly wait. */
let runs: readonly Promise<number>[] | undefined;

for (const [at, { sentence, mails, named = 1, waitsMs = 0 }] of LIMITED.entries()) {
  Deno.test({
    name:
      `A server that accepts 20 mails a second and ${sentence} gets everything in at most 1.3 times the time it needs`,
    sanitizeOps: false,
    sanitizeResources: false,
    fn: async () => {
      runs ??= LIMITED.map(({ behaviour, mails }) =>
        delivered({ perSecond: A_SECOND, ...behaviour }, mails)
      );
      // Each test waits for its own run.
      runs.forEach((run) => run.catch(() => {}));
      const ms = await runs[at]!;
      const least = named * mails / A_SECOND * 1_000;
      assert(ms <= 1.3 * least + waitsMs, `${ms} ms instead of ${least} ms`);
    },
  });
}
