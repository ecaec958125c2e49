import assert from "node:assert/strict";
import fc from "fast-check";
import { dateReader } from "../../../src/compose/template/dates/date_format.ts";
import { momentOfInstant } from "../../../src/compose/template/dates/moment.ts";
import { readDate } from "../../../src/compose/template/dates/read_date.ts";
import { strftime } from "../../../src/compose/template/dates/strftime.ts";
import { UTC } from "../../../src/compose/template/dates/time_zone.ts";
import { InputError } from "../../../src/model/input_error.ts";

/** `2026-03-29T10:00` for a clock time, `2026-03-29` for a day, with a Z for an instant. */
function said(text: string, format?: string): string {
  const read = readDate(text, format);
  if (read.kind === "fault") return `fault: ${read.reason}`;
  if (read.kind === "no date") return "no date";
  const iso = new Date(read.ms).toISOString();
  if (read.kind === "day") return iso.slice(0, 10);
  return read.kind === "instant" ? iso : iso.slice(0, -1);
}

const CLEAR: readonly (readonly [text: string, said: string])[] = [
  ["2026-03-29", "2026-03-29"],
  [" 2026-3-9 ", "2026-03-09"],
  ["2026/03/29", "2026-03-29"],
  ["2026.03.29", "2026-03-29"],
  ["2028-02-29", "2028-02-29"],
  ["2026-03-29T10:20", "2026-03-29T10:20:00.000"],
  ["2026-03-29 10:20:30.5", "2026-03-29T10:20:30.500"],
  ["2026-03-29T10:20:30Z", "2026-03-29T10:20:30.000Z"],
  ["2026-03-29T10:20:30.123456+02:00", "2026-03-29T08:20:30.123Z"],
  ["2026-03-29 10:20:30 +0530", "2026-03-29T04:50:30.000Z"],
  ["2026-03-29 10:20:30 -03", "2026-03-29T13:20:30.000Z"],
  ["2026-03-29 10:20 UTC", "2026-03-29T10:20:00.000Z"],
  ["2026-03-29 12:05 AM", "2026-03-29T00:05:00.000"],
  ["2026-03-29 3:30 p.m.", "2026-03-29T15:30:00.000"],
  ["March 14, 2016", "2016-03-14"],
  ["Mar 14 2016", "2016-03-14"],
  ["14 March 2016", "2016-03-14"],
  ["14th of march, 2016", "2016-03-14"],
  ["14-Mar-2016", "2016-03-14"],
  ["Monday, March 14, 2016 at 3:05 PM", "2016-03-14T15:05:00.000"],
  ["Fri, 05 Jun 2026 10:00:00 +0200", "2026-06-05T08:00:00.000Z"],
  ["Fri, 5 Jun 2026 10:00:00 GMT", "2026-06-05T10:00:00.000Z"],
  ["5 Jun 2026 10:00 EST", "2026-06-05T15:00:00.000Z"],
  ["Sun Mar 29 2026 10:00:00 GMT+0200 (Central European Summer Time)", "2026-03-29T08:00:00.000Z"],
  ["Sept 3, 2026", "2026-09-03"],
  ["1152098955", "2006-07-05T11:29:15.000Z"],
  ["\u200e2026-03-29\u00a010:20", "2026-03-29T10:20:00.000"],
  ["２０２６-０３-２９", "2026-03-29"],
  ["soon", "no date"],
  ["", "no date"],
];

Deno.test("readDate() reads unambiguous dates", () => {
  for (const [text, expected] of CLEAR) assert.equal(said(text), expected, text);
});

const UNCLEAR: readonly (readonly [text: string, reason: RegExp])[] = [
  [
    "03/04/2026",
    /^'03\/04\/2026' can be read in two ways: set date_format, such as "%d\/%m\/%Y" or "%m\/%d\/%Y"$/,
  ],
  ["03.04.26", /date_format, such as "%d\.%m\.%y" or/],
  ["29.03.2026", /is not a date that can be read .* date_format, such as "%d\.%m\.%Y"$/],
  [
    "31/12/2026",
    /^'31\/12\/2026' is not a date that can be read without date_format, .*: set date_format, such as "%d\/%m\/%Y"$/,
  ],
  ["12/31/2026", /is not a date that can be read .* such as "%m\/%d\/%Y"$/],
  ["31/31/2026", /is not a date that can be read/],
  ["2026-03", /^'2026-03' has no day; .* set date_format = "%Y-%m"$/],
  ["-5", /date_format/],
  ["-45000", /date_format/],
  [" -1774742400 ", /date_format/],
  ["-1,5", /date_format/],
  ["\u22125", /date_format/],
  ["45000", /date_format = "excel"$/],
  ["45000.5", /date_format = "excel"$/],
  ["20260329", /is not a date that can be read .*date_format/],
  ["1774774800000", /date_format/],
  ["2026", /date_format/],
  ["2026-02-30", /^There is no such date: '2026-02-30'$/],
  ["2026-13-01", /^There is no such date/],
  ["31 April 2026", /^There is no such date/],
  ["2026-03-29 25:00", /^There is no such date/],
  ["2026-03-29 13:00 PM", /^There is no such date/],
  ["10:30", /date_format/],
  ["week 12", /date_format/],
  ["٠٣/٠٤/٢٠٢٦", /date_format/],
  ["29 mars 2026", /date_format/],
  ["2026-03-29 soon", /date_format/],
  ["March 2026 14", /date_format/],
];

Deno.test("readDate() does not guess, and names date_format", () => {
  for (const [text, reason] of UNCLEAR) {
    const read = readDate(text, undefined);
    assert.equal(read.kind, "fault", text);
    if (read.kind === "fault") assert.match(read.reason, reason, text);
  }
});

Deno.test("A date_format that a reason names reads the date", () => {
  for (
    const text of [
      ...["03/04/2026", "31/12/2026", "12-31-26", "3-4-2026 10:00", "29.03.2026  9:05:07", "45000"],
      ...["1.2.2026 3:30 PM", "1/2/26 03:30:01pm", "2026-03", "2958465", "45000,25"],
    ]
  ) {
    const read = readDate(text, undefined);
    assert(read.kind === "fault", text);
    const formats = [...read.reason.matchAll(/"([^"]+)"/g)].map(([, format]) => format!);
    assert(formats.length > 0, read.reason);
    for (const format of formats) {
      assert(["day", "clock"].includes(readDate(text, format).kind), `${text}: ${format}`);
    }
  }
});

Deno.test("readDate() reads the list's own way of writing dates", () => {
  const table: readonly (readonly [format: string, text: string, said: string])[] = [
    ["%d/%m/%Y", "03/04/2026", "2026-04-03"],
    ["%m/%d/%Y", "03/04/2026", "2026-03-04"],
    ["%d/%m/%Y", " 3/4/2026 ", "2026-04-03"],
    ["%d.%m.%y", "03.04.26", "2026-04-03"],
    ["%D", "03/04/70", "1970-03-04"],
    ["%Y%m%d", "20260403", "2026-04-03"],
    ["%d/%m/%Y %H:%M", "03/04/2026 9:05", "2026-04-03T09:05:00.000"],
    ["%d/%m/%Y %I:%M %p", "03/04/2026  9:05 pm", "2026-04-03T21:05:00.000"],
    ["%d %b %Y %H:%M:%S %z", "3 apr 2026 09:05:00 +0200", "2026-04-03T07:05:00.000Z"],
    [
      "%Y-%j",
      "2026-366",
      "fault: '2026-366' does not match date_format '%Y-%j', or there is no such day",
    ],
    ["%Y-%j", "2026-032", "2026-02-01"],
    ["%Y-%m", "2026-03", "2026-03-01"],
    ["%B %Y", "May 2026", "2026-05-01"],
    ["EXCEL", "45000", "2023-03-15"],
    [
      " Excel ",
      "1.5",
      "fault: '1.5' does not match date_format ' Excel ', or there is no such day",
    ],
    ["%s", "-86400", "1969-12-31T00:00:00.000Z"],
    ["%s", "86400", "1970-01-02T00:00:00.000Z"],
    ["excel", "45000", "2023-03-15"],
    ["Excel", "45000.75", "2023-03-15T18:00:00.000"],
    ["excel", "45000,75", "2023-03-15T18:00:00.000"],
    ["excel", "2026-03-29", "2026-03-29"],
    ["%d/%m/%Y", "2026-03-29", "2026-03-29"],
    [
      "%d/%m/%Y",
      "31/02/2026",
      "fault: '31/02/2026' does not match date_format '%d/%m/%Y', or there is no such day",
    ],
    [
      "%d/%m/%Y",
      "3/4/26",
      "fault: '3/4/26' does not match date_format '%d/%m/%Y', or there is no such day",
    ],
    ["%d/%m/%Y", "later", "no date"],
  ];
  for (const [format, text, expected] of table) assert.equal(said(text, format), expected, text);
});

Deno.test("readDate() reads what strftime() writes in the same format", () => {
  const forms = [
    "%d/%m/%Y",
    "%-d.%-m.%Y",
    "%A, %d %B %Y",
    "%b %e %Y %k:%M",
    "%D %r",
    "%F %T.%L",
    "%Y%j",
    "%s",
  ];
  fc.assert(fc.property(
    fc.constantFrom(...forms),
    fc.integer({ min: 0, max: 2_145_916_799 }),
    (format, second) => {
      const text = strftime(momentOfInstant(second * 1000, UTC), format);
      const read = dateReader(format, "x")(text);
      assert(read !== undefined, text);
      assert.equal(strftime(momentOfInstant(read.clock, UTC), format), text);
    },
  ));
});

Deno.test("dateReader() refuses a format that does not determine the day, and names it", () => {
  const table: readonly (readonly [format: string, why: RegExp])[] = [
    ["%d/%m", /^--date-format must be .* found '%d\/%m', but it must contain month and year$/],
    ["%H:%M", /it must contain month/],
    ["%d %Y", /it must contain month/],
    ["dd/mm/yyyy", /it has no directive such as %d$/],
    ["exel", /it has no directive/],
    ["%%", /it has no directive/],
    ["", /it has no directive/],
    ["%d/%m/%Y %Q", /'%Q' is unknown$/],
    ["%d/%m/%Y%", /'%' is unknown$/],
    ["%d/%d/%Y", /it contains the day twice$/],
    ["%d.%m.%Y (%[a]*", /is unknown/],
  ];
  for (const [format, why] of table) {
    assert.throws(() => dateReader(format, "--date-format"), (error) => {
      assert(error instanceof InputError);
      assert.match(error.message, why);
      return true;
    });
  }
});

Deno.test("readDate() is fast for any cell", () => {
  const start = performance.now();
  for (
    const text of [
      "1 ".repeat(50_000),
      "2026-03-29" + " ".repeat(50_000) + "x",
      "1".repeat(100_000),
      "Mon ".repeat(30_000),
    ]
  ) {
    readDate(text, undefined);
    readDate(text, "%d %m %Y");
  }
  assert(performance.now() - start < 2_000);
});
