import assert from "node:assert/strict";
import { momentOfInstant } from "../../../src/compose/template/dates/moment.ts";
import { strftime } from "../../../src/compose/template/dates/strftime.ts";
import { zoneOf } from "../../../src/compose/template/dates/time_zone.ts";
import { output } from "../../support/process.ts";

const ZONES = [
  "UTC",
  "Europe/Berlin",
  "America/New_York",
  "Asia/Kolkata",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "America/St_Johns",
  "Pacific/Apia",
  "Africa/Casablanca",
  "Asia/Tokyo",
];

/** Each directive that `date` has, too, with flags and widths. `%Z` apart: its letters come from another table; and `%s`: in an hour that comes
 * twice, date(1) works it out from the clock. */
const FORMAT = [
  ..."AaBbCDdeFGgHhIjklMmNPpRrSTUuVWwXxYyz".split("").map((letter) => `%${letter}`),
  ...[
    "%c",
    "%n",
    "%t",
    "%%",
    "%3N",
    "%:z",
    "%::z",
    "%:::z",
    "%-d",
    "%_d",
    "%0e",
    "%-j",
    "%_H",
    "%-I",
  ],
  ...["%^a", "%^B", "%#p", "%#a", "%^c", "%10A", "%010A", "%5d", "%-5d", "%_5d", "%8Y", "%10T"],
  ...["%8z", "%Ey", "%Od"],
].join("|");

/** Seconds since the epoch: ends of years and weeks, changes of clocks, leap days, and some by chance. */
function* instants(): Generator<number> {
  for (let year = 1970; year <= 2040; year += 1) {
    for (const day of [-4, -1, 0, 1, 3, 59, 60]) {
      yield Date.UTC(year, 0, 1 + day, 23, 59, 58) / 1000;
    }
  }
  // The last Sundays of March and October, and New York's; half an hour steps.
  for (
    const start of [
      Date.UTC(2026, 2, 8),
      Date.UTC(2026, 2, 29),
      Date.UTC(2026, 9, 4),
      Date.UTC(2026, 9, 25),
      Date.UTC(2026, 10, 1),
    ]
  ) {
    for (let half = -30; half < 60; half++) yield start / 1000 + half * 1800;
  }
  let seed = 7;
  for (let count = 0; count < 500; count++) {
    seed = (seed * 48_271) % 2_147_483_647;
    yield seed;
  }
}

for (const name of ZONES) {
  Deno.test(`strftime() agrees with date(1) on every directive in ${name}`, async () => {
    const seconds = [...instants()];
    const file = await Deno.makeTempFile();
    try {
      await Deno.writeTextFile(file, seconds.map((second) => `@${second}\n`).join(""));
      const said = await output("date", ["-f", file, `+${FORMAT}\u0001`], {
        env: { TZ: name, LC_ALL: "C", PATH: "/usr/bin:/bin" },
      });
      const expected = said.split("\u0001\n").slice(0, -1);
      assert.equal(expected.length, seconds.length);
      const zone = zoneOf(name)!;
      seconds.forEach((second, index) =>
        assert.equal(strftime(momentOfInstant(second * 1000, zone), FORMAT), expected[index])
      );
    } finally {
      await Deno.remove(file);
    }
  });
}

Deno.test("strftime() supports Ruby's forms of an offset, its zone names, and the additions of liquidjs", () => {
  const at = (instant: number, zone: string, format: string) =>
    strftime(momentOfInstant(instant, zoneOf(zone)!), format);
  const summer = Date.UTC(2026, 6, 3, 10, 5, 9, 42);
  const table: [zone: string, format: string, expected: string][] = [
    ["Asia/Kolkata", "%-z|%_z|%_8z|%-:z|%z", "+530| +530|    +530|+5:30|+0530"],
    ["America/New_York", "%Z %#Z", "EDT edt"],
    ["Europe/Berlin", "%Z", "CEST"],
    ["Europe/London", "%Z", "BST"],
    ["Asia/Kolkata", "%Z", "IST"],
    ["Asia/Tokyo", "%Z", "JST"],
    ["Australia/Sydney", "%Z", "AEST"],
    ["America/Sao_Paulo", "%Z", "-03"],
    ["Asia/Kathmandu", "%Z", "+0545"],
    ["UTC", "%Z", "UTC"],
    ["Asia/Kathmandu", "%s", "1783073109"],
    ["UTC", "%L %3N %6N %N", "042 042 042000 042000000"],
    ["UTC", "%v|%+|%-d%q", " 3-JUL-2026|Fri Jul  3 10:05:09 UTC 2026|3rd"],
    ["UTC", "100% %Q %", "100% %Q %"],
  ];
  for (const [zone, format, expected] of table) {
    assert.equal(at(summer, zone, format), expected, format);
  }
  assert.throws(() => at(summer, "UTC", "%999999999d"), RangeError);
});

Deno.test("strftime() shows years before 1000 and before Christ", () => {
  const of = (year: number) => {
    const date = new Date(Date.UTC(2000, 2, 1));
    date.setUTCFullYear(year);
    return strftime(momentOfInstant(date.getTime(), zoneOf("UTC")!), "%Y %G %F");
  };
  assert.equal(of(33), "0033 0033 0033-03-01");
  assert.equal(of(-1), "-0001 -0001 -0001-03-01");
});
