import type { Mail } from "../../model/mail.ts";
import { type ConnectFailure, connectRelay } from "../../smtp/session/connect_relay.ts";
import { mail as mailCommand, QUIT, rcpt as rcptCommand, RSET } from "../../smtp/wire/command.ts";
import { Dialogue, DialogueBroken } from "../../smtp/session/dialogue.ts";
import type { Relay } from "../../model/relay.ts";
import { positive } from "../../model/reply.ts";
import type { Reply } from "../../model/reply.ts";
import type { Session } from "../../smtp/session/session.ts";
import type { Timeouts } from "../../smtp/wire/timeouts.ts";

/** How a relay replied to an envelope whose mail was not sent. */
export type EnvelopeAnswer =
  | { readonly kind: "accepted" }
  | { readonly kind: "refused"; readonly stage: "mail" | "rcpt"; readonly reply: Reply }
  | { readonly kind: "broken"; readonly detail: string };

export type Probe =
  | ConnectFailure
  | {
    readonly kind: "probe";
    readonly session: Session;
    readonly envelope: EnvelopeAnswer | undefined;
  };

/** Somebody is waiting for the check: the minutes of RFC 5321, 4.5.3.2 are too long. */
const TIMEOUTS: Partial<Timeouts> = {
  connect: 10_000,
  handshake: 10_000,
  greeting: 30_000,
  command: 30_000,
  mail: 30_000,
  // Postfix may ask the recipient's own server first (address verification).
  rcpt: 60_000,
};

/**
 * Connects, secures and logs in as `send` would; then gives MAIL and RCPT for the envelope, takes them back with RSET and quits.
 * No mail is sent. The connection is closed in any case.
 */
export async function probeRelay(
  relay: Relay,
  mail: Mail | undefined,
  signal: AbortSignal,
): Promise<Probe> {
  const session = await connectRelay(relay, { signal, timeouts: TIMEOUTS });
  if (session.kind === "connect-failure") return session;
  const { connection } = session;
  const abort = () => connection.end("cancelled", "Connection was given up");
  signal.addEventListener("abort", abort, { once: true });
  try {
    const envelope = mail === undefined ? undefined : await tryEnvelope(session, mail);
    signal.throwIfAborted();
    return { kind: "probe", session, envelope };
  } finally {
    signal.removeEventListener("abort", abort);
    connection[Symbol.dispose]();
  }
}

async function tryEnvelope(session: Session, mail: Mail): Promise<EnvelopeAnswer> {
  const { capabilities, connection, timeouts } = session;
  const { sender, recipient, smtpUtf8 } = mail.envelope;
  // The server is examined, not this mail: whether it can carry the mail is for the checks of size and SMTPUTF8.
  if (smtpUtf8 && !capabilities.smtpUtf8) return { kind: "accepted" };
  const dialogue = new Dialogue(connection);
  try {
    const commands = [
      ["mail", mailCommand(sender, { smtpUtf8 }), timeouts.mail],
      ["rcpt", rcptCommand(recipient, smtpUtf8), timeouts.rcpt],
    ] as const;
    for (const [stage, command, ms] of commands) {
      const reply = await dialogue.exchange(stage, command, ms);
      if (positive(reply)) continue;
      await quit(dialogue, timeouts);
      return { kind: "refused", stage, reply };
    }
    await quit(dialogue, timeouts);
    return { kind: "accepted" };
  } catch (error) {
    if (!(error instanceof DialogueBroken)) throw error;
    return { kind: "broken", detail: error.why.detail };
  }
}

/** Nothing depends on how the server replies. */
async function quit(dialogue: Dialogue, timeouts: Timeouts): Promise<void> {
  try {
    await dialogue.exchange("rset", RSET, timeouts.quit);
    await dialogue.exchange("quit", QUIT, timeouts.quit);
  } catch (error) {
    if (!(error instanceof DialogueBroken)) throw error;
  }
}
