import assert from "node:assert/strict";
import { frameDocument } from "../../src/preview/frame.ts";

/** What becomes of a piece of HTML, without the head that is put before it. */
const inert = (html: string) => frameDocument(html).replace(/^.*?content="off">/, "");

Deno.test("frameDocument() puts its policy before all of the mail except the doctype, which determines the layout", () => {
  assert.match(
    frameDocument("<p>x"),
    /^<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" .*<p>x$/,
  );
  assert.match(
    frameDocument("\n<!DOCTYPE html>\n<html>"),
    /^\n<!DOCTYPE html><meta charset="utf-8">.*\n<html>$/s,
  );
});

Deno.test("frameDocument() neutralizes elements that make a browser connect in advance", () => {
  for (
    const html of [
      "<link rel=preconnect href=http://x.test>",
      "<LINK/rel=preconnect href=http://x.test>",
      "<link\nrel=preconnect href=http://x.test>",
      "<iframe src=http://x.test>",
      "<object data=http://x.test>",
      "<embed src=http://x.test>",
      "<frameset><frame src=http://x.test>",
      "<base href=http://x.test>",
    ]
  ) {
    assert.match(inert(html), /^(<meta http-equiv="none"[^<]*)+$/, html);
  }
});

Deno.test("frameDocument() makes links lead nowhere, and leaves link targets as they are", () => {
  assert.equal(
    inert(`<a href="http://x.test" target="_self">x</a>`),
    `<a href="#" target="_blank" ping="" href="http://x.test" target="_self">x</a>`,
  );
  assert.match(inert(`<a name="x" href="http://x.test">x</a>`), /^<a href="#"/);
  assert.match(inert(`<a title=">" href="http://x.test">x</a>`), /^<a href="#"/);
  assert.match(inert(`<AREA\nhref=http://x.test>`), /^<AREA href="#"/);
  assert.equal(inert(`<a name="top">x</a>`), `<a name="top">x</a>`);
});

Deno.test("frameDocument() leaves everything else as it is", () => {
  const html =
    `<abbr>a</abbr><article><linked><p style="color:red">1 < 2 &lt;link</p><img src="cid:a@x">`;
  assert.equal(inert(html), html);
});
