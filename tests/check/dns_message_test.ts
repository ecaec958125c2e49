import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
// @ts-types="@types/dns-packet"
import { type Answer, encode } from "dns-packet";
import { resolveAliases } from "../../src/check/dns/aliases.ts";
import { decodeReply, encodeQuestion } from "../../src/check/dns/message.ts";
import { longNames } from "./hostile_reply.ts";

const txt = (name: string, ...data: string[]): Answer => ({ type: "TXT", name, class: "IN", data });
const cname = (name: string, data: string): Answer => ({ type: "CNAME", name, class: "IN", data });

function reply(...answers: Answer[]): Uint8Array {
  const questions = [{ name: "a.test", type: "TXT", class: "IN" }] as const;
  return encode({ type: "response", id: 7, questions: [...questions], answers });
}

/** A reply with one answer, written out: its name, then type TXT and its data. */
function written(name: readonly number[], data: readonly number[] = [1, 97]): Uint8Array {
  const head = [0, 16, 0, 1, 0, 0, 0, 60, data.length >> 8, data.length & 255];
  const bytes = Uint8Array.from([...reply(), ...name, ...head, ...data]);
  bytes[7] = 1;
  return bytes;
}

const texts = (bytes: Uint8Array) => decodeReply(bytes)?.answers.map(({ data }) => data);
/** The offset of the question's name. */
const QUESTION = 12;

Deno.test("decodeReply() reads what dns-packet has written", () => {
  const decoded = decodeReply(reply(
    cname("a.test", "B.test"),
    txt("b.test", "one ", "two"),
    { type: "MX", name: "a.test", class: "IN", data: { preference: 10, exchange: "." } },
    { type: "AAAA", name: "a.test", class: "IN", data: "2001:db8::1" },
    txt("c.test", "three"),
  ));
  assert.deepEqual(decoded, {
    id: 7,
    code: 0,
    truncated: false,
    question: { name: "a.test", type: "TXT" },
    answers: [
      { name: "a.test", type: "CNAME", data: "b.test" },
      { name: "b.test", type: "TXT", data: "one two" },
      { name: "a.test", type: "MX", data: "", preference: 10 },
      { name: "a.test", type: "AAAA", data: "2001:db8::1" },
      { name: "c.test", type: "TXT", data: "three" },
    ],
  });
});

Deno.test("decodeReply() ignores records of other classes than IN", () => {
  const answers: Answer[] = [
    { ...txt("a.test", "chaos"), class: "CH" } as Answer,
    { ...txt("a.test", "flush"), flush: true } as Answer,
    txt("a.test", "in"),
  ];
  assert.deepEqual(texts(reply(...answers)), ["in"]);
});

Deno.test("decodeReply() follows RFC 1035's rules for names", () => {
  const label = [63, ...Array.from({ length: 63 }, () => 97)];
  const longest = [...label, ...label, ...label, 61, ...label.slice(1, 62), 0];
  const itself = reply().length;
  const cases: readonly (readonly [string, readonly number[], boolean])[] = [
    ["a pointer to the question", [0xc0, QUESTION], true],
    ["255 octets", longest, true],
    ["256 octets", [...label, ...label, ...label, 62, ...label.slice(1, 63), 0], false],
    ["256 octets by way of a pointer", [...longest.slice(0, -1), 0xc0, QUESTION], false],
    ["a pointer to itself", [0xc0, itself], false],
    ["a pointer to a name that leads back", [1, 97, 0xc0, itself], false],
    ["a pointer ahead", [0xc0, itself + 4], false],
    ["a pointer into the header", [0xc0, 4], false],
    ["a label of a kind that is not defined", [0x41, 97, 0], false],
    ["a label with a dot in it", [3, 97, 46, 98, 0], false],
  ];
  for (const [what, name, good] of cases) {
    assert.deepEqual(texts(written(name)), good ? ["a"] : undefined, what);
  }
});

Deno.test("decodeReply() rejects a record that does not fill its length, or goes beyond the reply", () => {
  const name = [0xc0, QUESTION];
  assert.equal(texts(written(name, [2, 97])), undefined);
  assert.equal(texts(written(name, [])), undefined);
  const address = reply({ type: "A", name: "a.test", class: "IN", data: "192.0.2.1" });
  assert.deepEqual(texts(address), ["192.0.2.1"]);
  const short = address.slice(0, -1).with(address.length - 5, 3);
  assert.equal(texts(short), undefined);
  for (let end = 0; end < address.length; end++) {
    assert.equal(decodeReply(address.slice(0, end)), undefined, `${end} octets`);
  }
});

Deno.test("decodeReply() reads no sections but question and answers", () => {
  const bytes = reply(txt("a.test", "one"));
  bytes[9] = 200;
  bytes[11] = 200;
  assert.deepEqual(texts(Uint8Array.from([...bytes, 0xff, 0xff])), ["one"]);
  // Data of types that are not asked for is not decoded, whatever the codec knows about them.
  const rrsig = written([0xc0, QUESTION], [0xff, 0xff, 0xff]).with(reply().length + 3, 46);
  assert.deepEqual(texts(rrsig), []);
});

Deno.test("decodeReply() refuses names that expand to thousands of octets in no time", () => {
  const bytes = longNames(reply());
  const began = performance.now();
  assert.equal(decodeReply(bytes), undefined);
  assert(performance.now() - began < 100);
});

Deno.test("decodeReply() reads any bytes without throwing, and takes no question for a reply", () => {
  const good = reply(cname("a.test", "b.test"), txt("b.test", "one"));
  const damaged = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 6 }).map(
    (changes) => changes.reduce((bytes, [at, value]) => bytes.with(at, value), good),
  );
  const bytes = fc.oneof(damaged, fc.uint8Array({ maxLength: 200 }));
  fc.assert(
    fc.property(bytes, (bytes) => {
      if (bytes.length > 2) bytes = bytes.with(2, 0x80);
      decodeReply(bytes);
    }),
    { numRuns: 2_000 },
  );
  assert.equal(decodeReply(encodeQuestion(7, "a.test", "TXT")!), undefined);
});

Deno.test("encodeQuestion() asks for names that RFC 1035 allows, and for no others", () => {
  const long = (length: number) => `${"a.".repeat(124)}${"b".repeat(length)}`;
  for (const name of ["a.test", "a.test.", "_dmarc.a.test", long(5)]) {
    assert.notEqual(encodeQuestion(7, name, "TXT"), undefined, name);
  }
  for (const name of ["", ".", "..", ".a", "a..b", "a\nb", `${"a".repeat(64)}.b`, long(6)]) {
    assert.equal(encodeQuestion(7, name, "TXT"), undefined, name);
  }
});

Deno.test("resolveAliases() counts the records at the end of the chain, and no others", () => {
  const answers = decodeReply(reply(
    txt("evil.test", "not asked for"),
    txt("c.test", "right"),
    cname("b.test", "c.test"),
    cname("a.test", "b.test"),
    txt("a.test", "beside an alias"),
    txt("b.test", "in between"),
  ))!.answers;
  const resolved = resolveAliases(answers, "A.test.", "TXT", 8);
  assert.deepEqual(resolved, {
    name: "c.test",
    aliases: 2,
    records: [{ name: "c.test", type: "TXT", data: "right" }],
  });
  const circle = decodeReply(reply(cname("a.test", "b.test"), cname("b.test", "a.test")))!.answers;
  assert.equal(resolveAliases(circle, "a.test", "TXT", 8).aliases, 8);
});

Deno.test("decodeReply() decodes texts as UTF-8 across the strings of a record", () => {
  const halves = [...Buffer.from("ü")];
  const data = [1, halves[0]!, 1, halves[1]!];
  assert.deepEqual(texts(written([0xc0, QUESTION], data)), ["ü"]);
});
