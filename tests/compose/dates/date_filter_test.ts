import assert from "node:assert/strict";
import PostalMime from "postal-mime";
import { fileURLToPath } from "node:url";
import { inFolder } from "../../support/folder.ts";
import { output } from "../../support/process.ts";
import { composerOf, FROM, mailOf, reasonOf, recipientOf, SEVEN_BIT, textOf } from "../support.ts";

const NOW = Date.UTC(2026, 2, 29, 0, 30, 0);

interface Dates {
  readonly timezone?: string;
  readonly dateFormat?: string;
}

/** Renders a template with the cell `D`. */
async function shown(template: string, cell: string, dates: Dates = {}): Promise<string> {
  const composer = await composerOf(`${FROM}Subject: x\n\n${template}\n`, ["D", "Email"], {
    now: () => NOW,
    ...dates,
  });
  const mail = mailOf(composer, [cell, "ann@example.com"]);
  return textOf(mail).split("\r\n\r\n").slice(1).join("\r\n\r\n").trimEnd();
}

const BERLIN = { timezone: "Europe/Berlin" };
const YORK = { timezone: "America/New_York" };

Deno.test("The date filter shows a date as the same date in every zone, and an instant in the campaign's zone", async () => {
  const table: readonly (readonly [template: string, cell: string, dates: Dates, shown: string])[] =
    [
      ['{{ D | date: "%d.%m.%Y" }}', "2026-03-29", {}, "29.03.2026"],
      ['{{ D | date: "%d.%m.%Y" }}', "2026-03-29", YORK, "29.03.2026"],
      ['{{ D | date: "%F %R %z" }}', "2026-03-29", BERLIN, "2026-03-29 00:00 +0100"],
      ['{{ D | date: "%F", "Pacific/Apia" }}', "2026-03-29", {}, "2026-03-29"],
      ['{{ D | date: "%F %R %z" }}', "2026-07-01 10:00", YORK, "2026-07-01 10:00 -0400"],
      ['{{ D | date: "%F %R", "UTC" }}', "2026-07-01 10:00", YORK, "2026-07-01 14:00"],
      ['{{ D | date: "%F %R" }}', "2026-07-01T10:00:00Z", {}, "2026-07-01 10:00"],
      ['{{ D | date: "%F %R" }}', "2026-07-01T10:00:00Z", YORK, "2026-07-01 06:00"],
      ['{{ D | date: "%F %R" }}', "2026-07-01T10:00:00+05:30", BERLIN, "2026-07-01 06:30"],
      ['{{ D | date: "%F %R", "Asia/Kolkata" }}', "2026-07-01T10:00:00Z", YORK, "2026-07-01 15:30"],
      // As liquidjs has it, minutes west of UTC.
      ['{{ D | date: "%F %R %z", 300 }}', "2026-07-01T10:00:00Z", YORK, "2026-07-01 05:00 -0500"],
      ['{{ D | date: "%F %R" }}', "1152098955", BERLIN, "2006-07-05 13:29"],
      ['{{ 1152098955 | date: "%F %R" }}', "x", {}, "2006-07-05 11:29"],
      ['{{ "now" | date: "%F %R" }}', "x", {}, "2026-03-29 00:30"],
      ['{{ "today" | date: "%F %R %Z" }}', "x", YORK, "2026-03-28 20:30 EDT"],
      // An hour that clocks leave out, and one that comes twice.
      ['{{ D | date: "%F %R" }}', "2026-03-29 02:30", BERLIN, "2026-03-29 02:30"],
      ['{{ D | date: "%s" }}', "2026-10-25 02:30", BERLIN, "1792888200"],
      [
        '{{ D | date: "%F %R %z %Z %s" }}',
        "2026-03-08T02:30:00",
        YORK,
        `2026-03-08 02:30 -0500 EST ${Date.UTC(2026, 2, 8, 7, 30) / 1000}`,
      ],
      [
        '{{ D | date: "%F %R %z %s" }}',
        "2018-11-04",
        { timezone: "America/Sao_Paulo" },
        `2018-11-04 00:00 -0300 ${Date.UTC(2018, 10, 4, 3) / 1000}`,
      ],
      [
        '{{ D | date: "%F %T %R %D %V %G" }}',
        "2026-12-31",
        {},
        "2026-12-31 00:00:00 00:00 12/31/26 53 2026",
      ],
      ["{{ D | date_to_xmlschema }}", "2026-07-01", BERLIN, "2026-07-01T00:00:00+02:00"],
      ["{{ D | date_to_rfc822 }}", "2026-07-01 9:05", YORK, "Wed, 01 Jul 2026 09:05:00 -0400"],
      ["{{ D | date_to_string }}", "2026-07-01", YORK, "01 Jul 2026"],
      ['{{ D | date_to_long_string: "ordinal" }}', "2026-07-01", YORK, "1st July 2026"],
      ['{{ D | date_to_long_string: "ordinal", "US" }}', "2026-07-01", YORK, "July 1st, 2026"],
      ['{{ D | date: "%F" }}', "soon", {}, "soon"],
      ['{{ D | date: "%F" | default: "never" }}', "", {}, "never"],
      ['{{ D | date: "%F" }}', "03/04/2026", { dateFormat: "%d/%m/%Y" }, "2026-04-03"],
      [
        '{{ D | date: "%F", date_format: "%d/%m/%Y" }}',
        "03/04/2026",
        { dateFormat: "%m/%d/%Y" },
        "2026-04-03",
      ],
      ['{{ D | date: "%F %R" }}', "45000.5", { dateFormat: "excel", ...YORK }, "2023-03-15 12:00"],
    ];
  for (const [template, cell, dates, expected] of table) {
    assert.equal(await shown(template, cell, dates), expected, `${template} of ${cell}`);
  }
});

Deno.test("A cell with now or today is text, not a time", async () => {
  const table: readonly (readonly [template: string, shown: string])[] = [
    ['{{ D | date: "%F" }} {{ "now" | date: "%F" }}', "now 2026-03-29"],
    ['{{ row.D | date: "%F" }} {{ row[1] | date_to_xmlschema }}', "now now"],
    ['{% assign d = D %}{{ d | date: "%F" }}', "now"],
    [
      '{{ D | default: "now" | date: "%F" }} {{ Gone | default: "now" | date: "%F" }}',
      "now 2026-03-29",
    ],
    [
      "{{ D.size }} {{ D | size }} {{ D | upcase }} {{ D | append: D }} {{ D | json }}",
      '3 3 NOW nownow "now"',
    ],
    ['{% if D == "now" and D != "x" and D contains "no" and D > "a" %}yes{% endif %}', "yes"],
    [
      '{% if "now" == D %}yes{% endif %}{% if D == D %}yes{% endif %}{% unless D %}no{% endunless %}',
      "yesyes",
    ],
    ["{% case D %}{% when 'now' %}yes{% else %}no{% endcase %}", "yes"],
    ["{% if D == blank %}no{% else %}yes{% endif %}{% if D == empty %}no{% endif %}", "yes"],
    ["{% for d in D %}{{ d }}{% endfor %} {{ D | split: 'o' | join: '-' }}", "now n-w"],
    [
      "{{ 'is now' | remove: D }}|{{ 'now' | replace: D, 'then' }}|{{ D | slice: 1, 2 }}",
      "is |then|ow",
    ],
    [
      "{{ 'x now y' | split: D | join: '-' }} {{ D | strip }} {{ D | first }} {{ D | truncate: 2, '' }}",
      "x - y now n no",
    ],
  ];
  for (const [template, expected] of table) {
    for (const file of ["mail.txt", "mail.html"]) {
      const composer = await composerOf(`${FROM}Subject: x\n\n${template}\n`, [
        "D",
        "Gone",
        "Email",
      ], {
        now: () => NOW,
        file,
      });
      const parsed = await PostalMime.parse(mailOf(composer, ["now", "", "ann@example.com"]).bytes);
      assert.equal(parsed.text!.trim(), expected, `${file} ${template}`);
    }
  }
  assert.equal(await shown('{{ D | date: "%F" }}', "today"), "today");
});

Deno.test("A row with an ambiguous date makes no mail, and its reason names date_format", async () => {
  const composer = await composerOf(
    `${FROM}Subject: x\n\n{{ D | date: "%d %B" }}\n`,
    ["D", "Email"],
  );
  const reason = (cell: string) =>
    reasonOf(composer.compose(recipientOf([cell, "ann@example.com"]), SEVEN_BIT));
  assert.equal(
    reason("03/04/2026"),
    "Template cannot be rendered: '03/04/2026' can be read in two ways: " +
      'set date_format, such as "%d/%m/%Y" or "%m/%d/%Y"',
  );
  assert.match(reason("45000")!, /date_format = "excel"/);
  assert.equal(reason("2026-04-03"), undefined);
});

Deno.test("A rendered file also has the campaign's time zone", async () => {
  await inFolder({ "foot.txt": '{{ "now" | date: "%F" }}' }, async (folder) => {
    const composer = await composerOf(
      `${FROM}Subject: x\n\n{% render "foot.txt" %} {% include "foot.txt" %}\n`,
      ["D", "Email"],
      { file: `${folder}/mail.txt`, now: () => NOW, ...YORK },
    );
    assert.match(textOf(mailOf(composer, ["x", "e@x.de"])), /\r\n2026-03-28 2026-03-28\r\n$/);
  });
});

const SCRIPT = `
import { composerOf, FROM, mailOf, textOf } from "./support.ts";
const composer = await composerOf(
  FROM + 'Subject: x\\n\\n{{ D | date: "%c %s %z %Z" }}|{{ E | date: "%c" }}|{{ F | date: "%c %z" }}|{{ "now" | date: "%c" }}|{{ 0 | date: "%c" }}\\n',
  ["D", "E", "F", "Email"],
  { now: () => ${NOW}, timezone: "Europe/Berlin" },
);
const body = textOf(mailOf(composer, ["2026-03-29", "2026-10-25 02:30", "2026-07-01T23:59:00Z", "e@x.de"]));
console.log(body.split("\\r\\n\\r\\n")[1]);
`;

Deno.test("What the date filter shows does not depend on the time zone of the process", async () => {
  const cwd = fileURLToPath(new URL("..", import.meta.url));
  const results: string[] = [];
  for (const TZ of ["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Apia"]) {
    const env = { ...Deno.env.toObject(), TZ };
    results.push(await output(Deno.execPath(), ["eval", "--ext=ts", SCRIPT], { env, cwd }));
  }
  assert.deepEqual(new Set(results).size, 1, results.join("\n"));
  assert.equal(
    results[0]!.trim(),
    "Sun Mar 29 00:00:00 2026 1774738800 +0100 CET|Sun Oct 25 02:30:00 2026|" +
      "Thu Jul  2 01:59:00 2026 +0200|Sun Mar 29 01:30:00 2026|Thu Jan  1 01:00:00 1970",
  );
});
