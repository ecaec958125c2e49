import assert from "node:assert/strict";
import type { Recipient } from "../../src/model/recipient.ts";
import { entry, Folder, openAt, OUTCOMES, settled } from "../ledger/ledgers.ts";
import { pathOf, run, statesIn } from "./bounced_ledgers.ts";
import { report, tokenOf } from "./reports.ts";

const ANN: Recipient = {
  ...{ kind: "recipient", key: "ann@x.test", line: 2, address: "ann@x.test", fields: [] },
};
const COPY: Recipient = {
  ...{ ...ANN, key: "boss@x.test  ann@x.test", address: "boss@x.test" },
  copyOf: { key: ANN.key, address: ANN.address },
};

/** A ledger in which ann's mail and its copy were accepted, with one Message-ID. */
async function sentWithCopy(path: string): Promise<void> {
  await using ledger = openAt(path);
  const claims = await ledger.claim([entry(ANN), entry(COPY)], 2);
  await ledger.write(claims.flatMap((claim) => {
    if (claim.kind !== "job") return [];
    const change = settled(claim.id, OUTCOMES.sent, Date.parse("2026-11-24T03:00:00Z"));
    return [{ ...change, messageId: `<${tokenOf(2)}@acme.example>` } as typeof change];
  }));
}

const RETURNED = { returned: `${tokenOf(2)}@acme.example` };

Deno.test("A report is about the one of those who got the same mail whom it names, also beside a report about the other", async () => {
  const about = (to: string, more = {}) => report({ id: `${to}@mx`, to, ...more });
  for (const proof of ["returned", "path", "none"]) {
    for (
      const [named, states] of [
        [["boss@x.test"], ["ann@x.test sent", "boss@x.test failed"]],
        [["ann@x.test"], ["ann@x.test failed", "boss@x.test sent"]],
        [["boss@x.test", "ann@x.test"], ["ann@x.test failed", "boss@x.test failed"]],
      ] as const
    ) {
      using folder = new Folder();
      await sentWithCopy(folder.file());
      const path = proof === "path" ? { path: pathOf(folder.file(), 2) } : {};
      const more = proof === "returned" ? RETURNED : path;
      const mails = named.map((to) => about(to, more));
      const needsToken = proof === "path";
      const { suppressed } = await run(folder.file(), mails, { needsToken });
      assert.deepEqual(await statesIn(folder.file()), states, proof);
      assert.deepEqual([...suppressed].sort(), [...named].sort());
    }
  }
});

Deno.test("A report about a mail that went to several people changes nothing if it names none of them", async () => {
  using folder = new Folder();
  await sentWithCopy(folder.file());
  const { findings, suppressed } = await run(folder.file(), [
    report({ to: "elsewhere@y.test", ...RETURNED }),
  ]);
  assert.deepEqual(suppressed, []);
  assert.deepEqual(await statesIn(folder.file()), ["ann@x.test sent", "boss@x.test sent"]);
  assert.match(
    findings[0]!.reason!,
    /^it does not say whether it is about the recipient or about a/,
  );
});
