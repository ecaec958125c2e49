import type { Mail } from "../../src/compose/mail.ts";
import { connectRelay } from "../../src/smtp/client.ts";
import { Lane, type LaneOptions } from "../../src/smtp/lane.ts";
import type { Relay } from "../../src/smtp/relay.ts";
import type { Session } from "../../src/smtp/session.ts";
import type { Timeouts } from "../../src/smtp/timeouts.ts";

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

export async function openLane(
  port: number,
  options: Partial<LaneOptions> & { timeouts?: Partial<Timeouts> } = {},
): Promise<Lane> {
  const { timeouts, ...rest } = options;
  return new Lane(await openSession(port, timeouts), { signal: FOREVER, ...rest });
}

/** The hand-over that needs no record. */
export function free(): void {}
