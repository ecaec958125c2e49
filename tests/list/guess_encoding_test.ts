import assert from "node:assert/strict";
import { encodingHint } from "../../src/list/records/guess_encoding.ts";
import { output } from "../support/process.ts";
import { bytesOf, faultOf, read } from "./lists.ts";
import { latin1 } from "../support/latin1.ts";

/** Maps each Python codec to the accepted answers: encodings in which the text reads the same. */
type Codecs = Readonly<Record<string, readonly string[]>>;

const WESTERN: Codecs = { cp1252: ["windows-1252"], mac_roman: ["macintosh"] };
const CENTRAL: Codecs = {
  cp1250: ["windows-1250"],
  iso8859_2: ["iso-8859-2", "windows-1250"],
};

const LISTS: readonly (readonly [string, Codecs, string])[] = [
  [
    "German",
    WESTERN,
    "Name;Email\r\nJürgen Müller;a@x.de\r\nKäthe Groß;b@x.de\r\nBjörn Übel;c@x.de\r\n",
  ],
  ["one umlaut", WESTERN, "Name;Email\r\nAnna Schmidt;a@x.de\r\nJürgen Klein;b@x.de\r\n"],
  [
    "French",
    WESTERN,
    "Nom,Email\r\nRené Lefèvre,a@x.fr\r\nHélène François,b@x.fr\r\nNoël Bœuf,c@x.fr\r\n",
  ],
  [
    "Spanish",
    WESTERN,
    "Nombre,Email\r\nJosé Muñoz,a@x.es\r\nMaría Peña,b@x.es\r\nÍñigo Núñez,c@x.es\r\n",
  ],
  ["Swedish", WESTERN, "Namn;E-post\r\nÅsa Sjöberg;a@x.se\r\nHåkan Öberg;b@x.se\r\n"],
  ["Portuguese", WESTERN, "Nome,Email\r\nJoão Conceição,a@x.pt\r\nInês Magalhães,b@x.pt\r\n"],
  ["Polish", CENTRAL, "Imię;Email\r\nŁukasz Wiśniewski;a@x.pl\r\nMałgorzata Dąbrowska;b@x.pl\r\n"],
  [
    "Czech",
    CENTRAL,
    "Jméno;Email\r\nJiří Dvořák;a@x.cz\r\nBožena Němcová;b@x.cz\r\nTomáš Černý;c@x.cz\r\n",
  ],
  ["Hungarian", CENTRAL, "Név;Email\r\nLászló Szőke;a@x.hu\r\nGergő Kovács;b@x.hu\r\n"],
  [
    "Russian",
    { cp1251: ["windows-1251"], koi8_r: ["koi8-r"], cp866: ["ibm866"] },
    "Имя;Email\r\nИван Петров;a@x.ru\r\nМария Смирнова;b@x.ru\r\nАлексей Кузнецов;c@x.ru\r\n",
  ],
  ["Greek", { cp1253: ["windows-1253"] }, "Όνομα;Email\r\nΓιώργος Παπαδόπουλος;a@x.gr\r\n"],
  ["Turkish", { cp1254: ["windows-1254"] }, "Ad;Email\r\nAyşe Yılmaz;a@x\r\nGökhan Çağlar;b@x\r\n"],
  ["Arabic", { cp1256: ["windows-1256"] }, "الاسم,Email\r\nمحمد الأحمد,a@x\r\nفاطمة حسن,b@x\r\n"],
  [
    "Japanese",
    { shift_jis: ["shift_jis"], euc_jp: ["euc-jp"] },
    "氏名,Email\r\n田中太郎,a@x.jp\r\n鈴木花子,b@x.jp\r\nさくら山本,c@x.jp\r\nケン佐藤,d@x.jp\r\n",
  ],
  [
    "Chinese",
    { gb18030: ["gb18030"] },
    "姓名,Email\r\n张伟,a@x.cn\r\n王芳,b@x.cn\r\n李娜,c@x.cn\r\n",
  ],
  [
    "Taiwanese",
    { big5: ["big5"] },
    "姓名,Email\r\n陳怡君,a@x.tw\r\n林志明,b@x.tw\r\n黃淑芬,c@x.tw\r\n",
  ],
  [
    "Korean",
    { euc_kr: ["euc-kr"] },
    "이름,Email\r\n김민수,a@x.kr\r\n이영희,b@x.kr\r\n박지훈,c@x.kr\r\n",
  ],
];

/** The text in each of the encodings, by Python's codecs. */
async function encoded(text: string, codecs: readonly string[]): Promise<readonly Uint8Array[]> {
  const program = [
    "import base64, json, sys",
    "text, codecs = json.load(sys.stdin)",
    "print(json.dumps([base64.b64encode(text.encode(codec)).decode() for codec in codecs]))",
  ].join("\n");
  const stdout = await output("python3", ["-c", program], {
    stdin: JSON.stringify([text, codecs]).replaceAll(
      /[^ -~]/g,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
    ),
  });
  return (JSON.parse(stdout) as string[]).map((one) => latin1(atob(one)));
}

for (const [name, codecs, text] of LISTS) {
  Deno.test(`encodingHint() names the encoding of a ${name} list, and it reads in it`, async () => {
    const all = { ...codecs, utf_16_le: ["utf-16le"], utf_16_be: ["utf-16be"] };
    for (const [at, bytes] of (await encoded(text, Object.keys(all))).entries()) {
      const hint = encodingHint(bytes, "utf-8");
      const encoding = /^The file looks like ([\w-]+)\. Add --encoding \1\.$/.exec(hint)?.[1] ??
        hint;
      assert.ok(Object.values(all)[at]!.includes(encoding), `${Object.keys(all)[at]}: ${hint}`);
      const list = await read(bytes, {
        encoding,
        emailColumn: /e-?post/i.test(text) ? "E-post" : "Email",
      });
      const [first] = list.rows;
      assert.equal(first?.kind === "row" ? first.cells[0] : "", text.split(/[\r\n,;]+/)[2]);
    }
  });
}

Deno.test("encodingHint() names nothing that cannot read the file", async () => {
  const text =
    "Vorname;Email\r\nJürgen Müller;a@x.de\r\nKäthe Groß;b@x.de\r\nBjörn Ödel;b@x.de\r\n";
  for (const bytes of await encoded(text, ["cp850", "cp437"])) {
    const hint = encodingHint(bytes, "utf-8");
    assert.match(hint, /DOS encoding, which is not supported\. Save the list as CSV \(UTF-8\)\.$/);
  }
  const noise = Uint8Array.from({ length: 4000 }, (_, at) => (at * at * 31 + at * 7) % 256);
  assert.doesNotMatch(encodingHint(noise, "utf-8"), /looks like/);
});

Deno.test("encodingHint() names several candidates if one character is too little evidence", () => {
  const bytes = latin1("Name,Email\nZo\xeb,z@x.de\n");
  assert.match(
    encodingHint(bytes, "utf-8"),
    /^Save the list as CSV \(UTF-8\), or try --encoding windows-1252 or windows-1257\b/,
  );
});

const rows = (name: string, city: string, count: number): string =>
  `Name,City,Email\n${
    Array.from({ length: count }, (_, at) => `${name},${city},${at}@x.de\n`).join("")
  }`;

/** Short lists of names, which several encodings can read; the true one must be named, and none that only fits otherwise. */
const SHORT: readonly (readonly [codec: string, encoding: string, text: string])[] = [
  ...[1, 3, 5].flatMap((count) =>
    [
      ["big5", "big5", rows("王小明", "台北", count)],
      ["euc_jp", "euc-jp", rows("山田太郎", "東京", count)],
      ["euc_jp", "euc-jp", rows("鈴木さくら", "大阪", count)],
      ["shift_jis", "shift_jis", rows("山田太郎", "東京", count)],
      ["gb18030", "gb18030", rows("王小明", "北京", count)],
      ["euc_kr", "euc-kr", rows("김민수", "서울", count)],
      ["mac_roman", "macintosh", rows("Müller", "Köln", count)],
      ["cp1252", "windows-1252", rows("Müller", "Köln", count)],
      ["cp1252", "windows-1252", rows("Müller", "5 €", count)],
      ["iso8859_15", "iso-8859-15", rows("Müller", "5 €", count)],
      ["cp1251", "windows-1251", rows("Иван", "Москва", count)],
    ] as const
  ),
];

Deno.test("encodingHint() names the encoding of a list of few names, or several with that among them", async () => {
  for (const [codec, encoding, text] of SHORT) {
    const [bytes] = await encoded(text, [codec]);
    const hint = encodingHint(bytes!, "utf-8");
    const named = /--encoding (.*)\.$/.exec(hint)?.[1]?.split(" or ") ?? [];
    assert.ok(named.includes(encoding), `${text}${codec}: ${hint}`);
  }
});

Deno.test("encodingHint() has a hint for empty input", () => {
  for (const bytes of [[], [0x80], [0xff], [0x41, 0xa4], [0xc3]]) {
    assert.match(encodingHint(Uint8Array.from(bytes), "utf-8"), /\w/);
  }
});

Deno.test("encodingHint() says that one line is wrong if the rest is UTF-8", () => {
  const good = bytesOf("Name,Email\nZoë Müller,a@x.de\nJosé Peña,b@x.de\n");
  const bytes = Uint8Array.from([...good, 0x5a, 0xeb, 0x2c, 0x63, 0x40, 0x78, 0x0a]);
  assert.match(
    encodingHint(bytes, "utf-8"),
    /^The rest of the file looks like UTF-8\. Correct this/,
  );
});

Deno.test("encodingHint() knows UTF-8 that was read in another encoding", () => {
  const bytes = bytesOf("Name,Email\nZoë,a@x.de\n");
  assert.match(encodingHint(bytes, "shift_jis"), /^The file looks like UTF-8\. Omit --encoding/);
});

Deno.test("openList() suggests the encoding with the place of the fault", async () => {
  const western = latin1("Name;Email\r\nJ\xfcrgen M\xfcller;a@x.de\r\n");
  assert.equal(
    await faultOf(western),
    "standard input:2: Byte 0xFC is not valid UTF-8\n  The file looks like windows-1252. Add --encoding windows-1252.",
  );
  assert.match(
    await faultOf("Email\na@x.de\nb\0@x.de\n"),
    /:3: .*NUL.*\n {2}It may not be a text file/,
  );
});
