const QUOTE = 0x22;

/** A complete quoted cell, with its quotes. */
const QUOTED = /"([^"]*(?:""[^"]*)*)"(?!")/y;

/** Returns whether a cell may have had blanks after its closing quote: csv-parse then keeps the quotes and the blanks. */
export function mayBeLooselyQuoted(cells: readonly string[]): boolean {
  for (const cell of cells) {
    if (cell.charCodeAt(0) === QUOTE && cell.length > 2 && /"[ \t]+$/.test(cell)) return true;
  }
  return false;
}

/**
 * Removes blanks after closing quotes, and the quotes: `"Ann Lee" ,a@x` has the cell `Ann Lee`, as in other CSV
 * readers. csv-parse takes such a quote for text.
 *
 * The text of the record decides, since a cell alone is ambiguous: `"""x"" "` is the text `"x" `, and is left
 * unchanged.
 *
 * @param record One complete record as written in the file.
 * @param cells The cells that csv-parse returned for it.
 */
export function withoutBlanksBehindQuotes(
  record: string,
  cells: readonly string[],
  delimiter: string,
): string[] {
  const blanks = delimiter === "\t" ? / */y : delimiter === " " ? /\t*/y : /[ \t]*/y;
  let at = 0;
  return cells.map((cell) => {
    const [whole = "", inside = ""] = matchAt(QUOTED, record, at) ?? [];
    const text = inside.replaceAll('""', '"');
    const [gap = ""] = whole === "" ? [] : matchAt(blanks, record, at + whole.length) ?? [];
    const end = at + whole.length + gap.length;
    const isClosed = whole !== "" && isCellEnd(record[end], delimiter);
    const next = isClosed ? end : record.indexOf(delimiter, end);
    at = next < 0 ? record.length : next + 1;
    return isClosed && cell === `"${text}"${gap}` ? text : cell;
  });
}

function matchAt(sticky: RegExp, text: string, at: number): RegExpExecArray | null {
  sticky.lastIndex = at;
  return sticky.exec(text);
}

function isCellEnd(char: string | undefined, delimiter: string): boolean {
  return char === undefined || char === delimiter || char === "\n" || char === "\r";
}
