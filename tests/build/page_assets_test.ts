import assert from "node:assert/strict";
import { buildPageAssets, PAGE_ASSETS } from "../../build/page_assets.ts";

Deno.test("The preview's page has the style and script of src/preview/viewer (if not, run deno task page)", async () => {
  assert.equal(await Deno.readTextFile(PAGE_ASSETS), await buildPageAssets());
});
