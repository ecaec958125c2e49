import assert from "node:assert/strict";
import * as fc from "fast-check";
import { checkRows } from "../../src/check/list/rows.ts";
import type { Finding } from "../../src/check/finding.ts";
import { Campaign } from "./campaign.ts";

/** Rows of every kind, as they are in the list: a name for the attachment, then a date. */
const KINDS = {
  good: (at: number) => `r${at}@x.test,there.pdf,2026-04-03`,
  repeated: () => "r0@x.test,there.pdf,2026-04-03",
  repeatedWithoutFile: () => "R0@X.test,gone.pdf,2026-04-03",
  noDomain: (at: number) => `r${at}@,there.pdf,2026-04-03`,
  noAddress: () => ",there.pdf,2026-04-03",
  noDate: (at: number) => `r${at}@x.test,there.pdf,`,
  unclearDate: (at: number) => `r${at}@x.test,there.pdf,03/04/2026`,
  noFile: (at: number) => `r${at}@x.test,gone.pdf,2026-04-03`,
  tooManyCells: (at: number) => `r${at}@x.test,there.pdf,2026-04-03,x,y`,
} as const;
const NAMES = Object.keys(KINDS) as (keyof typeof KINDS)[];

const TEMPLATE =
  'From: a@x.test\nSubject: x\nAttachment: {{ File }}\n\nOn {{ Day | date: "%F" }}.\n';

Deno.test("A dry run counts and names the same rows as check, whatever the list", async () => {
  using campaign = new Campaign(0);
  campaign.write("mail.txt", TEMPLATE);
  campaign.write("there.pdf", "%PDF");
  const lists = fc.array(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 15 });
  await fc.assert(
    fc.asyncProperty(lists, async (kinds) => {
      campaign.write(
        "list.csv",
        `Email,File,Day\n${kinds.map((kind, at) => `${KINDS[kind](at)}\n`).join("")}`,
      );
      const options = await campaign.options([25]);
      const findings: Finding[] = [];
      const { rows, recipients, invalid, duplicates } = await checkRows(options, {
        stdin: new ReadableStream(),
        signal: new AbortController().signal,
        add: (finding) => void findings.push(finding),
      });
      const named = findings.filter(({ check }) => check === "list.invalid")
        .map(({ what, where }) => ({ line: (where as { line: number }).line, reason: what }));
      const summary = await campaign.send([25], { dryRun: true });
      const { scan, toSend } = summary.planned!;
      assert.deepEqual(
        [scan!.rows, scan!.recipients, scan!.invalid, scan!.duplicates, toSend],
        [rows, recipients, invalid, duplicates, recipients],
      );
      assert.deepEqual(scan!.examples, named);
      assert.equal(campaign.told.plans.at(-1)!.scan!.invalid, invalid);
      assert.deepEqual([summary.state, summary.exitCode], ["planned", 0]);
    }),
    { numRuns: 60 },
  );
});
