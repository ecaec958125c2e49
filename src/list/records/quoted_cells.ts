const QUOTE = 0x22;

/** A whole quoted cell: its quotes, and what stands between them. */
const QUOTED = /"([^"]*(?:""[^"]*)*)"(?!")/y;

/** Returns whether one of the cells looks as csv-parse leaves one whose closing quote is followed by blanks: with its quotes, and the blanks. */
export function mayBeLooselyQuoted(cells: readonly string[]): boolean {
  for (const cell of cells) {
    if (cell.charCodeAt(0) === QUOTE && cell.length > 2 && /"[ \t]+$/.test(cell)) return true;
  }
  return false;
}

/**
 * Takes the blanks behind closing quotes away, and the quotes: `"Ann Lee" ,a@x` has the cell `Ann Lee`, as other readers of CSV have
 * it. csv-parse takes such a quote for text.
 *
 * The record's own text decides, since a cell alone does not tell: `"""x"" "` is the text `"x" `, and stays that.
 *
 * @param record One whole record as the file has it.
 * @param cells What csv-parse made of it.
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
