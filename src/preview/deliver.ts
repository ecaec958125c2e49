import type { Mail, Transport } from "../model/mail.ts";
import { judgeConnect } from "../policy/replies/connect_rules.ts";
import { judgeReply } from "../policy/replies/reply_rules.ts";
import type { Attempt } from "../model/attempt.ts";
import { connectRelay } from "../smtp/session/connect_relay.ts";
import { SmtpClient } from "../smtp/smtp_client.ts";
import type { Relay } from "../model/relay.ts";
import { replyLine } from "../model/reply.ts";
import type { ChosenRow } from "./choice.ts";
import type { NoMail } from "./preview.ts";

/** What became of the test of one row. */
export interface Tested {
  readonly row: ChosenRow;
  readonly state: "sent" | "failed" | "in-doubt" | "no-mail";
  /** The relay's reply, or the reason. */
  readonly detail: string;
}

/** Why no more tests were sent. */
export interface Halt {
  readonly reason: string;
  readonly hint: string | undefined;
}

/** What is to be sent, and through what. */
export interface TestDelivery {
  readonly relays: readonly Relay[];
  readonly rows: readonly ChosenRow[];
  readonly make: (row: ChosenRow, transport: Transport) => Promise<Mail | NoMail>;
  /** Aborted: the mail that is under way is finished, and no other begun. */
  readonly signal: AbortSignal;
  readonly onTested: (tested: Tested) => void;
}

const STOPPED: Halt = { reason: "Stopped by a signal", hint: undefined };

/**
 * Sends tests one after the other over one connection, to the first relay that a session comes about with. Nothing is tried again
 * and nothing is recorded: whoever asked for them sees what arrives.
 *
 * @returns why it ended before the last row; undefined: it did not
 */
export async function deliverTests(delivery: TestDelivery): Promise<Halt | undefined> {
  const { rows, make, signal, onTested } = delivery;
  let line: Line | undefined;
  try {
    for (const row of rows) {
      if (signal.aborted) return STOPPED;
      if (line === undefined || !await line.client.ready()) {
        await line?.client.close();
        const opened: Line | Halt = await openLine(delivery);
        if ("reason" in opened) return opened;
        line = opened;
      }
      const mail = await make(row, line.transport);
      if ("kind" in mail) {
        onTested({ row, state: "no-mail", detail: mail.reason });
        continue;
      }
      const attempt = await line.client.send(mail, () => {});
      const { state, detail, halt } = verdictOf(attempt);
      if (state !== undefined) onTested({ row, state, detail });
      if (halt !== undefined) return halt;
    }
    return undefined;
  } finally {
    await line?.client.close();
  }
}

/** A connection that takes mails. */
interface Line {
  readonly client: SmtpClient;
  readonly transport: Transport;
}

async function openLine({ relays, signal }: TestDelivery): Promise<Line | Halt> {
  let halt = STOPPED;
  for (const relay of relays) {
    try {
      const session = await connectRelay(relay, { signal });
      if (session.kind === "session") {
        const client = new SmtpClient(session, { signal: new AbortController().signal });
        return { client, transport: { eightBit: session.capabilities.eightBitMime } };
      }
      halt = judgeConnect(relay, session);
    } catch (error) {
      if (signal.aborted) return STOPPED;
      throw error;
    }
  }
  return halt;
}

/** What an attempt means for its mail, and for those after it: all have one recipient, and nearly all one sender. */
function verdictOf(
  attempt: Attempt,
): { state: Tested["state"] | undefined; detail: string; halt: Halt | undefined } {
  switch (attempt.kind) {
    case "accepted":
      return { state: "sent", detail: replyLine(attempt.reply), halt: undefined };
    case "unsendable":
      return { state: "failed", detail: attempt.detail, halt: undefined };
    case "broken": {
      const { detail, handedOver } = attempt;
      const state = handedOver ? "in-doubt" : undefined;
      return { state, detail, halt: { reason: detail, hint: undefined } };
    }
    case "refused": {
      const detail = replyLine(attempt.reply);
      const meaning = judgeReply(attempt.stage, attempt.reply);
      if (meaning.kind === "recipient" || meaning.kind === "suspicion") {
        return { state: "failed", detail, halt: undefined };
      }
      const hint = meaning.kind === "refuses-us" ? meaning.hint : undefined;
      return { state: undefined, detail, halt: { reason: `The relay refused: ${detail}`, hint } };
    }
  }
}
