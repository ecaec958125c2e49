import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { base64, base64Lines, hasShortLines, withCrlf } from "../../src/compose/mime/encode.ts";

const octets = (length: number) => Uint8Array.from({ length }, (_, at) => at * 7 + (at >> 8));

Deno.test("base64() and base64Lines() encode each octet of files of any size", () => {
  const piece = 0x8000;
  for (
    const length of [
      ...[0, 1, 2, 3, 56, 57, 58, 113, 114, 115, 127, 128, 129],
      ...[piece - 1, piece, piece + 1, 2 * piece, 2 * piece + 2, 100_003],
    ]
  ) {
    const expected = Buffer.from(octets(length)).toString("base64");
    assert(base64(octets(length)) === expected, `${length} octets`);
    const lines = base64Lines(octets(length));
    assert(lines.replaceAll("\r\n", "") === expected, `${length} octets`);
    assert(/^(?:[^\r]{76}\r\n)*(?:[^\r]{1,76}\r\n)?$/.test(lines), `${length} octets`);
  }
});

Deno.test("withCrlf() makes CRLF of each LF", () => {
  assert.equal(withCrlf("\na\n\nb"), "\r\na\r\n\r\nb");
});

Deno.test("hasShortLines() counts the octets of each line, wherever it is", () => {
  const table: [line: string, short: boolean][] = [
    ["x".repeat(998), true],
    ["x".repeat(999), false],
    ["語".repeat(332) + "xx", true],
    ["語".repeat(333), false],
    [`${"🎉".repeat(249)}xx`, true],
    [`${"🎉".repeat(249)}xxx`, false],
  ];
  const other = "x".repeat(500);
  for (const [line, short] of table) {
    for (const text of [line, `${line}\n`, `${line}\n${other}`, `${other}\n${line}`]) {
      assert.equal(hasShortLines(text), short);
    }
  }
});
