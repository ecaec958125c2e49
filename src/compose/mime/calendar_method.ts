/**
 * The METHOD of an iCalendar file, for the `method` of its Content-Type, which must be the same (RFC 6047, 2.4): with it a
 * mail program shows an invitation, without it a file. Undefined unless the file contains one calendar with one method.
 */
export function calendarMethod(bytes: Uint8Array): string | undefined {
  // RFC 5545, 3.1: a line end and one space or tab fold a line.
  const lines = new TextDecoder().decode(bytes).replace(/\r?\n[ \t]/g, "").split(/\r?\n/);
  const methods: string[] = [];
  let [depth, calendars] = [0, 0];
  for (const line of lines) {
    const found = /^(BEGIN|END|METHOD)(?:;[^:]*)?:\s*([A-Za-z0-9-]+)\s*$/i.exec(line);
    if (found === null) continue;
    const [name, value] = [found[1]!.toUpperCase(), found[2]!.toUpperCase()];
    if (name === "METHOD" && depth === 1) methods.push(value);
    if (name === "BEGIN") depth++;
    if (name === "END") depth--;
    if (name === "BEGIN" && value === "VCALENDAR") calendars++;
  }
  return calendars === 1 && methods.length === 1 ? methods[0] : undefined;
}
