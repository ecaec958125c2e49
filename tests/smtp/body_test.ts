import assert from "node:assert/strict";
import fc from "fast-check";
import { copyStuffed, inspectBody } from "../../src/smtp/wire/body.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

function stuffed(text: string): string {
  const bytes = bytesOf(text);
  const dots = inspectBody(bytes);
  // Not a byte more than is needed: the next bytes belong to another mail.
  const target = new Uint8Array(3 + bytes.length + dots);
  const end = copyStuffed(bytes, dots, target, 3);
  assert.equal(end, 3 + bytes.length + dots);
  return textOf(target.subarray(3));
}

Deno.test("copyStuffed() doubles the dot at the beginning of every line and no other", () => {
  assert.equal(stuffed("a.b\r\n"), "a.b\r\n");
  assert.equal(stuffed(".\r\n"), "..\r\n");
  assert.equal(stuffed("..\r\n"), "...\r\n");
  assert.equal(stuffed(".a\r\n.\r\nb.\r\n.c.\r\n"), "..a\r\n..\r\nb.\r\n..c.\r\n");
  assert.equal(
    stuffed("x\r\n.\r\nMAIL FROM:<a@b.test>\r\n"),
    "x\r\n..\r\nMAIL FROM:<a@b.test>\r\n",
  );
});

/** SMTP smuggling: ends of mail as one server or another might see them (CVE-2023-51764 and kin). */
for (
  const attack of [
    "\n.\n",
    "\n.\r\n",
    "\r.\r\n",
    "\r.\r",
    "\n.\r",
    "\r.\n",
    "\r\n.\r\r\n",
    "\r\n\0.\r\n",
    "\0\r\n.\r\n",
    "\r\n.\n",
    "\r\n.\r",
  ]
) {
  Deno.test(`inspectBody() refuses ${JSON.stringify(attack)}`, () => {
    assert.throws(() => inspectBody(bytesOf(`a${attack}MAIL FROM:<x@y.test>\r\n`)), TypeError);
  });
}

Deno.test("inspectBody() refuses bytes that do not end with CRLF, none at all, and a CR or LF at either edge", () => {
  for (const text of ["", "a", "a\r", "a\n", "\na\r\n", "\r\na\r", "\n", "\r", "\r\n\r"]) {
    assert.throws(() => inspectBody(bytesOf(text)), TypeError, JSON.stringify(text));
  }
});

Deno.test("inspectBody() names the byte that is wrong", () => {
  assert.throws(() => inspectBody(bytesOf("ab\ncd\r\n")), /byte 2$/);
  assert.throws(() => inspectBody(bytesOf("ab\rcd\r\n")), /byte 2$/);
});

Deno.test("copyStuffed() gives the same result as a plain replacement, for any lines", () => {
  const text = fc.array(fc.string({ unit: fc.constantFrom("a", ".", " ", "é", "\t") }), {
    minLength: 1,
  })
    .map((lines) => lines.map((line) => `${line}\r\n`).join(""));
  fc.assert(fc.property(text, (body) => {
    assert.equal(stuffed(body), body.replaceAll(/^\./gm, ".."));
  }));
});

Deno.test("inspectBody() accepts exactly the bodies that a plain rule accepts", () => {
  const text = fc.string({ unit: fc.constantFrom("a", ".", "\r", "\n", "\r\n", "\0") });
  fc.assert(fc.property(text, (body) => {
    const sound = body.endsWith("\r\n") && !/\0|\r(?!\n)|(?<!\r)\n/.test(body);
    if (sound) inspectBody(bytesOf(body));
    else assert.throws(() => inspectBody(bytesOf(body)), TypeError);
  }));
});
