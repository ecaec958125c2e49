import assert from "node:assert/strict";
import { join } from "node:path";
import { KeySet } from "../../src/keys/key_set.ts";
import { openSuppressing } from "../../src/suppression/suppressing.ts";
import { openSuppressionList } from "../../src/suppression/suppression_list.ts";
import { inFolder } from "../support/folder.ts";

const { signal } = new AbortController();

Deno.test("openSuppressing() counts files and list apart, and those who are in a list of recipients once each", async () => {
  const files = { "a.txt": "ann@x.test\nbob@x.test\nANN@x.test\nnobody@\n" };
  await inFolder(files, async (folder) => {
    const path = join(folder, "left.db");
    const options = {
      suppress: [join(folder, "a.txt")],
      suppressionList: { path, named: false },
    };
    {
      using without = await openSuppressing(options, signal);
      assert.deepEqual([without.filed, without.listed, without.ignored.count], [2, undefined, 1]);
    }
    // More than a page of addresses, one of which is in the file as well.
    const keys = Array.from({ length: 2_500 }, (_, at) => `p${at}@x.test`);
    {
      using list = openSuppressionList(path);
      list.add(["ann@x.test", ...keys].map((key) => ({
        ...{ key, at: 0, campaign: undefined, source: "hand", reason: undefined },
      })));
    }
    using opened = await openSuppressing(options, signal);
    assert.deepEqual([opened.filed, opened.listed], [2, 2_501]);
    const recipients = new KeySet();
    for (const key of ["ann@x.test", "bob@x.test", "eve@x.test", "p0@x.test", "p999@x.test"]) {
      recipients.add(key);
    }
    assert.equal(opened.countIn(recipients), 4);
    assert.equal(opened.countIn({ has: () => true }), 2_502);
    assert.match(opened.why("p2499@x.test INV-7") ?? "", /^Suppressed: added by hand/);
  });
});
