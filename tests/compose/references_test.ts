import assert from "node:assert/strict";
import { readReferences } from "../../src/compose/html/references.ts";

const link = (target: string, text: string) => ({ target, text });

for (
  const [what, html, links] of [
    ["text on one line", `<a href=" x ">One\n <b>two</b> </a>`, [link("x", "One two")]],
    ["alternative texts", `<a href=x><img alt=Read> more</a>`, [link("x", "Read more")]],
    ["a gap for an image without one", `<a href=x>a<img>b</a>`, [link("x", "a b")]],
    ["areas of a map", `<area href=x alt=North><area href=y>`, [link("x", "North"), link("y", "")]],
    ["one that never ends", `<a href=x>a<a href=y>b`, [link("x", "a"), link("y", "b")]],
    ["no place to link to", `<a name=here>x</a>`, []],
  ] as const
) {
  Deno.test(`readReferences() reads links: ${what}`, () => {
    assert.deepEqual(readReferences(html).links, links);
  });
}

const image = (source: string, alt: string | undefined = "") => ({ kind: "image", source, alt });
const other = (source: string) => ({ kind: "other", source });

for (
  const [html, resources] of [
    ["<img src=a>", [{ kind: "image", source: "a", alt: undefined }]],
    ["<img src=a alt='A b'>", [image("a", "A b")]],
    ["<img>", [{ kind: "image", source: "", alt: undefined }]],
    ["<source srcset='a 1x, b 2x'>", [image("a"), image("b")]],
    ["<td background=a>", [image("a")]],
    ["<video poster=a src=b></video>", [other("b"), image("a")]],
    ["<p poster=a>", []],
    ["<input type=' IMAGE' src=a><input src=b>", [image("a"), other("b")]],
    ["<p style='background: url(a)'>", [image("a")]],
    ["<link rel=stylesheet href=a><a href=b></a>", [other("a")]],
    ["<script src=a></script><iframe src=b></iframe>", [other("a"), other("b")]],
    [
      "<style>@import 'a'; p { fill: url(#x); background: url(b) } @font-face { src: url(c) }</style>",
      [other("a"), image("b"), other("c")],
    ],
    ["url(a) <p>@import 'b'</p>", []],
  ] as const
) {
  Deno.test(`readReferences() reads what is loaded by ${html}`, () => {
    assert.deepEqual(readReferences(html).resources, resources);
  });
}

Deno.test("readReferences() reports each element with its attributes", () => {
  const told: unknown[] = [];
  readReferences("<a href=x><img alt=y>", (name, attributes) => told.push([name, attributes]));
  assert.deepEqual(told, [["a", { href: "x" }], ["img", { alt: "y" }]]);
});
