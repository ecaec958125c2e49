import assert from "node:assert/strict";
import PostalMime from "postal-mime";
import { composerOf, FROM, inputErrorOf, mailOf, octetsOf, recipientOf } from "./support.ts";
import { EIGHT_BIT, reasonOf } from "./support.ts";

const HEAD = `${FROM}Subject: x\n\n`;
/** The text part of this one is made from each rendered mail, as its tag is in an attribute. */
const FROM_EACH_MAIL =
  `<p><a {% if Name %}href="https://x.de/"{% endif %}>Go</a> {{ Name | raw }}</p>`;

Deno.test("A row whose HTML is nested too deeply makes no mail, but its neighbors do", async () => {
  const composer = await composerOf(HEAD + FROM_EACH_MAIL, undefined, { file: "mail.html" });
  const poison = [
    "<b>".repeat(11_000),
    "<blockquote>".repeat(50_000),
    "<ul><li>".repeat(6_000),
    "<table><tr><td>".repeat(20_000),
    "<b>".repeat(1_000_000),
    "<li><option>".repeat(80_000),
    "<b></i>".repeat(80_000),
    "<b><!--</b>-->".repeat(80_000),
  ];
  for (const name of poison) {
    const began = Date.now();
    for (let time = 0; time < 2; time++) {
      assert.equal(
        reasonOf(composer.compose(recipientOf([name, "a@b.de"]), EIGHT_BIT)),
        "Template cannot be rendered: its HTML is nested more than 10,000 elements deep",
        name.slice(0, 20),
      );
    }
    assert.ok(Date.now() - began < 10_000, "it holds up nobody for long");
    const mail = await PostalMime.parse(mailOf(composer, ["Ann", "a@b.de"]).bytes);
    assert.equal(mail.text, "Go [https://x.de/] Ann\n");
  }
});

Deno.test("HTML that is long but not deeply nested makes a mail, with or without end tags", async () => {
  const composer = await composerOf(HEAD + FROM_EACH_MAIL, undefined, { file: "mail.html" });
  const list = `<ul>${"<li>a".repeat(20_000)}</ul>`;
  for (
    const name of ["a<br>".repeat(20_000), "<p>a".repeat(12_000), list, "<b>a</b>".repeat(20_000)]
  ) {
    assert.equal(
      reasonOf(composer.compose(recipientOf([name, "a@b.de"]), EIGHT_BIT)),
      undefined,
      name.slice(0, 20),
    );
  }
});

Deno.test("HTML with 3,000 nested elements is turned into text like any other, in linear time", async () => {
  const composer = await composerOf(HEAD + FROM_EACH_MAIL, undefined, { file: "mail.html" });
  for (
    const begin of ["<b>", "<div>", "<blockquote>", "<ul><li>", "<table><tr><td>", "<span title=x>"]
  ) {
    const deep = begin.repeat(3_000 / begin.split("<").slice(1).length);
    const began = Date.now();
    const mail = await PostalMime.parse(mailOf(composer, [`${deep}core`, "a@b.de"]).bytes);
    assert.ok(Date.now() - began < 1_000);
    assert.match(mail.text!, /^Go \[https:\/\/x\.de\/\]\s[\s>*]*core\n$/, begin);
    const whole = `${HEAD}<p>{{ Name }}</p>${deep}core`;
    const own = await composerOf(whole, undefined, { file: "mail.html" });
    const { text } = await PostalMime.parse(mailOf(own, ["Ann", "a@b.de"]).bytes);
    assert.match(text!, /^Ann\s[\s>*]*core\n$/, begin);
  }
});

Deno.test("Whether HTML is nested too deeply does not depend on the depth of the caller's stack", async () => {
  const composer = await composerOf(HEAD + FROM_EACH_MAIL, undefined, { file: "mail.html" });
  const reasonAt = (depth: number, name: string): string | undefined =>
    depth === 0
      ? reasonOf(composer.compose(recipientOf([name, "a@b.de"]), EIGHT_BIT))
      : reasonAt(depth - 1, name);
  for (const depth of [0, 2_000]) {
    assert.equal(reasonAt(depth, "<b>".repeat(9_900)), undefined);
    assert.match(reasonAt(depth, "<b>".repeat(10_100)) ?? "", /nested more than 10,000/);
  }
});

Deno.test("Anything thrown while a mail is made becomes its row's reason, and the next mail is complete", async () => {
  const template = `${HEAD}Hello {{ Name }}\n{% if Name == "x" %}!{% endif %}\n`;
  const composer = await composerOf(template);
  const before = mailOf(composer, ["Ann", "ann@example.com"]);
  // A row that breaks in the middle of being read is the nearest thing to a bug of ours.
  const fields = new Proxy(["Bob", "bob@example.com"], {
    get(target, key) {
      if (key === "0") throw new TypeError("this cell cannot be read");
      return Reflect.get(target, key);
    },
  });
  const broken = composer.compose({ ...recipientOf([]), fields }, EIGHT_BIT);
  assert.equal(reasonOf(broken), "The mail cannot be made: this cell cannot be read");
  assert.ok("kind" in broken && broken.cause instanceof TypeError);
  assert.equal(
    octetsOf(mailOf(composer, ["Ann", "ann@example.com"])),
    octetsOf(before),
  );
});

Deno.test("A pause of any length while a mail is rendered does not make its row invalid", async () => {
  const loop = "{% for i in (1..50) %}{{ i }} {{ Name }}\n{% endfor %}";
  const composer = await composerOf(HEAD + loop);
  const { now } = performance;
  let calls = 0;
  performance.now = () => now.call(performance) + 5_000 * calls++;
  try {
    mailOf(composer, ["Ann", "ann@example.com"]);
  } finally {
    performance.now = now;
  }
});

Deno.test("A row is charged for its work: loops, and characters output or captured", async () => {
  const loops = await composerOf(
    `${HEAD}{% if Name == "loop" %}{% for i in (1..2000) %}{% for j in (1..2000) %}{% endfor %}{% endfor %}{% endif %}` +
      `{% if Name == "double" %}{% assign a = "0123456789" %}{% for i in (1..40) %}{% capture a %}{{ a }}{{ a }}{% endcapture %}{% endfor %}{% endif %}` +
      `{% if Name == "text" %}{% for i in (1..400000) %}${"x".repeat(50)}{% endfor %}{% endif %}`,
  );
  const reason = (name: string) =>
    reasonOf(loops.compose(recipientOf([name, "ann@example.com"]), EIGHT_BIT));
  assert.equal(reason("loop"), "Template cannot be rendered: it takes more than 1,000,000 steps");
  const tooLong = "Template cannot be rendered: it produces more than 10,000,000 characters";
  assert.equal(reason("double"), tooLong);
  assert.equal(reason("text"), tooLong);
  assert.equal(reason("Ann"), undefined);
});

Deno.test("A template that takes too many steps in every mail is refused with its place", async () => {
  const loops = `{% for i in (1..2000) %}{% for j in (1..2000) %}{% endfor %}{% endfor %}`;
  assert.equal(
    await inputErrorOf(() => composerOf(`${HEAD}\n${loops}`)),
    "mail.txt:5:25: Template cannot be rendered: it takes more than 1,000,000 steps",
  );
});
