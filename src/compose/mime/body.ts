import type { Recipient } from "../../model/recipient.ts";
import { cleanText, hasShortLines, isAscii, withCrlf } from "./encode.ts";
import type { Transport } from "../../model/mail.ts";
import type { MailBuffer } from "./mail_buffer.ts";
import { quotedPrintable } from "./quoted_printable.ts";
import { type Compiled, join, type Piece, Rendering } from "../template/slots.ts";

/** How a part travels (RFC 2045, 6). */
export type Encoding = "7bit" | "8bit" | "quoted-printable";

/** Whole lines that are the same in every mail, encoded in both forms. */
interface Constant {
  readonly plain: Uint8Array;
  readonly quoted: Uint8Array;
}

/** Lines with slots: from the start of the first slot's line to the end of the last one's. */
type Lines = readonly Piece[];

/** The lines of one mail, in the order of the body's blocks of lines, and the encoding they need. */
export interface RenderedBody {
  readonly encoding: Encoding;
  readonly lines: readonly string[];
}

/**
 * The body of one part, compiled to lines.
 *
 * All three encodings work line by line, so lines without slots are encoded once, and a mail costs its slots' lines.
 */
export class Body {
  readonly #blocks: readonly (Constant | Lines)[];
  readonly #compiled: Compiled;
  readonly #isAscii: boolean;
  readonly #isShort: boolean;

  constructor(compiled: Compiled) {
    const blocks = blocksOf(compiled.pieces);
    const constants = blocks.filter((block) => typeof block === "string");
    this.#compiled = compiled;
    this.#isAscii = constants.every(isAscii);
    this.#isShort = constants.every(hasShortLines);
    this.#blocks = blocks.map((block) => typeof block === "string" ? constantOf(block) : block);
  }

  /**
   * Renders the lines with slots, and chooses the encoding: 7bit if everything is ASCII, 8bit if the server accepts it,
   * quoted-printable if neither is possible, a line is too long, or a value contains `boundary`.
   *
   * @throws What liquidjs throws.
   */
  render(recipient: Recipient, transport: Transport, boundary: string): RenderedBody {
    const rendering = new Rendering(recipient, this.#compiled);
    const lines: string[] = [];
    let ascii = this.#isAscii;
    let plain = this.#isShort;
    for (const block of this.#blocks) {
      if ("plain" in block) continue;
      let text = cleanText(join(block, rendering));
      const isLast = block === this.#blocks.at(-1);
      if (isLast && text !== "" && !text.endsWith("\n")) text += "\n";
      ascii &&= isAscii(text);
      plain &&= hasShortLines(text) && !text.includes(boundary);
      lines.push(text);
    }
    const encoding = !plain
      ? "quoted-printable"
      : ascii
      ? "7bit"
      : transport.eightBit
      ? "8bit"
      : "quoted-printable";
    return { encoding, lines };
  }

  write({ encoding, lines }: RenderedBody, buffer: MailBuffer): void {
    const isQuoted = encoding === "quoted-printable";
    let next = 0;
    for (const block of this.#blocks) {
      if ("plain" in block) {
        buffer.append(isQuoted ? block.quoted : block.plain);
        continue;
      }
      const text = lines[next++]!;
      if (isQuoted) buffer.append(quotedPrintable(text));
      else buffer.appendText(withCrlf(text));
    }
  }
}

/** Pieces as blocks: a constant block is whole lines, a block of lines has at least one slot. */
function blocksOf(pieces: readonly Piece[]): (string | Piece[])[] {
  const blocks: (string | Piece[])[] = [];
  let constant = "";
  let lines: Piece[] | undefined;
  for (const piece of pieces) {
    if (typeof piece !== "string") {
      if (lines === undefined) {
        const start = constant.lastIndexOf("\n") + 1;
        if (start > 0) blocks.push(constant.slice(0, start));
        lines = start < constant.length ? [constant.slice(start)] : [];
        blocks.push(lines);
        constant = "";
      }
      lines.push(piece);
      continue;
    }
    const text = cleanText(piece);
    const end = text.indexOf("\n") + 1;
    if (lines === undefined) constant += text;
    else if (end === 0) lines.push(text);
    else {
      lines.push(text.slice(0, end));
      lines = undefined;
      constant = text.slice(end);
    }
  }
  if (constant !== "") blocks.push(constant.endsWith("\n") ? constant : `${constant}\n`);
  return blocks;
}

function constantOf(text: string): Constant {
  return {
    plain: new TextEncoder().encode(withCrlf(text)),
    quoted: quotedPrintable(text).slice(),
  };
}
