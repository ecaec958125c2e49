import assert from "node:assert/strict";
import { htmlOf } from "./page.ts";

const HIDDEN =
  /\n<div class="preheader" style="display:none;max-height:0;overflow:hidden;mso-hide:all;display:none !important">Soon, Ann &lt;b&gt;\n[^<]*<\/div>/g;

Deno.test("The preheader is at the beginning of the body, and nothing else is changed", async () => {
  const pages = [
    `<!DOCTYPE html>\n<html><head><title>x</title></head><body class="a>b">|x</body></html>\n`,
    `<!-- <body> --><!DOCTYPE html><!--[if mso]><body><![endif]--><title>x</title></head><body>|x\n`,
    `<!DOCTYPE html><title><body></title><style>p{}</style>|<!-- a -->\n<p>x</p>\n`,
    `<html><head><title>x</title></head>|<p>x</p></html>\n`,
    `<!DOCTYPE html>{% if Name %}<title>x</title>{% endif %}|<p>x</p>\n`,
    `{% if Name == "no" %}<body class="a">|{% else %}<body class="b">|{% endif %}x</body>\n`,
    `{% if Name %}<!DOCTYPE html>\n<html><head></head><body>|x</body></html>{% endif %}\n`,
  ];
  for (const page of pages) {
    const options = { headers: "Preheader: Soon, {{ Name }} <b>\n" };
    const html = await htmlOf(page.replaceAll("|", ""), options);
    const found = [...html.matchAll(HIDDEN)];
    assert.equal(found.length, 1, page);
    const row = { Name: "Ann" };
    const without = await htmlOf(page.replaceAll("|", "<!--here-->"), { row });
    assert.equal(html.replace(HIDDEN, "<!--here-->"), without, page);
  }
});

Deno.test("A document whose <html> is left out is not put into another one", async () => {
  for (const start of ["<!DOCTYPE html>", "<title>x</title>", "<head></head>", "<body>"]) {
    const html = await htmlOf(`${start}<p>x</p>\n`);
    assert.equal(html, `${start}<p>x</p>\n`);
  }
  assert.match(await htmlOf("<p>x</p>\n<svg><title>y</title></svg>"), /^<!DOCTYPE html>\n<html>/);
});
