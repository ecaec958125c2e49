import assert from "node:assert/strict";
import fc from "fast-check";
import { Liquid } from "liquidjs";
import { isBlank } from "../../src/text/blank.ts";
import { composerOf, FROM, mailOf, octetsOf } from "./support.ts";

const NAMES = ["Name", "City", "Email"];

/** Renders and encodes the whole template at once; the compiled form must give the same result. */
function reference(template: string, fields: string[], escape: boolean, encoding: string): string {
  const liquid = new Liquid({
    ...(escape ? { outputEscape: "escape" as const } : {}),
    jsTruthy: true,
    ownPropertyOnly: true,
  });
  const scope = Object.fromEntries(
    NAMES.map((name, index) => [name, isBlank(fields[index]!) ? "" : fields[index]]),
  );
  const rendered = String(liquid.parseAndRenderSync(template.replace(/\r\n?/g, "\n"), {
    ...scope,
    row: scope,
  }));
  // deno-lint-ignore no-control-regex
  const clean = rendered.replace(/\r\n?/g, "\n").replace(/[\0-\x08\x0B-\x1F\x7F]/g, "");
  const whole = clean === "" || clean.endsWith("\n") ? clean : `${clean}\n`;
  const octets = Array.from(new TextEncoder().encode(whole), (octet) => String.fromCharCode(octet))
    .join("");
  return encoding === "quoted-printable"
    ? octets.split("\n").map(quoteLine).join("\r\n")
    : octets.replaceAll("\n", "\r\n");
}

/** Quoted-printable of one line of octets, by the letter of RFC 2045, 6.7; soft breaks are taken out again. */
function quoteLine(line: string): string {
  return line.replace(
    /[^ -<>-~\t]|[ \t]$/g,
    (octet) => `=${octet.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}

const cell = fc.oneof(
  fc.constantFrom(
    "",
    "Ann",
    "Zoë",
    "李雷 🎉",
    "a\r\nb",
    "a\n.\n",
    "\r",
    "x ",
    "\t",
    "=",
    "<b>&'\"",
    "{{ Name }}",
    "\ud800",
    "\0a\x7f",
  ),
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.string({ unit: "grapheme", maxLength: 200 }),
  fc.constantFrom("x".repeat(75), "é".repeat(80), "y".repeat(1001)),
);
const fragment = fc.oneof(
  fc.constantFrom(
    "\n",
    "\n\n",
    " ",
    "text ",
    "line\n",
    "ünï\n",
    "\t\n",
    "=3D",
    "trailing \n",
    ".\n",
    "..\n",
    "From x\n",
    "\r\n",
    "\r",
    "x".repeat(80),
    "<p>",
    "&amp;",
  ),
  fc.constantFrom(
    "{{ Name }}",
    "{{City}}",
    "{{- Name -}}",
    "{{ row['City'] }}",
    "{{ Name | upcase }}",
    "{{ City | default: 'none' }}",
    "{{ Name | raw }}",
    "{% if City %}in {{ City }}\n{% else %}-{% endif %}",
    "{% for i in (1..3) %}{{ i }} {{ Name }}\n{% endfor %}",
    "{% assign Name = City %}",
    "{% capture c %}{{ City }}\n{% endcapture %}{{ c }}",
    "{% increment n %}",
    "{%- unless Name -%} none {%- endunless -%}\n",
    "{% raw %}{{ x }}\n{% endraw %}",
    "{% comment %}\n{% endcomment %}",
  ),
);
const template = fc.array(fragment, { maxLength: 14 }).map((fragments) => fragments.join(""));

Deno.test("compose() comes to the same octets as rendering and encoding the whole text", async () => {
  await fc.assert(
    fc.asyncProperty(
      template,
      cell,
      cell,
      fc.boolean(),
      fc.boolean(),
      async (text, name, city, eightBit, isHtml) => {
        const fields = [name, city, "ann@example.com"];
        // A complete document is neither wrapped nor changed.
        const body = isHtml ? `<html>${text}` : text;
        const composer = await composerOf(`${FROM}Subject: x\n\n${body}`, NAMES, {
          file: isHtml ? "mail.html" : "mail.txt",
          text: isHtml ? { file: "mail.txt", text: "." } : undefined,
        });
        const octets = octetsOf(mailOf(composer, fields, { transport: { eightBit } }));
        const part = isHtml
          ? octets.slice(octets.indexOf("text/html"), octets.lastIndexOf("\r\n--") + 2)
          : octets;
        const [head = "", ...rest] = part.split("\r\n\r\n");
        const encoding = /Content-Transfer-Encoding: (\S+)/.exec(head)![1]!;
        const content = rest.join("\r\n\r\n");
        assert.equal(
          encoding === "quoted-printable" ? content.replaceAll("=\r\n", "") : content,
          reference(body, fields, isHtml, encoding),
        );
        assert.ok(
          content.split("\r\n").every((line) =>
            line.length <= (encoding === "quoted-printable" ? 76 : 998)
          ),
        );
        assert.ok(encoding === "8bit" ? eightBit : !/[^\0-\x7F]/.test(content));
      },
    ),
    { numRuns: 400 },
  );
});
