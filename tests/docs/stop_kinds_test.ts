import assert from "node:assert/strict";
import { RETRYABLE } from "../../src/model/stop_kind.ts";

Deno.test("docs/exit-codes-and-json.md explains every kind of reason, and says which are worth another start", async () => {
  const page = await Deno.readTextFile(
    new URL("../../docs/exit-codes-and-json.md", import.meta.url),
  );
  const rows = [...page.matchAll(/^\| `([a-z-]+)` +\| (yes|no) +\| \S/gm)];
  const documented = Object.fromEntries(rows.map(([, kind, again]) => [kind, again === "yes"]));
  assert.deepEqual(documented, RETRYABLE);
});
