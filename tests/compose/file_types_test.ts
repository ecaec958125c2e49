import assert from "node:assert/strict";
import { compileTemplate } from "../../src/compose/composer.ts";
import { mediaType } from "../../src/compose/mime/media_type.ts";
import { output } from "../support/process.ts";
import { columnsOf, FROM, mailOf, octetsOf } from "./support.ts";
import { latin1 } from "../support/latin1.ts";

/** Types as IANA's registry, or else common use, has them. */
const TYPES: [extensions: string, type: string][] = [
  ["avif", "image/avif"],
  ["jpg jpeg jpe jfif JFIF", "image/jpeg"],
  ["webp", "image/webp"],
  ["heic", "image/heic"],
  ["heif", "image/heif"],
  ["jxl", "image/jxl"],
  ["svg", "image/svg+xml"],
  ["js mjs", "text/javascript"],
  ["md markdown", "text/markdown"],
  ["yaml yml", "application/yaml"],
  ["pkpass", "application/vnd.apple.pkpass"],
  ["vcf", "text/vcard"],
  ["woff2", "font/woff2"],
  ["opus ogg", "audio/ogg"],
  ["m4a", "audio/mp4"],
  ["docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
  ["xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
  ["pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"],
  ["ods", "application/vnd.oasis.opendocument.spreadsheet"],
  ["epub", "application/epub+zip"],
  ["p7m", "application/pkcs7-mime"],
  ["p7s", "application/pkcs7-signature"],
  ["gpx", "application/gpx+xml"],
  ["pdf PDF", "application/pdf"],
  ["csv", "text/csv"],
  ["tsv", "text/tab-separated-values"],
  ["json", "application/json"],
  ["xml", "application/xml"],
  ["ics ifb", "text/calendar"],
  ["txt", "text/plain"],
  ["html htm", "text/html"],
  ["zip", "application/zip"],
  ["gz", "application/gzip"],
  ["eml EML", "message/rfc822"],
  // Composite types hold parts of a mail; base64 is forbidden for them (RFC 2045, 6.4).
  ["mht mhtml mime u8msg wsc nws pgp unheardof", "application/octet-stream"],
];

Deno.test("mediaType() returns a file's type by its name", () => {
  for (const [extensions, type] of TYPES) {
    for (const extension of extensions.split(" ")) {
      assert.equal(mediaType(`a.b.${extension}`), type, extension);
    }
  }
  for (const name of ["pdf", "html", "a.", "a.pdf.", "", "zip/x"]) {
    assert.equal(mediaType(name), "application/octet-stream", name);
  }
});

/** The Content-Type of an attached file, unfolded. */
async function contentType(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${folder}/${name}`, bytes);
    const composer = await compileTemplate({
      template: {
        file: `${folder}/mail.tmpl`,
        text: `${FROM}Subject: x\nAttachment: ${name}\n\nx\n`,
      },
      columns: columnsOf("Email"),
      campaign: "spring",
    });
    const octets = octetsOf(mailOf(composer, ["ann@example.com"]));
    return octets.split("\r\nContent-Type: ").at(-1)!.split(/\r\n(?! )/)[0]!.replaceAll("\r\n", "");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const utf8 = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

Deno.test("A text file has the charset that its bytes prove, or none", async () => {
  const table: [name: string, bytes: Uint8Array<ArrayBuffer>, type: string][] = [
    ["a.txt", utf8("plain"), "text/plain; charset=utf-8"],
    ["a.csv", utf8("Grüße,语\r\n"), "text/csv; charset=utf-8"],
    ["a.csv", utf8("\uFEFFGrüße"), "text/csv; charset=utf-8"],
    ["a.csv", latin1("Gr\xFC\xDFe"), "text/csv"],
    ["a.csv", latin1("\xFF\xFEG\0r\0"), "text/csv; charset=utf-16"],
    ["a.csv", latin1("\xFE\xFF\0G\0r"), "text/csv; charset=utf-16"],
    ["a.csv", latin1("\xFF\xFE\0\0G\0\0\0"), "text/csv"],
    ["a.csv", latin1("G\0r\0"), "text/csv"],
    ["a.txt", latin1("\x1B$B$3\x1B(B"), "text/plain"],
    ["a.txt", utf8(""), "text/plain; charset=utf-8"],
    ["a.md", utf8("# é"), "text/markdown; charset=utf-8"],
    ["a.html", utf8("é"), "text/html; charset=utf-8"],
    ["a.json", utf8("{}"), "application/json"],
    ["a.pdf", utf8("é"), "application/pdf"],
  ];
  for (const [name, bytes, type] of table) assert.equal(await contentType(name, bytes), type);
});

const EVENT = "BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:METHOD:CANCEL\r\nEND:VEVENT\r\n";
const calendar = (head: string, events = EVENT): string =>
  `BEGIN:VCALENDAR\r\nVERSION:2.0\r\n${head}${events}END:VCALENDAR\r\n`;

Deno.test("A calendar has the method from its content, which makes it an invitation", async () => {
  const plain = "text/calendar; charset=utf-8";
  const named = (method: string): string => `${plain}; method=${method}; name="meeting.ics"`;
  const table: [text: string, type: string][] = [
    [calendar("METHOD:REQUEST\r\n"), named("REQUEST")],
    [calendar("method:Request\r\n"), named("REQUEST")],
    [calendar("METHOD:REQUEST\r\n").replaceAll("\r\n", "\n"), named("REQUEST")],
    [calendar("MET\r\n HOD:PUB\r\n\tLISH\r\n"), named("PUBLISH")],
    [calendar("METHOD;X-A=b:CANCEL\r\n"), named("CANCEL")],
    [calendar(`${EVENT}METHOD:REPLY\r\n`), named("REPLY")],
    [calendar(""), plain],
    [calendar("", EVENT.replace("UID", "METHOD:REQUEST\r\nUID")), plain],
    [calendar("METHOD:REQUEST\r\nMETHOD:CANCEL\r\n"), plain],
    [calendar("METHOD:REQUEST\r\n") + calendar("METHOD:REQUEST\r\n"), plain],
    [calendar("METHOD:REQUEST; x=y\r\n"), plain],
    [calendar("METHOD:a\u0000b\r\n"), "text/calendar"],
    ["METHOD:REQUEST\r\n", plain],
  ];
  for (const [text, type] of table) {
    assert.equal(await contentType("meeting.ics", utf8(text)), type, text);
  }
  const request = calendar("METHOD:REQUEST\r\n");
  assert.equal(
    await contentType("Besprechung für Zoë.ics", utf8(request)),
    `${plain}; method=REQUEST`,
  );
});

Deno.test("Python's email reads charset and method of an attached calendar", async () => {
  const type = await contentType(
    'a "b" meeting.ics',
    utf8(calendar("METHOD:REQUEST\r\nX-A:Grüße\r\n")),
  );
  const program = `
import sys
from email import message_from_string, policy
p = message_from_string("Content-Type: " + sys.stdin.read() + "\\n\\n", policy=policy.default)["Content-Type"]
print(p.content_type, sorted(p.params.items()), p.defects)
`;
  assert.equal(
    await output("python3", ["-c", program], { stdin: type }),
    `text/calendar [('charset', 'utf-8'), ('method', 'REQUEST'), ('name', 'a "b" meeting.ics')] ()\n`,
  );
});
