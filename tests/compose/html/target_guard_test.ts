import assert from "node:assert/strict";
import { compileTemplate } from "../../../src/compose/composer.ts";
import { columnsOf, composerOf, FROM, inputErrorOf, mailOf, textOf } from "../support.ts";
import { inFolder } from "../../support/folder.ts";

const EVIL = "javascript:alert(1)";
const GOOD = "https://x.example/?a=1&b=2";
const ESCAPED = "https://x.example/?a=1&amp;b=2";

/** Ways to put `url` at the beginning of a link, on one branch of several, with `yes` empty or not. */
const BRANCHES: [target: string, yes: string][] = [
  ["{% if yes %}https://acme.example/{% else %}{{ url }}{% endif %}", ""],
  ["{% if yes %}{{ url }}{% else %}https://acme.example/{% endif %}", "x"],
  ["{% if yes == 'a' %}https://a.example{% elsif yes == 'b' %}{{ url }}{% endif %}", "b"],
  ["{% unless yes %}https://acme.example{% else %}{{ url }}{% endunless %}", "x"],
  ["{% case yes %}{% when 'a' %}https://a.example{% when 'b' %}{{ url }}{% endcase %}", "b"],
  ["{% case yes %}{% when 'a' %}https://a.example{% else %}{{ url }}{% endcase %}", "b"],
  ["{% for i in (1..1) %}{% if yes %}https://a.example{% endif %}{{ url }}{% endfor %}", ""],
  [
    "{% for i in (1..2) %}{% if i == 1 and yes %}/{% elsif i == 2 %}{{ url }}{% endif %}{% endfor %}",
    "",
  ],
  ["{% if yes %}https://a.example/{% endif %}{{ url }}", ""],
  ["{% if yes %}{% if url %}/{% endif %}{% else %}{% if url %}{{ url }}{% endif %}{% endif %}", ""],
  [
    "{% capture u %}{% if yes %}https://a.example{% else %}{{ url }}{% endif %}{% endcapture %}{{ u | raw }}",
    "",
  ],
  [
    "{% assign u = 'https://a.example' %}{% unless yes %}{% assign u = url %}{% endunless %}{{ u }}",
    "",
  ],
  ["{%- if yes -%} https://acme.example/ {%- else -%} {{- url -}} {%- endif -%}", ""],
  ["{% liquid if yes\n echo 'https://a.example'\n else\n echo url\n endif %}", ""],
  ["{% cycle url, 'https://a.example' %}", ""],
  ["{% if yes %}{% comment %}:{% endcomment %}{% endif %}{{ url | strip }}", ""],
  ["{% raw %}{% endraw %}{% if yes %}https://a.example{% else %}{{ url | raw }}{% endif %}", ""],
];

async function targetOf(
  body: string,
  cells: [url: string, yes: string],
  file = "mail.html",
): Promise<string | undefined> {
  const composer = await composerOf(`${FROM}Subject: x\n\n${body}\n`, ["url", "yes", "Email"], {
    file,
    text: { file: "mail.txt", text: "x" },
  });
  return /<a href="([^"]*)"/.exec(textOf(mailOf(composer, [...cells, "ann@example.com"])))?.[1];
}

Deno.test("A value cannot make a link one that runs something, on whatever branch it begins it", async () => {
  for (const [target, yes] of BRANCHES) {
    const body = `<a href="${target}">x</a>`;
    assert.equal(await targetOf(body, [EVIL, yes]), "#", target);
    // Unescaped because the template itself uses `raw`.
    assert.ok([GOOD, ESCAPED].includes(await targetOf(body, [GOOD, yes]) ?? ""), target);
  }
});

Deno.test("Every attribute that leads somewhere is guarded on every branch", async () => {
  const attributes = [
    "href",
    "src",
    "action",
    "formaction",
    "background",
    "xlink:href",
    "poster",
    "data",
  ];
  for (const attribute of attributes) {
    const composer = await composerOf(
      `${FROM}Subject: x\n\n<p ${attribute}="{% if yes %}https://a.example{% else %}{{ url }}{% endif %}">x</p>\n`,
      ["url", "yes", "Email"],
      { file: "mail.html" },
    );
    const html = textOf(mailOf(composer, [EVIL, "", "ann@example.com"]));
    assert.ok(html.includes(`<p ${attribute}="#">`), attribute);
  }
});

Deno.test("A value cannot be the scheme before a colon in the template, nor before an entity", async () => {
  const table: [target: string, cells: [url: string, yes: string], written: string][] = [
    ["{{ url }}:{{ yes }}", ["javascript", "alert(1)"], "#alert(1)"],
    ["{{ url }}://{{ yes }}", ["JavaScript", "%0aalert(1)"], "#//%0aalert(1)"],
    ["{{ url }}&#58;{{ yes }}", ["javascript", "alert(1)"], "#alert(1)"],
    ["{{ url }}&#x3A;{{ yes }}", ["javascript", "alert(1)"], "#alert(1)"],
    ["{{ url }}&colon;{{ yes }}", ["javascript", "alert(1)"], "#alert(1)"],
    ["{{ url }}{{ yes }}:alert(1)", ["java", "script"], "#alert(1)"],
    ["&#32;{{ url }}", [EVIL, ""], "&#32;#"],
    ["{{ url }}://{{ yes }}", ["https", "x.example/?a&b"], "https://x.example/?a&amp;b"],
    ["{{ url }}&#58;//x.example", ["https", ""], "https://x.example"],
    ["{{ url }}:{{ yes }}", ["mailto", "a@x.example"], "mailto:a@x.example"],
    ["&#32;{{ url }}", [GOOD, ""], `&#32;${ESCAPED}`],
  ];
  for (const [target, cells, written] of table) {
    assert.equal(await targetOf(`<a href="${target}">x</a>`, cells), written, target);
  }
});

Deno.test("What follows a target's scheme or host is unchanged, with branches or without", async () => {
  const table: [target: string, written: string][] = [
    ["https://a.example/{% if yes %}y{% else %}{{ url }}{% endif %}", `https://a.example/${EVIL}`],
    ["/{% if yes %}y{% else %}{{ url }}{% endif %}", `/${EVIL}`],
    [
      "{% if yes %}/y/{% else %}https://a.example/{% endif %}{{ url }}",
      `https://a.example/${EVIL}`,
    ],
    ["{% if yes %}a{% else %}b{% endif %}.html", "b.html"],
    ["{% if yes %}{{ url }}{% endif %}", ""],
  ];
  for (const [target, written] of table) {
    assert.equal(await targetOf(`<a href="${target}">x</a>`, [EVIL, ""]), written, target);
  }
});

Deno.test("A branch in a Markdown link and an include that is a target are guarded too", async () => {
  const branch = "{% if yes %}https://a.example{% else %}{{ url }}{% endif %}";
  assert.equal(await targetOf(`[x](${branch})`, [EVIL, ""], "mail.md"), "#");
  assert.equal(await targetOf(`[x](${branch})`, [GOOD, ""], "mail.md"), ESCAPED);

  await inFolder({
    "url.html": "{{ url }}",
    "frame.html": `<html><body><a href="{% block target %}/{% endblock %}">x</a></body></html>`,
  }, async (cwd) => {
    const bodies = [
      `<a href="{% include 'url.html' %}">x</a>`,
      `<a href="{% render 'url.html' %}">x</a>`,
      `{% layout "frame.html" %}{% block target %}{{ url }}{% endblock %}`,
    ];
    for (const body of bodies) {
      const composer = await compileTemplate({
        template: { file: `${cwd}/mail.html`, text: `${FROM}Subject: x\n\n${body}\n` },
        columns: columnsOf("url", "Email"),
        campaign: "spring",
      });
      const html = textOf(mailOf(composer, [EVIL, "ann@example.com"]));
      assert.match(html, /<a href="#">/, body);
    }
  });
});

Deno.test("A tag that ends outside the target it decides about is an error with its place", async () => {
  const body =
    `<p>x</p>\n<a href="{% if yes %}https://a.example">{% else %}{{ url }}">{% endif %}x</a>`;
  assert.match(
    await inputErrorOf(() => targetOf(body, [EVIL, ""])),
    /^mail\.html:5:10: A branch of this tag begins elsewhere and ends in the text: found '\{% if yes %\}'\n/,
  );
});
