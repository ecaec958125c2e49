import { fileURLToPath } from "node:url";
import { RUN_FLAGS } from "../build/run_flags.ts";
import { BODY, type Mailing, SENDER, SUBJECT } from "./mailing.ts";
import { type Command, has, run } from "./process.ts";

/** The connections of every contender that uses several. */
export const CONNECTIONS = 10;

/** A program in a comparison, and how it sends `count` mails to a port. */
export interface Contender {
  readonly name: string;
  /** Returns the milliseconds of the whole run, including the start-up. */
  readonly send: (mails: number, port: number) => Promise<number>;
}

/** A contender that is not installed, and why. */
export interface Absent {
  readonly name: string;
  readonly reason: string;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** This program's `send`, run from its sources with the permissions of `deno task send`. */
export function ownCommand(mailing: Mailing, list: string, port: number, ledger: string): Command {
  return {
    program: Deno.execPath(),
    args: [
      ...["run", ...RUN_FLAGS, here("../src/main.ts"), "send"],
      ...["--recipients", list, "--template", mailing.template, "--config", mailing.config],
      ...["--smtp", `smtp://127.0.0.1:${port}?tls=off`, "--connections", String(CONNECTIONS)],
      ...["--ledger", ledger, "--campaign", "bench", "--progress", "none", "--yes", "--json"],
    ],
  };
}

export function ownProgram(mailing: Mailing): Contender {
  return contender(
    "this program",
    (mails, port) => ownCommand(mailing, mailing.list(mails), port, mailing.ledger("throughput")),
  );
}

/** Finds the peers that are installed on this machine, and those that are not. */
export async function findPeers(
  mailing: Mailing,
  folder: string,
): Promise<{ readonly peers: readonly Contender[]; readonly absent: readonly Absent[] }> {
  const peers: Contender[] = [nodemailerPool(mailing)];
  const absent: Absent[] = [];
  const offer = async (name: string, find: () => Promise<Contender | string>): Promise<void> => {
    const found = await find();
    if (typeof found === "string") absent.push({ name, reason: found });
    else peers.push(found);
  };
  await offer("nodemailer pool, Node", () => nodemailerOnNode(mailing, folder));
  await offer("smtp-source -d", () => smtpSource());
  await offer("Go net/smtp, 10 workers", () => goPool(mailing, folder));
  await offer("Python smtplib, sequential", () => pythonFloor(mailing));
  return { peers, absent };
}

/** Times whole runs from outside, including the start-up, as for this program. */
function contender(
  name: string,
  command: (mails: number, port: number) => Command,
): Contender {
  return {
    name,
    async send(mails, port) {
      const { wallMs } = await run(command(mails, port));
      return wallMs;
    },
  };
}

const peer = (name: string): string => here(`peers/${name}`);
const letterOf = (mailing: Mailing): string[] => [mailing.body, SUBJECT, SENDER];

export function nodemailerPool(mailing: Mailing): Contender {
  return contender("nodemailer pool, Deno", (mails, port) => ({
    program: Deno.execPath(),
    args: [
      ...["run", "--allow-net", "--allow-read", "--allow-env", "--allow-sys"],
      ...[peer("nodemailer.mjs"), String(port), String(CONNECTIONS), mailing.list(mails)],
      ...letterOf(mailing),
    ],
  }));
}

/** Installs the version of the import map into its own folder. */
async function nodemailerOnNode(mailing: Mailing, folder: string): Promise<Contender | string> {
  if (!await has("node", "--version")) return "node is not installed";
  const config: { imports: Record<string, string> } = JSON.parse(
    await Deno.readTextFile(here("../deno.json")),
  );
  const version = config.imports["nodemailer"]?.replace(/^npm:/, "") ?? "nodemailer";
  const script = `${folder}/nodemailer.mjs`;
  await Deno.copyFile(peer("nodemailer.mjs"), script);
  try {
    await run({
      program: "npm",
      args: ["install", "--no-audit", "--no-fund", "--prefix", folder, version],
    });
  } catch {
    return "npm cannot install nodemailer";
  }
  return contender("nodemailer pool, Node", (mails, port) => ({
    program: "node",
    args: [script, String(port), String(CONNECTIONS), mailing.list(mails), ...letterOf(mailing)],
  }));
}

/** The body length for smtp-source that gives a mail of 1,084 bytes, the average of ours as counted by the sink. */
const PAYLOAD_BYTES = BODY.length + 197;

async function smtpSource(): Promise<Contender | string> {
  if (!await has("smtp-source")) return "smtp-source (of Postfix) is not installed";
  return contender("smtp-source -d", (mails, port) => ({
    program: "smtp-source",
    args: [
      ...["-d", "-s", String(CONNECTIONS), "-m", String(mails)],
      ...["-l", String(PAYLOAD_BYTES), "-f", SENDER],
      ...["-t", "reader@example.com", `127.0.0.1:${port}`],
    ],
  }));
}

/** Builds it once, into its own folder. */
async function goPool(mailing: Mailing, folder: string): Promise<Contender | string> {
  if (!await has("go", "version")) return "go is not installed";
  const program = `${folder}/net_smtp`;
  await run({ program: "go", args: ["build", "-o", program, peer("net_smtp.go")] });
  return contender("Go net/smtp, 10 workers", (mails, port) => ({
    program,
    args: [String(port), String(CONNECTIONS), mailing.list(mails), ...letterOf(mailing)],
  }));
}

async function pythonFloor(mailing: Mailing): Promise<Contender | string> {
  if (!await has("python3", "--version")) return "python3 is not installed";
  return contender("Python smtplib, sequential", (mails, port) => ({
    program: "python3",
    args: [peer("sequential.py"), String(port), mailing.list(mails), ...letterOf(mailing)],
  }));
}
