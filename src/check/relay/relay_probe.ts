import type { Mail } from "../../model/mail.ts";
import { type ConnectFailure, connectRelay } from "../../smtp/session/connect_relay.ts";
import { mail as mailCommand, QUIT, rcpt as rcptCommand, RSET } from "../../smtp/wire/command.ts";
import { Dialogue, DialogueBroken } from "../../smtp/session/dialogue.ts";
import type { Relay } from "../../model/relay.ts";
import { positive } from "../../model/reply.ts";
import type { Reply } from "../../model/reply.ts";
import type { Session } from "../../smtp/session/session.ts";
import type { Timeouts } from "../../smtp/wire/timeouts.ts";

/** What a relay said to an envelope, the mail of which was not sent. */
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

/** Somebody waits for the answer of a check: minutes, as RFC 5321, 4.5.3.2 gives them to a mail, are too long. */
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
 * Connects, secures and logs in as a send would; then says MAIL and RCPT for the envelope, takes them back with RSET and
 * leaves with QUIT. No mail is sent. The connection is closed in any case.
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
    const envelope = mail === undefined ? undefined : await sayEnvelope(session, mail);
    signal.throwIfAborted();
    return { kind: "probe", session, envelope };
  } finally {
    signal.removeEventListener("abort", abort);
    connection[Symbol.dispose]();
  }
}

async function sayEnvelope(session: Session, mail: Mail): Promise<EnvelopeAnswer> {
  const { capabilities, connection, timeouts } = session;
  const { sender, recipient, smtpUtf8 } = mail.envelope;
  // It is not this mail but the server that is looked at: what it cannot carry is left out here and found by the size and
  // SMTPUTF8 checks.
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
      await leave(dialogue, timeouts);
      return { kind: "refused", stage, reply };
    }
    await leave(dialogue, timeouts);
    return { kind: "accepted" };
  } catch (error) {
    if (!(error instanceof DialogueBroken)) throw error;
    return { kind: "broken", detail: error.why.detail };
  }
}

/** Nothing depends on what the server says to it. */
async function leave(dialogue: Dialogue, timeouts: Timeouts): Promise<void> {
  try {
    await dialogue.exchange("rset", RSET, timeouts.quit);
    await dialogue.exchange("quit", QUIT, timeouts.quit);
  } catch (error) {
    if (!(error instanceof DialogueBroken)) throw error;
  }
}
