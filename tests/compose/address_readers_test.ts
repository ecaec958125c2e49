import assert from "node:assert/strict";
import fc from "fast-check";
import PostalMime, { type Address } from "postal-mime";
import type { Mail } from "../../src/model/mail.ts";
import { output } from "../support/process.ts";
import { composerOf, FROM, mailOf, octetsOf } from "./support.ts";

/** A name and an address; without a name "". */
type Pair = [name: string, address: string];

/** The mailboxes that a reader shows; groups are flattened. */
function pairsOf(addresses: readonly Address[] | undefined): Pair[] {
  return (addresses ?? []).flatMap((entry) =>
    entry.group === undefined
      ? [[entry.name ?? "", entry.address ?? ""] as Pair]
      : pairsOf(entry.group as Address[])
  );
}

const PYTHON = `
import base64, json, sys
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import getaddresses
out = []
for line in sys.stdin:
    octets = base64.b64decode(line)
    raw = str(message_from_bytes(octets)["Reply-To"]).replace("\\r", "").replace("\\n", "")
    new = message_from_bytes(octets, policy=policy.default)["Reply-To"]
    out.append({
        "pairs": [[str(make_header(decode_header(n))), a] for n, a in getaddresses([raw])],
        # Before 3.13.2 it keeps the space between two encoded words of a name: addresses and defects only.
        "addresses": [a.addr_spec for a in new.addresses],
        "groups": [g.display_name for g in new.groups if g.display_name is not None],
        "defects": [repr(d) for d in new.defects],
    })
json.dump(out, sys.stdout)
`;

interface Read {
  readonly pairs: Pair[];
  readonly addresses: string[];
  readonly groups: string[];
  readonly defects: string[];
}

async function readByPython(mails: readonly Mail[]): Promise<Read[]> {
  const stdin = mails.map((mail) => `${btoa(octetsOf(mail))}\n`).join("");
  return JSON.parse(await output("python3", ["-c", PYTHON], { stdin }));
}

/** The text of a name that a header can hold unchanged. */
const NAME = fc.array(
  fc.constantFrom(
    ..."abcXYZ019 .,;:<>@()[]\"'\\!?=_-+*/&%#|",
    "é",
    "ß",
    "Ж",
    "語",
    "🎉",
    "=?utf-8?q?x?=",
    "\u00A0",
    "long".repeat(12),
    "et al. ",
  ),
  { maxLength: 14 },
).map((parts) => parts.join("").trim());

const ADDRESS = fc.tuple(
  fc.constantFrom("a", "ann.lee", "o'brien", "x+y=z", "a".repeat(60)),
  fc.constantFrom("x.example", "mail.acme.example", `${"d".repeat(40)}.example`),
).map((parts) => parts.join("@"));

/** A mailbox as an author might write it, and its normal form. */
interface Written {
  readonly text: (slot: (value: string) => string) => string;
  readonly pair: Pair;
}

const quote = (text: string): string => `"${text.replace(/["\\]/g, "\\$&")}"`;
const ATOM = fc.stringMatching(/^[A-Za-z0-9!#$&'*+=^_`|~-]{1,12}$/).filter((text) =>
  !text.includes("=?")
);

const WRITTEN: fc.Arbitrary<Written> = fc.tuple(
  ADDRESS,
  NAME,
  NAME,
  fc.array(ATOM, { minLength: 1, maxLength: 9 }),
)
  .chain(([address, name, other, atoms]) => {
    const joined = (text: string): string => text.trim();
    const nice = (text: string): string => text.replace(/[^A-Za-z0-9 .,;:<>]/g, "").trim();
    const forms: Written[] = [
      { text: () => address, pair: ["", address] },
      { text: (slot) => slot(address), pair: ["", address] },
      { text: () => `<${address}>`, pair: ["", address] },
      { text: () => `${quote(name)} <${address}>`, pair: [name, address] },
      { text: (slot) => `${slot(name)} <${slot(address)}>`, pair: [name, address] },
      { text: (slot) => `"${slot(name)}, x" <${address}>`, pair: [joined(`${name}, x`), address] },
      { text: () => `${atoms.join(" ")} <${address}>`, pair: [atoms.join(" "), address] },
      {
        text: (slot) => `${atoms[0]} ${slot(name)} (${nice(other)}) <${address}>`,
        pair: [joined(`${atoms[0]} ${name} (${nice(other)})`), address],
      },
      { text: (slot) => `${slot(address)} (${nice(other)}x)`, pair: [`${nice(other)}x`, address] },
      {
        text: (slot) => `${atoms[0]}: ${slot(name)} <${address}>`,
        pair: [joined(`${atoms[0]}: ${name}`), address],
      },
    ];
    return fc.constantFrom(...forms);
  });

const oneSpace = (pairs: readonly Pair[]): Pair[] =>
  pairs.map(([name, address]) => [name.replace(/[ \u00A0]+/g, " ").trim(), address]);

Deno.test("Python and postal-mime read from an address header what was written, whatever the slots contain", async () => {
  const lists = fc.sample(fc.array(WRITTEN, { minLength: 1, maxLength: 6 }), 300);
  const mails: Mail[] = [];
  for (const list of lists) {
    const cells: string[] = [];
    const slot = (value: string): string => `{{ row.${cells.push(value)} | default: "" }}`;
    const text = list.map((each) => each.text(slot)).join(", ");
    const names = [...cells.map((_, index) => `c${index}`), "Email"];
    const composer = await composerOf(`${FROM}Reply-To: ${text}\nSubject: x\n\nx\n`, names);
    mails.push(mailOf(composer, [...cells, "ann@example.com"]));
  }
  const python = await readByPython(mails);
  for (const [index, mail] of mails.entries()) {
    const expected = oneSpace(lists[index]!.map(({ pair }) => pair));
    const said = octetsOf(mail);
    assert.deepEqual(
      oneSpace(pairsOf((await PostalMime.parse(mail.bytes)).replyTo)),
      expected,
      said,
    );
    assert.deepEqual(oneSpace(python[index]!.pairs), expected, said);
    assert.deepEqual(python[index]!.addresses, expected.map(([, address]) => address), said);
    assert.deepEqual(python[index]!.defects, []);
  }
});

Deno.test("Python reads a group as one, its name and its members", async () => {
  const texts = ["Friends, too", "Zoë & co", "undisclosed-recipients"];
  const mails = [];
  for (const name of texts) {
    const composer = await composerOf(
      `${FROM}Reply-To: {{ Name }}: a@x.example, "B, b" <{{ Rep }}>;, Cy <c@z.example>\nSubject: x\n\nx\n`,
      ["Name", "Rep", "Email"],
    );
    mails.push(mailOf(composer, [name, "b@y.example", "ann@example.com"]));
  }
  for (const [index, read] of (await readByPython(mails)).entries()) {
    assert.deepEqual(read.groups, [texts[index]]);
    assert.deepEqual(read.pairs.filter(([, address]) => address !== ""), [
      ["", "a@x.example"],
      ["B, b", "b@y.example"],
      ["Cy", "c@z.example"],
    ]);
    assert.deepEqual(read.defects, []);
  }
});
