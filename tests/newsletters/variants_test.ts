import assert from "node:assert/strict";
import { newsletters } from "./collection.ts";
import { renderedHtmlOf } from "./rendered.ts";
import { VARIANTS } from "./variants.ts";

const ALL = newsletters();

Deno.test({
  name:
    "Each way of turning a newsletter into a template gives that newsletter if nothing is inlined",
  ignore: ALL.length === 0,
  fn() {
    for (const { name, html } of ALL) {
      for (const variant of VARIANTS) {
        const rendered = renderedHtmlOf(variant.template(html), { Name: "Ann" });
        assert.equal(rendered, html, `${name}: ${variant.name}`);
      }
    }
  },
});
