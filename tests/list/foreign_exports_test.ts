import assert from "node:assert/strict";
import { recipientOf } from "../../src/list/recipient.ts";
import { bytesOf, faultOf, read, utf16 } from "./lists.ts";
import { latin1 } from "../support/latin1.ts";

// Lists as other programs write them: byte order mark, line ends, quotes, delimiters, columns and all. Long headers are cut to the
// columns that could be taken for the address, and some around them.

function lines(end: string, ...lines: readonly string[]): string {
  return lines.map((line) => line + end).join("");
}

/** The list, the column of the address, and what is read: the addresses or, for rows without one, the reasons. */
const EXPORTS: readonly (readonly [string, string | Uint8Array, string, readonly string[]])[] = [
  [
    'Excel, "CSV UTF-8", German settings, trailing columns that have lost their values',
    lines(
      "\r\n",
      "\ufeffName;E-Mail;Ort",
      "Jürgen Müller;j@x.de;",
      ";;",
      '"Groß; Käthe";k@x.de',
      ";;",
    ),
    "E-Mail",
    ["j@x.de", "k@x.de"],
  ],
  [
    'Excel, "Unicode Text"',
    utf16(
      lines("\r\n", "\ufeffName\tEmail\tNote", 'Zoë\tz@x.de\t"5"" pipe, new"', "Ann\ta@x.de\t"),
      true,
    ),
    "Email",
    ["z@x.de", "a@x.de"],
  ],
  [
    'Excel, "CSV" for another country, with the line that tells Excel its separator',
    lines("\r\n", "sep=;", "Name;Email", "Lee, Ann;a@x.de"),
    "Email",
    ["a@x.de"],
  ],
  [
    "LibreOffice",
    lines("\n", "Name,Email,Note", 'Zoë,z@x.de,"two', 'lines"', "Ann,a@x.de,"),
    "Email",
    ["z@x.de", "a@x.de"],
  ],
  [
    "LibreOffice, all text cells quoted",
    lines("\n", '"Name";"Email"', '"Lee, ""Ann""";"a@x.de"'),
    "Email",
    ["a@x.de"],
  ],
  [
    "Google Sheets",
    "Timestamp,Email Address,Your name\r\n11/24/2026 9:12:45,a@x.de,Ann\r\n11/24/2026 9:13:02,z@x.de,Zoë",
    "Email Address",
    ["a@x.de", "z@x.de"],
  ],
  ["Google Sheets, TSV", "Name\tEmail\r\nLee, Ann\ta@x.de", "Email", ["a@x.de"]],
  [
    "Google Contacts, since 2024",
    lines(
      "\n",
      "First Name,Last Name,Labels,E-mail 1 - Label,E-mail 1 - Value,E-mail 2 - Label,E-mail 2 - Value,Phone 1 - Value",
      "Ann,Lee,* myContacts,* Work,a@x.de,Home,ann@home.test,+49 170 1",
      "Bob,,* myContacts,,,,,",
      "Cid,,* myContacts,*,c@x.de ::: c@y.de,,,",
    ),
    "E-mail 1 - Value",
    [
      "a@x.de",
      "Address is empty",
      "Cell contains more than one address; keep one: 'c@x.de ::: c@y.de'",
    ],
  ],
  [
    "Google Contacts, before",
    lines(
      "\n",
      "Name,Given Name,Group Membership,E-mail 1 - Type,E-mail 1 - Value,E-mail 2 - Type,E-mail 2 - Value",
      "Ann Lee,Ann,* myContacts,* Work,a@x.de,,",
    ),
    "E-mail 1 - Value",
    ["a@x.de"],
  ],
  [
    "Outlook",
    lines(
      "\r\n",
      "\ufeffFirst Name,Last Name,Company,Business Street,E-mail Address,E-mail Type,E-mail Display Name,E-mail 2 Address,E-mail 2 Type,Notes",
      '"Ann","Lee",,"Main St 1\r\nFloor 2","a@x.de","SMTP","Ann Lee (a@x.de)",,,',
    ),
    "E-mail Address",
    ["a@x.de"],
  ],
  [
    "Outlook on the web",
    lines(
      "\r\n",
      "First Name,Middle Name,Last Name,E-mail Address,E-mail 2 Address,E-mail 3 Address,Mobile Phone",
      "Ann,,Lee,a@x.de,,,+49 170 1",
    ),
    "E-mail Address",
    ["a@x.de"],
  ],
  [
    "Outlook, German",
    lines(
      "\r\n",
      '\ufeff"Anrede","Vorname","Nachname","E-Mail-Adresse","E-Mail-Typ","E-Mail: Angezeigter Name","E-Mail 2: Adresse"',
      '"Frau","Käthe","Groß","k@x.de","SMTP","Käthe Groß (k@x.de)",""',
    ),
    "E-Mail-Adresse",
    ["k@x.de"],
  ],
  [
    "Outlook, French",
    lines(
      "\r\n",
      "\ufeffPrénom;Nom;Adresse de messagerie;Type de messagerie",
      "René;Noël;r@x.fr;SMTP",
    ),
    "Adresse de messagerie",
    ["r@x.fr"],
  ],
  [
    "Thunderbird",
    lines(
      "\r\n",
      "First Name,Last Name,Display Name,Nickname,Primary Email,Secondary Email,Screen Name,Work Phone,Custom 4,Notes,",
      "Ann,Lee,Ann Lee,,a@x.de,ann@home.test,,,,,",
      ",,List without address,,,,,,,,",
    ),
    "Primary Email",
    ["a@x.de", "Address is empty"],
  ],
  [
    "Thunderbird, German",
    lines(
      "\r\n",
      "Vorname,Nachname,Primäre E-Mail-Adresse,Sekundäre E-Mail-Adresse,",
      "Käthe,Groß,k@x.de,,",
    ),
    "Primäre E-Mail-Adresse",
    ["k@x.de"],
  ],
  [
    "Mailchimp",
    lines(
      "\n",
      '"Email Address","First Name","Last Name",Address,MEMBER_RATING,OPTIN_TIME,OPTIN_IP,TAGS',
      'a@x.de,Ann,Lee,"Main St 1  York",2,"2026-11-01 10:00:00",192.0.2.1,"""vip"",""2026"""',
    ),
    "Email Address",
    ["a@x.de"],
  ],
  [
    "HubSpot",
    lines(
      "\r\n",
      '"Record ID","First Name","Last Name","Email","Phone Number","Lead Status"',
      '"151","Ann","Lee","a@x.de","+49 170 1",""',
    ),
    "Email",
    ["a@x.de"],
  ],
];

for (const [name, text, column, expected] of EXPORTS) {
  Deno.test(`openList() reads the export of ${name}`, async () => {
    for (const step of [3, 4096]) {
      const list = await read(bytesOf(text), {}, step);
      assert.equal(list.names[list.email], column);
      const columns = { names: list.names, email: list.email };
      const found = list.rows.map((row) => {
        const entry = row.kind === "row" ? recipientOf(row, columns, []) : row;
        return entry.kind === "recipient" ? entry.address : entry.reason;
      });
      assert.deepEqual(found, expected);
    }
  });
}

const REFUSED: readonly (readonly [string, string | Uint8Array, RegExp])[] = [
  [
    'Excel, "CSV", German settings',
    latin1(lines("\r\n", "Name;E-Mail", "J\xfcrgen M\xfcller;j@x.de", "K\xe4the Gro\xdf;k@x.de")),
    /:2: Byte 0xFC is not valid UTF-8\n {2}The file looks like windows-1252. Add --encoding windows-1252\.$/,
  ],
  [
    'Excel on a Mac, "CSV (Macintosh)"',
    latin1("Name;E-Mail\rJ\x9frgen M\x9fller;j@x.de\rK\x8athe Gro\xa7;k@x.de\r"),
    /:2: Byte 0x9F is not valid UTF-8\n {2}The file looks like macintosh. Add --encoding macintosh\.$/,
  ],
  [
    'Excel, "CSV (MS-DOS)"',
    latin1(lines("\r\n", "Name;E-Mail", "J\x81rgen M\x81ller;j@x.de", "K\x84the Gro\xe1;k@x.de")),
    /:2: Byte 0x81 is not valid UTF-8\n {2}.*DOS encoding, which is not supported\. Save the list as CSV \(UTF-8\)\.$/,
  ],
  [
    "Google Forms with one question twice",
    "Timestamp,Email Address,Name,Name\r\n",
    /:1: Duplicate column 'Name': columns 3 and 4\n {2}Rename or remove one of them\.$/,
  ],
];

for (const [name, bytes, message] of REFUSED) {
  Deno.test(`openList() refuses the export of ${name} with a hint`, async () => {
    assert.match(await faultOf(bytes), message);
  });
}
