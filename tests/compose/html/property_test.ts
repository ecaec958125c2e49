import assert from "node:assert/strict";
import { overlap } from "../../../src/compose/html/css/property.ts";

Deno.test("overlap() finds each pair of properties of which one can override the other", () => {
  const yes = [
    ...[
      "margin margin-left",
      "border border-top-color",
      "border-color border-top",
      "border-width border-left",
    ],
    ...[
      "font line-height",
      "font font-variant-caps",
      "background background-position-x",
      "border border-image",
    ],
    ...[
      "border-radius border-top-left-radius",
      "-webkit-border-radius border-radius",
      "inset left",
    ],
    ...[
      "margin-left margin-inline",
      "padding padding-block-start",
      "width inline-size",
      "max-height max-block-size",
    ],
    ...[
      "grid-area grid-row",
      "grid-area grid-column-start",
      "gap grid-row-gap",
      "word-wrap overflow-wrap",
    ],
    ...[
      "all color",
      "text-decoration text-decoration-line",
      "overflow overflow-x",
      "columns column-count",
    ],
    ...[
      "--x --x",
      "list-style list-style-type",
      "place-items align-items",
      "border-block border-top-color",
    ],
  ];
  const no = [
    ...[
      "margin padding",
      "color background-color",
      "border border-collapse",
      "border border-radius",
    ],
    ...[
      "border-top border-top-left-radius",
      "border-spacing border",
      "font-size font-weight",
      "--x color",
    ],
    ...[
      "--x --X",
      "margin-left margin-right",
      "border-top-width border-top-color",
      "width max-width",
    ],
    ...["line-height font-size", "background-color background-image", "inset padding-left"],
  ];
  const pairs = (list: readonly string[]) =>
    list.map((pair) => pair.split(" ") as [string, string]);
  for (const [a, b] of pairs(yes)) assert.ok(overlap(a, b) && overlap(b, a), `${a} ${b}`);
  for (const [a, b] of pairs(no)) assert.ok(!overlap(a, b) && !overlap(b, a), `${a} ${b}`);
});
