import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Diagnosis } from "../../src/bounces/reading/status.ts";
import { readReport, type Report } from "../../src/bounces/reading/bounce_report.ts";

// Returned mails in the formats of many vendors, from a public collection beside the checkout, with what its own tests
// expect of each. `README.md` there says what counts.

const COLLECTION = join(dirname(fileURLToPath(import.meta.url)), "../../../shared/bounces");
const ignore = !isFolder(COLLECTION);

interface Expected {
  readonly file: string;
  readonly recipients: readonly { readonly reason: string; readonly hard: boolean }[];
}

/** The collection's reasons for a nonexistent address; "notaccept", a domain without mail, counts if it is marked hard. */
const NOBODY_THERE = ["userunknown", "hostunknown", "hasmoved"];
/** Its reasons that say more than the server did: the same reply can also come from a spam filter. */
const READ_INTO = ["filtered", "suspend", "rejected"];
/** Replies that can only mean a nonexistent address. */
const SAYS_SO =
  /user (?:is )?(?:unknown|not exist)|unknown user|no such user|doesn't have an? .*account|invalid address/i;

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

function expectations(): readonly Expected[] {
  return JSON.parse(Deno.readTextFileSync(join(COLLECTION, "expected.json")));
}

function bytesOf(file: string): Uint8Array {
  return Deno.readFileSync(join(COLLECTION, file));
}

async function diagnosesOf(file: string): Promise<readonly Diagnosis[]> {
  const report = await readReport(bytesOf(file));
  return report.kind === "bounce" ? report.failures.map(({ diagnosis }) => diagnosis) : [];
}

Deno.test({
  name: "readReport() calls no bounce in the collection hard if the address may exist",
  ignore,
  async fn() {
    const wrong: string[] = [];
    for (const { file, recipients } of expectations()) {
      for (const [at, { verdict, diagnostic }] of (await diagnosesOf(file)).entries()) {
        const { reason, hard } = recipients[at] ?? recipients.at(-1)!;
        const isRight = hard || NOBODY_THERE.includes(reason) ||
          (READ_INTO.includes(reason) && SAYS_SO.test(diagnostic));
        if (verdict === "hard" && !isRight) wrong.push(`${file}: ${reason}, '${diagnostic}'`);
      }
    }
    assert.deepEqual(wrong, []);
  },
});

Deno.test({
  name: "readReport() recognizes at least 19 of 20 nonexistent addresses in the collection",
  ignore,
  async fn() {
    const missed: string[] = [];
    let all = 0;
    for (const { file, recipients } of expectations()) {
      const verdicts = (await diagnosesOf(file)).map(({ verdict }) => verdict);
      for (const [at, { reason, hard }] of recipients.entries()) {
        if (!hard || !NOBODY_THERE.includes(reason)) continue;
        all++;
        if (verdicts[at] !== "hard") missed.push(`${file}: ${reason}`);
      }
    }
    assert(all > 50, `${all} of them`);
    assert(missed.length <= all / 20, `${missed.length} of ${all}:\n${missed.join("\n")}`);
  },
});

/** The addresses of the returned mail's sender, and of the mailbox that received the report. */
function senders(text: string): readonly string[] {
  const heads = [...text.matchAll(/^(?:return-path|from|to|reply-to|sender):[^\n]*/gim)];
  const [returnPath, ...others] = heads.map(([line]) => line.toLowerCase());
  return [returnPath, ...others.slice(0, 3)].flatMap((line) =>
    [...(line ?? "").matchAll(/[\w.+-]+@[\w.-]+/g)].map(([address]) => address)
  );
}

/** The fields that name recipients: those of the report, and those the returned mail was addressed to. */
function recipientFields(text: string): string {
  return [
    ...text.matchAll(
      /^(?:>? ?(?:final|original)-rec.{0,12}|x-failed-recipients|to|cc|rcpt to)\s*:.*(?:\n[ \t].*)*/gim,
    ),
  ].map(([field]) => field.toLowerCase()).slice(1).join("\n");
}

Deno.test({
  name:
    "readReport() takes no report in the collection to be about its reader or the mail's sender",
  ignore,
  async fn() {
    const wrong: string[] = [];
    for (const { file } of expectations()) {
      const report: Report = await readReport(bytesOf(file));
      if (report.kind !== "bounce") continue;
      const text = new TextDecoder().decode(bytesOf(file)).replaceAll("\r\n", "\n");
      const [ours, named] = [senders(text), recipientFields(text)];
      for (const address of report.failures.flatMap(({ addresses }) => addresses)) {
        const key = address.toLowerCase();
        if (ours.includes(key) && !named.includes(key)) wrong.push(`${file}: ${address}`);
      }
    }
    assert.deepEqual(wrong, []);
  },
});

Deno.test({
  name: "readReport() reads each mail in the collection in under 5 ms",
  ignore,
  async fn() {
    const slow: string[] = [];
    for (const { file } of expectations()) {
      const bytes = bytesOf(file);
      let best = Infinity;
      // The best of several runs, so that a busy machine and just-in-time compilation do not count.
      for (let run = 0; run < 10 && best >= 5; run++) {
        const start = performance.now();
        await readReport(bytes);
        best = Math.min(best, performance.now() - start);
      }
      if (best >= 5) slow.push(`${file}: ${best} ms`);
    }
    assert.deepEqual(slow, []);
  },
});
