import assert from "node:assert/strict";
import type { Columns, Recipient } from "../../src/model/recipient.ts";
import { type CompileInput, compileTemplate, type Composer } from "../../src/compose/composer.ts";
import type { Mail, Transport, Unmailable } from "../../src/model/mail.ts";
import { InputError } from "../../src/model/input_error.ts";
import { output } from "../support/process.ts";

export const EIGHT_BIT: Transport = { eightBit: true };
export const SEVEN_BIT: Transport = { eightBit: false };
export const FROM = "From: Acme <news@acme.example>\n";

/** Columns with these names; the address is in `Email`, else in the last one. */
export function columnsOf(...names: string[]): Columns {
  const email = names.indexOf("Email");
  return { names, email: email < 0 ? names.length - 1 : email };
}

/** A template file's text compiled for a list with these columns. */
export function composerOf(
  text: string,
  names: string[] = ["Name", "Email"],
  input: Partial<CompileInput> & { file?: string } = {},
): Promise<Composer> {
  const { file = "mail.txt", ...rest } = input;
  return compileTemplate({
    template: { file, text },
    columns: columnsOf(...names),
    campaign: "spring",
    ...rest,
  });
}

export function recipientOf(fields: string[], address = "ann@example.com"): Recipient {
  return { kind: "recipient", key: address.toLowerCase(), line: 2, address, fields };
}

/** The mail for a row; fails if there is none. */
export function mailOf(
  composer: Composer,
  fields: string[],
  { address, transport = EIGHT_BIT }: { address?: string; transport?: Transport } = {},
): Mail {
  const mail = composer.compose(recipientOf(fields, address), transport);
  if ("kind" in mail) throw new Error(`Unmailable: ${mail.reason}`);
  return mail;
}

export function reasonOf(mail: Mail | Unmailable): string | undefined {
  return "kind" in mail ? mail.reason : undefined;
}

/** A mail's octets, one character each. */
export function octetsOf(mail: Mail): string {
  return Array.from(mail.bytes, (octet) => String.fromCharCode(octet)).join("");
}

export function textOf(mail: Mail): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(mail.bytes);
}

/** The header lines of a mail, unfolded. */
export function headersOf(mail: Mail): string[] {
  const [head = ""] = textOf(mail).split("\r\n\r\n", 1);
  return head.replace(/\r\n(?=[ \t])/g, "").split("\r\n");
}

/** The error's text, with its place, that compiling ends in. */
export async function inputErrorOf(compile: () => unknown): Promise<string> {
  try {
    await compile();
  } catch (error) {
    if (error instanceof InputError) return error.describe();
    throw error;
  }
  throw new Error("Compiled without an error");
}

/** Ends of data that some server has taken for one (CVE-2023-51764 and its kin), and a command after it. */
export const SMUGGLING = [
  "\n.\n",
  "\n.\r",
  "\r.\n",
  "\r.\r",
  "\n.\r\n",
  "\r.\r\n",
  "\r\n.\r\r\n",
  "\r\n.\n",
  "\r\n\0.\r\n",
  "\r\n.\0\r\n",
  "\r\n.\r\n",
]
  .map((end) => `x${end}MAIL FROM:<a@b.de>\r\nRCPT TO:<v@x.de>\r\nDATA\r\n`);

/** Asserts that a mail has no bare CR or LF, no other control and no line over 998 octets, and that it ends with CRLF. */
export function assertWellFormed(mail: Mail): void {
  const octets = octetsOf(mail);
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(octets.replaceAll("\r\n", "\t"), /[\0-\x08\x0A-\x1F\x7F]/);
  assert.ok(octets.endsWith("\r\n"));
  assert.ok(octets.split("\r\n").every((line) => line.length <= 998));
}

/** A mail as Python's `email` reads it. */
export interface PythonMail {
  readonly headers: [string, string][];
  readonly to: [string, string][];
  readonly parts: { type: string; filename: string | null; text: string }[];
  readonly defects: string[];
}

const PYTHON = `
import base64, json, sys
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import getaddresses
out = []
for line in sys.stdin:
    m = message_from_bytes(base64.b64decode(line), policy=policy.default)
    parts = [p for p in m.walk() if not p.is_multipart()]
    # Before 3.13.2 the newer m["To"].addresses keeps the space between two encoded words of a name.
    raw = str(message_from_bytes(base64.b64decode(line))["To"])
    is_split = raw.count("=?utf-8?") > 1
    to = [[str(make_header(decode_header(n))), a] for n, a in getaddresses([raw.replace("\\n", "")])] if is_split else [
        [a.display_name, a.addr_spec] for a in m["To"].addresses]
    out.append({
        "headers": [[k, str(v)] for k, v in m.items()],
        "to": to,
        "parts": [{"type": p.get_content_type(), "filename": p.get_filename(),
                   "text": p.get_payload(decode=True).decode("utf-8")} for p in parts],
        "defects": [repr(d) for p in m.walk() for d in p.defects]
                 + [repr(d) for v in m.values() for d in v.defects],
    })
json.dump(out, sys.stdout)
`;

const STRUCTURE = `
import base64, json, sys
from email import message_from_bytes, policy
out = []
for line in sys.stdin:
    m = message_from_bytes(base64.b64decode(line), policy=policy.default)
    out.append({
        "parts": [[p.get_content_type(), p.get_filename(),
                   None if p.is_multipart() else len(p.get_payload(decode=True))] for p in m.walk()],
        "defects": [repr(d) for p in m.walk() for d in p.defects],
    })
json.dump(out, sys.stdout)
`;

/** The parts of a mail as Python's `email` walks them. */
export interface Structure {
  readonly parts: [type: string, filename: string | null, octets: number | null][];
  readonly defects: string[];
}

export function structureOf(mails: readonly Mail[]): Promise<Structure[]> {
  return runPython<Structure[]>(STRUCTURE, mails);
}

/** Reads mails with Python's `email`, all in one process. */
export function readWithPython(mails: readonly Mail[]): Promise<PythonMail[]> {
  return runPython<PythonMail[]>(PYTHON, mails);
}

async function runPython<T>(program: string, mails: readonly Mail[]): Promise<T> {
  const stdin = mails.map((mail) => btoa(octetsOf(mail)) + "\n").join("");
  return JSON.parse(await output("python3", ["-c", program], { stdin }));
}
