import assert from "node:assert/strict";
import { parsePastTime, parseTime } from "../../src/cli/settings/moment.ts";
import { output } from "../support/process.ts";
import { fault, NEEDED, NOW, resolve } from "../support/settings.ts";

const at = (day: number, hours: number, minutes = 0) =>
  new Date(2026, 10, day, hours, minutes).getTime();

Deno.test("today and tomorrow count from today, even for --until; only a bare time counts from --start-at", async () => {
  const table: [startAt: string, until: string, start: number, end: number][] = [
    ["tomorrow 09:00", "tomorrow 18:00", at(3, 9), at(3, 18)],
    ["tomorrow 09:00", "18:00", at(3, 9), at(3, 18)],
    ["tomorrow 09:00", "08:00", at(3, 9), at(4, 8)],
    ["22:00", "06:00", at(2, 22), at(3, 6)],
    ["today 18:00", "tomorrow 06:00", at(2, 18), at(3, 6)],
    ["09:00", "09:00", at(3, 9), at(4, 9)],
    // A start that has already passed does not count.
    ["today 08:00", "09:00", at(2, 8), at(3, 9)],
  ];
  for (const [startAt, until, start, end] of table) {
    const { options } = await resolve({ ...NEEDED, startAt, until });
    assert.deepEqual([options.startAt, options.until], [start, end], `${startAt} ${until}`);
  }
  assert.match(
    await fault({ startAt: "tomorrow 09:00", until: "today 18:00" }),
    /^--until must be a time after --start-at 'tomorrow 09:00': found 'today 18:00'/,
  );
  assert.equal(parseTime({ text: "12:00", name: "x", folder: "." }, NOW), at(3, 12));
});

/** What a parser makes of a time in Berlin, as UTC. */
async function inBerlin(
  cases: readonly (readonly [now: string, text: string])[],
  parse: "parseTime" | "parsePastTime" = "parseTime",
): Promise<string[]> {
  const moment = new URL("../../src/cli/settings/moment.ts", import.meta.url).href;
  const script = `
    const { ${parse}: parse } = await import(${JSON.stringify(moment)});
    const moments = ${JSON.stringify(cases)}.map(([now, text]) =>
      new Date(parse({ text, name: "x", folder: "." }, Date.parse(now))).toISOString().slice(0, 16)
    );
    console.log(JSON.stringify(moments));`;
  const env = { ...Deno.env.toObject(), TZ: "Europe/Berlin" };
  return JSON.parse(await output(Deno.execPath(), ["eval", "--no-lock", script], { env }));
}

Deno.test("On the nights when the clock changes, a time is the next moment at which the clock shows it", async () => {
  const table: [now: string, text: string, expected: string][] = [
    // 29 March: at 02:00 (01:00 UTC) it becomes 03:00; 02:30 is 03:30 of that day.
    ["2026-03-28T22:00Z", "02:30", "2026-03-29T01:30"],
    ["2026-03-28T22:00Z", "tomorrow 02:30", "2026-03-29T01:30"],
    ["2026-03-28T22:00Z", "2026-03-29T02:30", "2026-03-29T01:30"],
    ["2026-03-29T00:30Z", "02:30", "2026-03-29T01:30"],
    ["2026-03-29T00:30Z", "today 02:30", "2026-03-29T01:30"],
    // The next day has its own 02:30.
    ["2026-03-29T10:00Z", "02:30", "2026-03-30T00:30"],
    ["2026-03-29T10:00Z", "tomorrow 02:30", "2026-03-30T00:30"],
    // 25 October: at 03:00 (01:00 UTC) it becomes 02:00; 02:30 occurs twice.
    ["2026-10-24T22:00Z", "02:30", "2026-10-25T00:30"],
    ["2026-10-25T00:40Z", "02:30", "2026-10-25T01:30"],
    ["2026-10-25T01:40Z", "02:30", "2026-10-26T01:30"],
    ["2026-10-24T12:00Z", "tomorrow 09:00", "2026-10-25T08:00"],
  ];
  const found = await inBerlin(table.map(([now, text]) => [now, text] as const));
  assert.deepEqual(found, table.map(([, , expected]) => expected));
});

Deno.test("A past time is the last moment at which the clock showed it, also on the nights when the clock changes", async () => {
  const table: [now: string, text: string, expected: string][] = [
    ["2026-11-02T11:30Z", "09:00", "2026-11-02T08:00"],
    ["2026-11-02T11:30Z", "12:30", "2026-11-02T11:30"],
    ["2026-11-02T11:30Z", "18:30", "2026-11-01T17:30"],
    ["2026-11-02T11:30Z", "today 00:00", "2026-11-01T23:00"],
    ["2026-11-02T11:30Z", "yesterday 18:30", "2026-11-01T17:30"],
    ["2026-11-02T11:30Z", "2026-10-31", "2026-10-30T23:00"],
    ["2026-11-02T11:30Z", "2026-10-31T10:00:00+02:00", "2026-10-31T08:00"],
    ["2026-11-02T11:30Z", "2h", "2026-11-02T09:30"],
    ["2026-11-02T11:30Z", "7d", "2026-10-26T11:30"],
    ["2026-11-02T11:30Z", "1h30m", "2026-11-02T10:00"],
    // 25 October: 02:30 occurs twice; the second time is the last one.
    ["2026-10-25T00:40Z", "02:30", "2026-10-25T00:30"],
    ["2026-10-25T01:40Z", "02:30", "2026-10-25T01:30"],
    ["2026-10-25T10:00Z", "02:30", "2026-10-25T01:30"],
    ["2026-10-26T00:00Z", "02:30", "2026-10-25T01:30"],
  ];
  const found = await inBerlin(table.map(([now, text]) => [now, text] as const), "parsePastTime");
  assert.deepEqual(found, table.map(([, , expected]) => expected));
});

Deno.test("A time that has not passed, or is no time, is no past time", () => {
  const refusal = (text: string): string => {
    try {
      return String(parsePastTime({ text, name: "--since", folder: "." }, at(2, 12)));
    } catch (error) {
      return (error as Error).message;
    }
  };
  for (const text of ["2027-01-01", "today 23:00", "2026-11-02T12:01"]) {
    assert.equal(refusal(text), `--since must be a time that has passed: found '${text}'`);
  }
  for (const text of ["tomorrow 09:00", "2026-02-30", "2", "2w", "", "-2h", "25:00"]) {
    assert.match(refusal(text), /^--since must be a time such as .*, or a time span such as 2h/);
  }
});
