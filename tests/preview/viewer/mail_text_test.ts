import assert from "node:assert/strict";
import { headerSection, withImages } from "../../../src/preview/viewer/mail_text.ts";

Deno.test("headerSection() ends before the first empty line", () => {
  assert.equal(headerSection("A: 1\nB: 2\n\nbody\n\nmore"), "A: 1\nB: 2");
  assert.equal(headerSection("A: 1\n"), "A: 1\n");
});

Deno.test("withImages() puts an image wherever its Content-ID is named, plainly or percent-encoded", () => {
  const url = (image: number) => `data:,${image}`;
  const cases: [string, [string, number | null][], string][] = [
    ['<img src="cid:a@x">', [["a@x", 0]], '<img src="data:,0">'],
    ["<img src=CID:A@x><img src=cid:a%40x>", [["a@x", 7]], "<img src=data:,7><img src=data:,7>"],
    ["url(cid:a+b.c@x)", [["a+b.c@x", 1]], "url(data:,1)"],
    // A dot matches only a dot.
    ["cid:abc", [["a.c", 1]], "cid:abc"],
    ["cid:a cid:b", [["a", 0], ["b", 1]], "data:,0 data:,1"],
    ["cid:a", [["a", null]], "cid:a"],
    ["cid:a", [], "cid:a"],
  ];
  for (const [html, images, shown] of cases) assert.equal(withImages(html, images, url), shown);
});

Deno.test("withImages() takes a data: URL literally, whatever it contains", () => {
  assert.equal(withImages("cid:a", [["a", 0]], () => "data:,$&$1"), "data:,$&$1");
});
