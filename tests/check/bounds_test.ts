import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { boundedReply, TYPES } from "../../src/check/dns/bounds.ts";
import { decodeReply, encodeQuestion } from "../../src/check/dns/message.ts";

// Everything here is written as octets (RFC 1035, 4.1), so that nothing depends on the codec.

const NAME = [1, 97, 4, ...Buffer.from("test"), 0]; // a.test
const QUESTION = [...NAME, 0, TYPES.TXT, 0, 1];
/** A pointer to the question's name. */
const POINTER = [0xc0, 12];

interface Head {
  readonly flags?: number;
  readonly code?: number;
  readonly questions?: number;
  readonly answers?: number;
}

function reply(
  records: readonly number[],
  { flags = 0x81, code = 0x80, questions = 1, answers = 1 }: Head = {},
  question: readonly number[] = QUESTION,
): Uint8Array {
  const counts = [0, questions, answers >> 8, answers & 255, 0, 7, 0, 9];
  return Uint8Array.from([0x12, 0x34, flags, code, ...counts, ...question, ...records]);
}

function record(type: number, data: readonly number[], length = data.length): number[] {
  return [...POINTER, 0, type, 0, 1, 0, 0, 0, 60, length >> 8, length & 255, ...data];
}

const answersOf = (bytes: Uint8Array) => decodeReply(bytes)?.answers.map(({ data }) => data);

Deno.test("encodeQuestion() writes the octets of RFC 1035, 4.1, with recursion and room for 1,232 octets (RFC 6891)", () => {
  const header = [0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 1];
  const room = [0, 0, 41, 1232 >> 8, 1232 & 255, 0, 0, 0, 0, 0, 0];
  assert.deepEqual(
    [...encodeQuestion(0x1234, "a.test", "TXT")!],
    [...header, ...QUESTION, ...room],
  );
});

Deno.test("decodeReply() reads number, code and question; a question of another class counts as none", () => {
  const none = { answers: 0 };
  const read = decodeReply(reply([], { ...none, code: 0x83 }))!;
  assert.deepEqual([read.id, read.code, read.truncated], [0x1234, 3, false]);
  assert.deepEqual(read.question, { name: "a.test", type: "TXT" });
  assert.equal(decodeReply(reply([], { ...none, code: 0x85 }))!.code, 5);
  assert.equal(decodeReply(reply([], { ...none, code: 0x8a }))!.code, 10);
  const chaos = [...NAME, 0, TYPES.TXT, 0, 3];
  assert.equal(decodeReply(reply([], none, chaos))!.question, undefined);
  assert.equal(decodeReply(reply([], { ...none, questions: 0 }, []))!.question, undefined);
  const capitals = QUESTION.with(1, 65);
  assert.equal(decodeReply(reply([], none, capitals))!.question!.name, "a.test");
});

Deno.test("decodeReply() says that a reply was truncated, and reads no answer from it", () => {
  const cut = reply(record(TYPES.TXT, [1, 97]), { flags: 0x83 });
  const read = decodeReply(cut)!;
  assert.deepEqual([read.truncated, read.answers], [true, []]);
  assert.notEqual(decodeReply(cut.slice(0, -1)), undefined, "it may end anywhere");
});

Deno.test("boundedReply() accepts replies to plain questions, and nothing else", () => {
  const answer = record(TYPES.TXT, [1, 97]);
  assert.notEqual(boundedReply(reply(answer)), undefined);
  const refused: Readonly<Record<string, Uint8Array>> = {
    "a question": reply(answer, { flags: 0x01 }),
    "an inverse query": reply(answer, { flags: 0x81 | 1 << 3 }),
    "an update": reply(answer, { flags: 0x81 | 5 << 3 }),
    "two questions": reply(answer, { questions: 2 }, [...QUESTION, ...QUESTION]),
    "two questions without an answer": reply([], { questions: 2, answers: 0 }, [
      ...QUESTION,
      ...QUESTION,
    ]),
    "a header cut short": reply([]).slice(0, 11),
    "a question cut short": reply([], { answers: 0 }).slice(0, -1),
    "more answers than there are": reply(answer, { answers: 2 }),
  };
  for (let end = 1; end < answer.length; end++) {
    assert.equal(boundedReply(reply(answer.slice(0, end))), undefined, `${end} octets`);
  }
  for (const [what, bytes] of Object.entries(refused)) {
    assert.equal(boundedReply(bytes), undefined, what);
  }
});

Deno.test("boundedReply() omits all sections but question and answers, and sets its counts accordingly", () => {
  const answer = record(TYPES.TXT, [1, 97]);
  const bytes = reply([...answer, 1, 2, 3]);
  const bounded = boundedReply(bytes)!;
  assert.deepEqual([...bounded.subarray(4, 12)], [0, 1, 0, 1, 0, 0, 0, 0]);
  assert.deepEqual([...bounded.subarray(12)], [...QUESTION, ...answer]);
  assert.deepEqual([...bytes.subarray(8, 12)], [0, 7, 0, 9], "the input is unchanged");
});

Deno.test("boundedReply() accepts a thousand records, and no more", () => {
  const all = Array.from({ length: 1_001 }, () => record(TYPES.A, [192, 0, 2, 1])).flat();
  assert.equal(answersOf(reply(all, { answers: 1_000 }))!.length, 1_000);
  assert.equal(answersOf(reply(all, { answers: 1_001 })), undefined);
});

Deno.test("boundedReply() requires the data of each type to fill its length", () => {
  const v6 = [0x20, 1, 0xd, 0xb8, ...Array.from({ length: 11 }, () => 0), 1];
  const cases: readonly (readonly [what: string, number[], unknown])[] = [
    ["A", record(TYPES.A, [192, 0, 2, 1]), ["192.0.2.1"]],
    ["A of 3", record(TYPES.A, [192, 0, 2]), undefined],
    ["A of 5", record(TYPES.A, [192, 0, 2, 1, 0]), undefined],
    ["AAAA", record(TYPES.AAAA, v6), ["2001:db8::1"]],
    ["AAAA of 15", record(TYPES.AAAA, v6.slice(1)), undefined],
    ["AAAA of 17", record(TYPES.AAAA, [...v6, 0]), undefined],
    ["CNAME", record(TYPES.CNAME, POINTER), ["a.test"]],
    ["CNAME and more", record(TYPES.CNAME, [...POINTER, 0]), undefined],
    ["MX", record(TYPES.MX, [0, 10, ...POINTER]), ["a.test"]],
    ["MX to the root", record(TYPES.MX, [0, 0, 0]), [""]],
    ["MX without a name", record(TYPES.MX, [0, 10]), undefined],
    ["MX and more", record(TYPES.MX, [0, 10, ...POINTER, 0]), undefined],
    ["TXT of two strings", record(TYPES.TXT, [1, 97, 2, 98, 99]), ["abc"]],
    ["TXT of an empty string", record(TYPES.TXT, [0]), [""]],
    ["TXT of none", record(TYPES.TXT, []), undefined],
    ["TXT beyond its end", record(TYPES.TXT, [2, 97]), undefined],
    ["beyond the reply", record(TYPES.TXT, [1, 97], 3), undefined],
    ["of another type, whatever it holds", record(46, [255, 255]), []],
    ["of another type, without data", record(46, []), []],
    ["of another type, beyond the reply", record(46, [255], 2), undefined],
  ];
  for (const [what, data, expected] of cases) {
    assert.deepEqual(answersOf(reply(data)), expected, what);
  }
});

Deno.test("boundedReply() follows pointers backwards only, and at most 127 of them", () => {
  // Each name is a pointer to the one before; the first is the question's.
  const chain = (length: number): Uint8Array => {
    const start = 12 + QUESTION.length;
    const records: number[] = [];
    let before = 12;
    for (let at = 0; at < length; at++) {
      const here = start + records.length;
      records.push(
        0xc0 | before >> 8,
        before & 255,
        0,
        TYPES.A,
        0,
        1,
        0,
        0,
        0,
        60,
        0,
        4,
        1,
        2,
        3,
        4,
      );
      before = here;
    }
    return reply(records, { answers: length });
  };
  assert.equal(answersOf(chain(127))!.length, 127);
  assert.equal(answersOf(chain(128)), undefined);
});

Deno.test("boundedReply() follows a pointer as far as its 14 bits reach", () => {
  const address = [0, TYPES.A, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1];
  // What is 0x2000 octets before the name cannot be one, because its octets are no label's length.
  const filler = [
    ...Array.from({ length: 900 }, () => record(TYPES.A, [0x80, 0x80, 0x80, 0x80])).flat(),
    ...record(46, []),
  ];
  const at = 12 + QUESTION.length + filler.length;
  const named = [3, ...Buffer.from("far"), 0, ...address];
  const bytes = reply([...filler, ...named, 0xc0 | at >> 8, at & 255, ...address], {
    answers: 903,
  });
  assert.deepEqual([at > 0x2000, bytes[at - 0x2000]], [true, 0x80]);
  assert.equal(decodeReply(bytes)!.answers.at(-1)!.name, "far");
});

Deno.test("boundedReply() rejects a pointer whose target leads forward again", () => {
  const start = 12 + QUESTION.length + 12;
  const text = [0, TYPES.TXT, 0, 1, 0, 0, 0, 60, 0, 2, 1, 97];
  const through = (target: number) =>
    reply([...record(46, [0xc0, target, 1, 97, 0]), 0xc0, start, ...text], { answers: 2 });
  assert.deepEqual(answersOf(through(12)), ["a"]);
  assert.equal(answersOf(through(start + 2)), undefined);
});

Deno.test("decodeReply() rejects a name that violates RFC 1035, 4.1.4, even if the bytes end in it", () => {
  const cases: readonly (readonly [what: string, number[]])[] = [
    ["a pointer of one octet", [0xc0]],
    ["a label cut short", [5, 97]],
    ["no end", [1, 97]],
    ["a label of 64 octets", [64, ...Array.from({ length: 64 }, () => 97), 0]],
    ["a pointer of another kind", [0x40, 12]],
    ["a pointer of a third kind", [0x80, 12]],
  ];
  for (const [what, name] of cases) {
    assert.equal(decodeReply(reply(name)), undefined, what);
    const whole = [...name, ...record(TYPES.A, [1, 2, 3, 4]).slice(2)];
    assert.equal(decodeReply(reply(whole)), undefined, what);
    assert.equal(decodeReply(reply([], { answers: 0 }, name)), undefined, what);
  }
});
