import type { Mail } from "../../src/model/mail.ts";
import type { Attempt } from "../../src/model/attempt.ts";
import { connectRelay } from "../../src/smtp/session/connect_relay.ts";
import { SmtpClient, type SmtpClientOptions } from "../../src/smtp/smtp_client.ts";
import type { Relay } from "../../src/model/relay.ts";
import type { Session } from "../../src/smtp/session/session.ts";
import type { Timeouts } from "../../src/smtp/wire/timeouts.ts";
import { ScriptedServer } from "../support/scripted_server.ts";

export const FOREVER: AbortSignal = new AbortController().signal;

/** A server on this machine, in clear, without login. */
export function relayAt(port: number, changes: Partial<Relay> = {}): Relay {
  return {
    name: `127.0.0.1:${port}`,
    host: "127.0.0.1",
    port,
    security: "off",
    helo: "client.test",
    auth: undefined,
    ca: undefined,
    certificate: undefined,
    chunking: true,
    pipelining: true,
    weight: 1,
    connections: undefined,
    rate: undefined,
    sandbox: false,
    ...changes,
  };
}

export const BODY = "Subject: x\r\n\r\nHello\r\n";

/** A mail from s@a.test to `recipient`. */
export function mailTo(recipient: string, text = BODY, changes: Partial<Mail> = {}): Mail {
  return {
    envelope: { sender: "s@a.test", recipient, smtpUtf8: false },
    messageId: "<1@a.test>",
    bytes: new TextEncoder().encode(text),
    eightBit: false,
    ...changes,
  };
}

export async function openSession(
  port: number,
  timeouts: Partial<Timeouts> = {},
  relay: Partial<Relay> = {},
): Promise<Session> {
  const session = await connectRelay(relayAt(port, relay), { signal: FOREVER, timeouts });
  if (session.kind === "session") return session;
  throw new Error(`No session: ${JSON.stringify(session)}`);
}

export async function openClient(
  port: number,
  options: Partial<SmtpClientOptions> & { timeouts?: Partial<Timeouts> } = {},
): Promise<SmtpClient> {
  const { timeouts, ...rest } = options;
  return new SmtpClient(await openSession(port, timeouts), { signal: FOREVER, ...rest });
}

/** The hand-over that needs no record. */
export function free(): void {}

/** The outcome of a mail, short enough for a table: "accepted 250", "refused rcpt 550", "broken body closed handed-over". */
export function outline(attempt: Attempt): string {
  switch (attempt.kind) {
    case "accepted":
      return `accepted ${attempt.reply.code}`;
    case "refused":
      return `refused ${attempt.stage} ${attempt.reply.code}`;
    case "broken":
      return `broken ${attempt.stage} ${attempt.cause}${attempt.handedOver ? " handed-over" : ""}`;
    case "unsendable":
      return `unsendable ${attempt.lacks}`;
  }
}

/**
 * Sends the mails one after the other, closes the client, and outlines their outcomes.
 *
 * @param atOnce Sends all of them without asking the client, as if its window had grown; otherwise as it admits them.
 */
export async function sendAll(
  client: SmtpClient,
  mails: readonly Mail[],
  atOnce = false,
): Promise<string[]> {
  const attempts: Promise<Attempt>[] = [];
  for (const mail of mails) {
    if (!atOnce) await client.ready();
    attempts.push(client.send(mail, free));
  }
  const outlines = (await Promise.all(attempts)).map(outline);
  await client.close();
  return outlines;
}

/** Plays a script to a client that sends the mails; returns their outcomes, and every byte the client wrote. */
export async function play(
  script: string,
  mails: readonly Mail[],
  options: Partial<SmtpClientOptions> & { timeouts?: Partial<Timeouts>; atOnce?: boolean } = {},
): Promise<{ outlines: string[]; written: string; client: SmtpClient }> {
  const { atOnce, ...rest } = options;
  await using server = new ScriptedServer(script);
  const client = await openClient(server.port, rest);
  const outlines = await sendAll(client, mails, atOnce);
  await server.finished();
  return { outlines, written: server.written(), client };
}

/** The lines of a transcript, indentation taken off, each ended with CRLF. */
export function wire(text: string): string {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "")
    .map((line) => (line === "~" ? "" : line) + "\r\n").join("");
}
