import assert from "node:assert/strict";
import fc from "fast-check";
import { InputError } from "../../src/model/input_error.ts";
import { parseTime } from "../../src/cli/settings/moment.ts";
import * as value from "../../src/cli/settings/values.ts";

const given = (text: string): value.Given => ({ text, name: "--flag", folder: "." });

/** Checks values against a parser; `undefined` marks one that must be refused, naming the flag and the value. */
function check<T>(parse: (given: value.Given) => T, table: readonly [string, T | undefined][]) {
  for (const [text, expected] of table) {
    if (expected !== undefined) {
      assert.deepEqual(parse(given(text)), expected, text);
      continue;
    }
    assert.throws(() => parse(given(text)), (error) => {
      assert(error instanceof InputError);
      assert.match(error.message, /^--flag must be /);
      assert(error.message.endsWith(`: found '${text}'`), error.message);
      return true;
    }, `'${text}' must be refused`);
  }
}

Deno.test("parseInteger() accepts whole numbers within a range and nothing else", () => {
  check((one) => value.parseInteger(one, 1, 1000), [
    ["1", 1],
    ["1000", 1000],
    ["0", undefined],
    ["1001", undefined],
    ["-1", undefined],
    ["NaN", undefined],
    ["1.5", undefined],
    ["1e2", undefined],
    ["0x10", undefined],
    [" 5", undefined],
    ["", undefined],
    ["9".repeat(400), undefined],
  ]);
});

Deno.test("parseInteger() names the range", () => {
  assert.throws(() => value.parseInteger(given("0"), 1, 1000), {
    message: "--flag must be a whole number from 1 to 1000: found '0'",
  });
  assert.throws(() => value.parseInteger(given("x"), 0, value.MOST), {
    message: "--flag must be a whole number of 0 or more: found 'x'",
  });
});

Deno.test("parseDuration() accepts days, hours, minutes and seconds, and returns milliseconds", () => {
  check(value.parseDuration, [
    ["90s", 90_000],
    ["30m", 1_800_000],
    ["4h", 14_400_000],
    ["2d", 172_800_000],
    ["1h30m", 5_400_000],
    ["0s", 0],
    ["4", undefined],
    ["4 h", undefined],
    ["h", undefined],
    ["-4h", undefined],
    ["1.5h", undefined],
    ["4w", undefined],
    ["", undefined],
  ]);
});

Deno.test("parseTime() accepts ISO 8601, in local time if it has no offset", () => {
  check((one) => parseTime(one, 0), [
    ["2026-11-02T09:00:00Z", Date.UTC(2026, 10, 2, 9)],
    ["2026-11-02T09:00:00.250Z", Date.UTC(2026, 10, 2, 9, 0, 0, 250)],
    ["2026-11-02T09:00+02:00", Date.UTC(2026, 10, 2, 7)],
    ["2026-11-02T09:00-0130", Date.UTC(2026, 10, 2, 10, 30)],
    ["2026-11-02T09:00", new Date(2026, 10, 2, 9).getTime()],
    ["2026-11-02 09:00", new Date(2026, 10, 2, 9).getTime()],
    ["2026-11-02", new Date(2026, 10, 2).getTime()],
    ["2026-02-30", undefined],
    ["2026-13-01", undefined],
    ["2026-11-02T25:00", undefined],
    ["2026", undefined],
    ["tomorrow", undefined],
    ["Mon Nov 2 2026", undefined],
    ["", undefined],
  ]);
});

Deno.test("parseTime() takes 18:30 for the next one, today's or tomorrow's", () => {
  const noon = new Date(2026, 10, 2, 12, 0).getTime();
  check((one) => parseTime(one, noon), [
    ["18:30", new Date(2026, 10, 2, 18, 30).getTime()],
    ["9:05", new Date(2026, 10, 3, 9, 5).getTime()],
    ["12:00", new Date(2026, 10, 3, 12, 0).getTime()],
    ["today 09:05", new Date(2026, 10, 2, 9, 5).getTime()],
    ["tomorrow 18:30", new Date(2026, 10, 3, 18, 30).getTime()],
    ["24:00", undefined],
    ["12:60", undefined],
    ["yesterday 12:00", undefined],
  ]);
});

Deno.test("parseShard() accepts part I of N, counted from 1", () => {
  check(value.parseShard, [
    ["1/1", { index: 1, count: 1 }],
    ["3/4", { index: 3, count: 4 }],
    ["0/4", undefined],
    ["5/4", undefined],
    ["1/0", undefined],
    ["1", undefined],
    ["a/b", undefined],
    ["1/2/3", undefined],
  ]);
});

Deno.test("parseDelimiter() accepts one character or its name", () => {
  check(value.parseDelimiter, [
    [",", ","],
    [";", ";"],
    ["tab", "\t"],
    ["\\t", "\t"],
    ["\t", "\t"],
    ["pipe", "|"],
    ["", undefined],
    ["::", undefined],
    ['"', undefined],
    ["\n", undefined],
    ["a", undefined],
    ["constructor", undefined],
  ]);
});

Deno.test("parseEncoding() accepts the labels that the decoder knows", () => {
  check(value.parseEncoding, [
    ["UTF-8", "utf-8"],
    ["latin1", "windows-1252"],
    ["windows-1252", "windows-1252"],
    ["utf-16", "utf-16le"],
    ["klingon", undefined],
    ["", undefined],
  ]);
});

Deno.test("parseListen() accepts a host with a port, or a port on this machine", () => {
  check(value.parseListen, [
    ["127.0.0.1:1025", { hostname: "127.0.0.1", port: 1025 }],
    ["localhost:0", { hostname: "localhost", port: 0 }],
    ["[::1]:25", { hostname: "::1", port: 25 }],
    ["2525", { hostname: "127.0.0.1", port: 2525 }],
    ["127.0.0.1:70000", undefined],
    ["127.0.0.1", undefined],
    ["127.0.0.1:", undefined],
    [":25", undefined],
    ["a b:25", undefined],
  ]);
});

Deno.test("parseCampaign() refuses what cannot be a file name", () => {
  check(value.parseCampaign, [
    ["2026-11-newsletter", "2026-11-newsletter"],
    ["Grüße", "Grüße"],
    ["../x", undefined],
    ["a/b", undefined],
    [".hidden", undefined],
    ["a\r\nb", undefined],
    ["", undefined],
    ["x".repeat(61), undefined],
  ]);
});

Deno.test("campaignOf() makes a name that parseCampaign() accepts of any list's file name", () => {
  assert.equal(value.campaignOf("lists/2026/emails.csv"), "emails");
  assert.equal(value.campaignOf("lists\\Meine Kunden.2026.csv"), "Meine-Kunden.2026");
  assert.equal(value.campaignOf("получатели.csv"), "получатели");
  assert.equal(value.campaignOf("-"), "stdin");
  assert.equal(value.campaignOf(".csv"), "campaign");
  fc.assert(fc.property(fc.string({ unit: "binary" }), (path) => {
    assert.equal(typeof value.parseCampaign(given(value.campaignOf(path))), "string");
  }));
});

Deno.test("parseBoolean() and parseChoice() accept only their own words", () => {
  check(value.parseBoolean, [
    ["true", true],
    ["1", true],
    ["No", false],
    ["off", false],
    ["maybe", undefined],
    ["", undefined],
  ]);
  check((one) => value.parseChoice(one, ["hold", "resend"]), [
    ["hold", "hold"],
    ["Hold", undefined],
    ["", undefined],
  ]);
});

Deno.test("parseTimezone() accepts only IANA names, and suggests the one probably meant", () => {
  check(value.parseTimezone, [
    ["Europe/Berlin", "Europe/Berlin"],
    ["America/Argentina/Buenos_Aires", "America/Argentina/Buenos_Aires"],
    ["Asia/Kolkata", "Asia/Kolkata"],
    ["UTC", "UTC"],
    ["", undefined],
    ["+02:00", undefined],
    ["Europe/Nowhere", undefined],
    ["2", undefined],
    ["Mars/Base", undefined],
  ]);
  const hint = (text: string): string | undefined => {
    try {
      return value.parseTimezone(given(text));
    } catch (error) {
      return (error as InputError).hint;
    }
  };
  assert.equal(hint("Europe/Berln"), "Did you mean 'Europe/Berlin'?");
  assert.equal(hint("berlin"), "Did you mean 'Europe/Berlin'?");
  assert.equal(hint("new york"), "Did you mean 'America/New_York'?");
});

Deno.test("parseDateFormat() refuses a format that does not determine the day, and gives its place", () => {
  assert.equal(value.parseDateFormat(given("%d/%m/%Y")), "%d/%m/%Y");
  const place = { file: "campaign.toml", line: 3 };
  assert.throws(
    () => value.parseDateFormat({ ...given("dd/mm/yyyy"), place }),
    (error) =>
      error instanceof InputError && error.place === place && /%d\/%m\/%Y/.test(error.message),
  );
});
