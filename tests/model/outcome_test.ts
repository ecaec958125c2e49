import assert from "node:assert/strict";
import { countsAsTry } from "../../src/model/outcome.ts";

Deno.test("countsAsTry() counts outcomes that the recipient's server decided", () => {
  const at = { notBefore: 0, reason: "" };
  assert.ok(countsAsTry({ state: "sent" }));
  assert.ok(countsAsTry({ state: "failed", reason: "" }));
  assert.ok(countsAsTry({ state: "in-doubt", reason: "" }));
  assert.ok(countsAsTry({ state: "deferred", counted: true, ...at }));
  assert.ok(!countsAsTry({ state: "deferred", counted: false, ...at }));
  assert.ok(!countsAsTry({ state: "invalid", reason: "" }));
  assert.ok(!countsAsTry({ state: "skipped", reason: "" }));
});
