import assert from "node:assert/strict";
import { join } from "node:path";
import { checkSuppression } from "../../src/check/suppression.ts";
import type { Finding } from "../../src/check/finding.ts";
import { openSuppressionList } from "../../src/suppression/suppression_list.ts";
import type { SuppressionListOptions } from "../../src/suppression/suppression.ts";
import { inFolder } from "../support/folder.ts";

const OFFERED = { unsubscribeUrl: "https://news.x.test", unsubscribeMailto: undefined };
const NOTHING = { unsubscribeUrl: undefined, unsubscribeMailto: undefined };
const MAILTO = { unsubscribeUrl: undefined, unsubscribeMailto: "leave@x.test" };

/** The findings as "level check", and what they say; `list` undefined: there is no list. */
async function check(
  { list, suppress = [], mailingList = OFFERED, more = {} }: {
    list?: readonly string[];
    suppress?: readonly string[];
    mailingList?: typeof OFFERED | typeof NOTHING | typeof MAILTO;
    more?: Partial<SuppressionListOptions>;
  },
) {
  const findings: Finding[] = [];
  let counts: unknown;
  const files = { "a.txt": "ann@x.test\nnobody@\n", "broken.db": "no database".repeat(50) };
  await inFolder(files, async (folder) => {
    const path = join(folder, "left.db");
    if (list !== undefined) {
      using opened = openSuppressionList(path);
      const facts = { at: 0, campaign: undefined, source: "hand", reason: undefined } as const;
      opened.add(list.map((key) => ({ key, ...facts })));
    }
    const broken = more.path === "broken.db" && { path: join(folder, "broken.db") };
    const options = {
      suppress: suppress.map((name) => join(folder, name)),
      suppressionList: { path, named: false, userFile: "/conf/config.toml", ...more, ...broken },
      mailingList,
    };
    using checked = await checkSuppression(
      options,
      new AbortController().signal,
      (finding) => findings.push(finding),
    );
    counts = checked && [
      checked.facts.listed,
      checked.facts.filed,
      checked.suppressing !== undefined,
    ];
  });
  return { counts, findings, names: findings.map(({ level, check }) => `${level} ${check}`) };
}

Deno.test("checkSuppression() warns where the mails offer to unsubscribe and nobody is left out", async () => {
  const table: [given: Parameters<typeof check>[0], names: string[], counts: unknown][] = [
    [{}, ["warning suppression.none"], [undefined, 0, false]],
    [{ mailingList: MAILTO }, ["warning suppression.none"], [undefined, 0, false]],
    [{ mailingList: NOTHING }, [], [undefined, 0, false]],
    [{ list: [] }, [], [0, 0, false]],
    [{ list: ["ann@x.test", "bob@x.test"] }, [], [2, 0, true]],
    [{ suppress: ["a.txt"] }, ["warning suppression.ignored"], [undefined, 1, true]],
  ];
  for (const [given, names, counts] of table) {
    const found = await check(given);
    assert.deepEqual(found.names, names, JSON.stringify(given));
    assert.deepEqual(found.counts, counts, JSON.stringify(given));
  }
  const [finding] = (await check({})).findings;
  assert.match(finding!.what, /there is no suppression list '.*left\.db'/);
  for (
    const way of ["--suppression-list", "[unsubscribe]", "/conf/config.toml", "unsubscribe import"]
  ) {
    assert.ok(finding!.fix.includes(way), way);
  }
});

Deno.test("checkSuppression() finds a list that cannot be used, and one that another takes the place of", async () => {
  const place = { file: "/conf/config.toml", line: 3 };
  const missing = await check({ more: { named: true, place } });
  assert.deepEqual([missing.names, missing.counts], [["error suppression.list"], undefined]);
  assert.deepEqual(missing.findings[0]?.where, place);
  const broken = await check({ more: { path: "broken.db" } });
  assert.deepEqual(broken.names, ["error suppression.list"]);
  const gone = await check({ suppress: ["gone.txt"] });
  assert.deepEqual(gone.names, ["error suppression.list"]);
  const unused = await check({ list: [], more: { named: true, place, unused: "c/suppressed.db" } });
  assert.deepEqual(unused.names, ["warning suppression.unused"]);
  assert.match(
    unused.findings[0]!.what,
    /^The suppression list 'c\/suppressed\.db' is not used, because \/conf\/config\.toml:3 names '.*left\.db'$/,
  );
});
