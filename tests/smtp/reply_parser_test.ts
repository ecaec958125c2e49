import assert from "node:assert/strict";
import fc from "fast-check";
import { MAX_REPLY_BYTES, MAX_REPLY_LINES, ReplyParser } from "../../src/smtp/wire/reply_parser.ts";
import { negative, positive, replyLine } from "../../src/model/reply.ts";
import type { Reply } from "../../src/model/reply.ts";

const encoder = new TextEncoder();

/** Feeds the bytes cut at the given positions; repeated positions give empty pieces. */
function parse(
  bytes: Uint8Array,
  cuts: readonly number[] = [],
): { replies: Reply[]; fault: string | undefined; midReply: boolean } {
  const parser = new ReplyParser();
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b)];
  const replies = places.flatMap((place, index) =>
    parser.push(bytes.subarray(place, places[index + 1] ?? bytes.length))
  );
  return { replies, fault: parser.fault, midReply: parser.midReply };
}

function parseText(text: string): ReturnType<typeof parse> {
  return parse(encoder.encode(text));
}

Deno.test("ReplyParser splits a one-line reply into its parts", () => {
  assert.deepEqual(parseText("550 5.1.1 No such user\r\n").replies, [{
    code: 550,
    enhanced: "5.1.1",
    text: "No such user",
    lines: ["5.1.1 No such user"],
  }]);
});

Deno.test("ReplyParser joins the lines of a reply and keeps each of them", () => {
  assert.deepEqual(parseText("250-mx.test\r\n250-SIZE 10\r\n250 HELP\r\n").replies, [{
    code: 250,
    enhanced: undefined,
    text: "mx.test SIZE 10 HELP",
    lines: ["mx.test", "SIZE 10", "HELP"],
  }]);
  const [refusal] = parseText("550-5.7.1 no\r\n550 5.7.1 really\r\n").replies;
  assert.equal(refusal?.enhanced, "5.7.1");
  assert.equal(refusal?.text, "no really");
});

Deno.test("ReplyParser reads replies without text, several in a packet, and lines ending in a bare LF", () => {
  const { replies, fault } = parseText("250\r\n250 \r\n354 go\n250-a\n250 b\n");
  assert.equal(fault, undefined);
  assert.deepEqual(replies.map(({ code, text }) => [code, text]), [
    [250, ""],
    [250, ""],
    [354, "go"],
    [250, "a b"],
  ]);
});

Deno.test("ReplyParser accepts an enhanced status only if its class matches the code and a text follows", () => {
  const enhancedOf = (line: string) => parseText(`${line}\r\n`).replies[0]?.enhanced;
  assert.equal(enhancedOf("250 2.0.0"), "2.0.0");
  assert.equal(enhancedOf("250 2.1.500 ok"), "2.1.500");
  assert.equal(enhancedOf("220 5.6.7 mail.test"), undefined);
  assert.equal(enhancedOf("220 2.6.7.mail.test"), undefined);
  assert.equal(enhancedOf("250 2.1.5000 ok"), undefined);
  assert.equal(enhancedOf("354 3.0.0 go"), undefined);
});

for (
  const [name, text, fault] of [
    ["lines that differ in code", "250-a\r\n251 b\r\n", /differ in code: 250 and 251/],
    ["a code below 200", "199 x\r\n", /Not a reply/],
    ["a code of 600", "600 x\r\n", /Not a reply/],
    ["a code that is no number", "2x0 ok\r\n", /Not a reply/],
    ["a code of four digits", "2500 ok\r\n", /Not a reply/],
    // The characters before 0 and after 9, in each position.
    ["a slash for the second digit", "2/0 ok\r\n", /Not a reply/],
    ["a colon for the second digit", "2:0 ok\r\n", /Not a reply/],
    ["a slash for the third digit", "25/ ok\r\n", /Not a reply/],
    ["a colon for the third digit", "25: ok\r\n", /Not a reply/],
    ["a code of two digits", "25\n", /Not a reply/],
    ["an empty line", "\r\n", /Not a reply/],
    ["another protocol", "HTTP/1.1 400 Bad Request\r\n", /Not a reply: "HTTP/],
  ] as const
) {
  Deno.test(`ReplyParser faults ${name}, and reads nothing after it`, () => {
    const result = parseText(`250 before\r\n${text}250 after\r\n`);
    assert.deepEqual(result.replies.map((reply) => reply.text), ["before"]);
    assert.match(result.fault ?? "", fault);
  });
}

Deno.test("ReplyParser reads every code from 200 to 599", () => {
  for (let code = 200; code < 600; code++) {
    assert.equal(parseText(`${code} x\r\n`).replies[0]?.code, code);
  }
});

Deno.test("ReplyParser does not fill a short line with remains of an earlier one", () => {
  const bytes = encoder.encode("250 first\r\n25\n");
  const { replies, fault } = parse(bytes, Array.from(bytes, (_, at) => at));
  assert.deepEqual(replies.map(({ text }) => text), ["first"]);
  assert.equal(fault, 'Not a reply: "25"');
});

Deno.test("ReplyParser finds the end of a line in a packet that holds much more", () => {
  const more = `250 ${"y".repeat(2_000)}\r\n`;
  const { replies } = parse(encoder.encode(`250 begun here\r\n${more}`), [8]);
  assert.deepEqual(replies.map(({ text }) => text), ["begun here", "y".repeat(2_000)]);
});

Deno.test("ReplyParser rejects a line that becomes too long with the packet that ends it", () => {
  const bytes = encoder.encode(`250 ${"x".repeat(MAX_REPLY_BYTES)}\r\n`);
  const { replies, fault } = parse(bytes, [MAX_REPLY_BYTES - 10]);
  assert.deepEqual(replies, []);
  assert.match(fault ?? "", /longer than 65536/);
});

Deno.test("ReplyParser tolerates lines over 512 bytes up to its limit, and rejects an endless one", () => {
  const long = "x".repeat(MAX_REPLY_BYTES - 4);
  assert.equal(parseText(`250 ${long}\r\n`).replies[0]?.text, long);
  assert.match(parseText(`250 ${long}x\r\n`).fault ?? "", /longer than 65536/);
  assert.match(parseText("2".repeat(MAX_REPLY_BYTES + 2)).fault ?? "", /longer/);
  assert.match(parseText(`250-${"x".repeat(1000)}\r\n`.repeat(70)).fault ?? "", /longer/);
});

Deno.test("ReplyParser rejects more lines than its limit", () => {
  assert.equal(
    parseText(`${"250-a\r\n".repeat(MAX_REPLY_LINES - 1)}250 z\r\n`).replies.length,
    1,
  );
  assert.match(parseText("250-a\r\n".repeat(MAX_REPLY_LINES)).fault ?? "", /more than 1000 lines/);
});

Deno.test("ReplyParser replaces bytes that are not UTF-8", () => {
  const bytes = new Uint8Array([...encoder.encode("250 a"), 0xff, ...encoder.encode("b\r\n")]);
  assert.equal(parse(bytes).replies[0]?.text, "a\ufffdb");
});

Deno.test("ReplyParser removes secrets from everything that may be shown, but not from what decisions depend on", () => {
  const parser = new ReplyParser();
  parser.hide(["", "5.1.1", "aGVyb24="]);
  const [single, several] = parser.push(encoder.encode(
    "550 5.1.1 aGVyb24= or 5.1.1\r\n250-aGVyb24=\r\n250 ok\r\n",
  ));
  assert.deepEqual(single, {
    code: 550,
    enhanced: "5.1.1",
    text: "[secret] or [secret]",
    lines: ["[secret] [secret] or [secret]"],
  });
  assert.equal(several?.text, "[secret] ok");
  parser.push(encoder.encode(`${"x".repeat(76)}aGVyb24=\r\n`));
  assert.equal(parser.fault, `Not a reply: "${"x".repeat(76)}[sec"`);
});

Deno.test("ReplyParser reports whether it is in the middle of a reply", () => {
  assert.equal(parseText("250 a\r\n").midReply, false);
  assert.equal(parseText("250 a\r\n2").midReply, true);
  assert.equal(parseText("250-a\r\n").midReply, true);
});

Deno.test("ReplyParser takes linear time for a reply that arrives byte by byte", () => {
  const bytes = encoder.encode(`250 ${"x".repeat(60_000)}\r\n`);
  const cuts = Array.from(bytes, (_, at) => at);
  const started = performance.now();
  assert.equal(parse(bytes, cuts).replies.length, 1);
  // Quadratic work would be 60,000 x 30,000 copied bytes, some seconds.
  assert.ok(performance.now() - started < 5_000);
});

/** Words that servers use, and some that they do not. */
const line = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 30 }).map((text) => text.replaceAll(/[\r\n]/g, "")),
  fc.constantFrom("2.1.0 Ok", "5.1.1 Nö", "", "SIZE 100", "😀 5.0.0"),
);
const reply = fc.record({
  code: fc.integer({ min: 200, max: 599 }),
  lines: fc.array(line, { minLength: 1, maxLength: 4 }),
  end: fc.constantFrom("\r\n", "\n"),
}).map(({ code, lines, end }) =>
  lines.map((text, index) => `${code}${index < lines.length - 1 ? "-" : " "}${text}${end}`).join("")
);

Deno.test("ReplyParser finds the same replies however the bytes are split", () => {
  fc.assert(fc.property(
    fc.array(fc.oneof(reply, fc.constantFrom("", "garbage\r\n", "250-a\r\n251 b\r\n"))),
    fc.array(fc.nat()),
    (texts, cuts) => {
      const bytes = encoder.encode(texts.join(""));
      assert.deepEqual(parse(bytes, cuts), parse(bytes));
    },
  ));
});

Deno.test("ReplyParser survives any bytes, with the same result for any split", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat()), (bytes, cuts) => {
    const whole = parse(bytes);
    const split = parse(bytes, cuts);
    assert.deepEqual(split.replies, whole.replies);
    assert.equal(split.fault, whole.fault);
  }));
});

Deno.test("positive() and negative() go by the first digit, even of unknown codes", () => {
  const [odd] = parseText("459 strange\r\n").replies;
  assert.equal(negative(odd!), true);
  assert.equal(positive(odd!), false);
  const [go] = parseText("354 go\r\n").replies;
  assert.equal(negative(go!) || positive(go!), false);
});

Deno.test("replyLine() writes code, enhanced code and text", () => {
  assert.equal(replyLine(parseText("250 2.0.0 Ok\r\n").replies[0]!), "250 2.0.0 Ok");
  assert.equal(replyLine(parseText("250\r\n").replies[0]!), "250");
});
