import type { Attempt } from "../model/attempt.ts";
import type { Mail, Transport } from "../model/mail.ts";
import type { Relay } from "../model/relay.ts";
import { replyLine } from "../model/reply.ts";
import type { StopReason } from "../model/stop.ts";
import { judge } from "../policy/judge.ts";
import type { AttemptContext } from "../policy/judgement.ts";
import type { RetryPolicy } from "../policy/retry_policy.ts";
import { judgeConnect } from "../policy/replies/connect_rules.ts";
import { connectRelay } from "../smtp/session/connect_relay.ts";
import { SmtpClient } from "../smtp/smtp_client.ts";
import type { ChosenRow } from "./choice.ts";
import type { NoMail } from "./preview.ts";

/** What became of one row's test mail. */
export interface TestResult {
  readonly row: ChosenRow;
  readonly state: "sent" | "failed" | "in-doubt" | "no-mail";
  /** The relay's reply, or the reason. */
  readonly detail: string;
}

/** What is to be sent, and through what. */
export interface TestDelivery {
  readonly relays: readonly Relay[];
  readonly rows: readonly ChosenRow[];
  readonly make: (row: ChosenRow, transport: Transport) => Promise<Mail | NoMail>;
  /** Aborted: the mail in flight is finished, and no other begun. */
  readonly signal: AbortSignal;
  readonly onTested: (tested: TestResult) => void;
}

/** Why tests end before the last one. */
export type TestStop = Omit<StopReason, "kind">;

const STOPPED: TestStop = { reason: "Stopped by a signal", hint: undefined };

/**
 * Sends tests one after the other over one connection, to the first relay that accepts a session. Nothing is retried and nothing
 * is recorded: the user sees what arrives.
 *
 * @returns why it ended before the last row; undefined: it did not
 */
export async function deliverTests(delivery: TestDelivery): Promise<TestStop | undefined> {
  const { rows, make, signal, onTested } = delivery;
  let connection: RelayConnection | undefined;
  try {
    for (const row of rows) {
      if (signal.aborted) return STOPPED;
      if (connection === undefined || !await connection.client.ready()) {
        await connection?.client.close();
        const opened: RelayConnection | TestStop = await openConnection(delivery);
        if ("reason" in opened) return opened;
        connection = opened;
      }
      const mail = await make(row, connection.transport);
      if ("kind" in mail) {
        onTested({ row, state: "no-mail", detail: mail.reason });
        continue;
      }
      const { tested, stop } = judgeTest(await connection.client.send(mail, () => {}));
      if (tested !== undefined) onTested({ row, ...tested });
      if (stop !== undefined) return stop;
    }
    return undefined;
  } finally {
    await connection?.client.close();
  }
}

/** A connection that accepts mails. */
interface RelayConnection {
  readonly client: SmtpClient;
  readonly transport: Transport;
}

async function openConnection(
  { relays, signal }: TestDelivery,
): Promise<RelayConnection | TestStop> {
  let stop = STOPPED;
  for (const relay of relays) {
    try {
      const session = await connectRelay(relay, { signal });
      if (session.kind === "session") {
        const client = new SmtpClient(session, { signal: new AbortController().signal });
        return { client, transport: { eightBit: session.capabilities.eightBitMime } };
      }
      stop = judgeConnect(relay, session);
    } catch (error) {
      if (signal.aborted) return STOPPED;
      throw error;
    }
  }
  return stop;
}

/**
 * What is known of a relay that gets only tests, all for one inbox: a limit that is reached is reached for all of them, and what
 * can be the mail's fault is treated as such, as the next mail may be different.
 */
const ONE_INBOX: AttemptContext = {
  attempt: 1,
  firstTriedAt: 0,
  now: 0,
  random: 0,
  relay: {
    blame: () => "recipient",
    takes: false,
    hasTaken: false,
    atLimit: true,
    isSeldom: false,
    isOwnLimit: false,
    isAlone: () => true,
    restedMs: 0,
  },
};

/** Never gives up: what `send` would retry is deferred, not failed. */
const RETRIED: RetryPolicy = { retries: Infinity, retryForMs: Infinity, firstRetryMs: 0 };

interface TestVerdict {
  /** undefined: nothing became of the mail. */
  readonly tested?: Pick<TestResult, "state" | "detail">;
  /** undefined: the next test may follow. */
  readonly stop?: TestStop;
}

/** As for `send`, but what is deferred there ends the tests. */
function judgeTest(attempt: Attempt): TestVerdict {
  const { outcome, feedback } = judge(attempt, ONE_INBOX, RETRIED);
  const reason = "reason" in outcome ? outcome.reason : "";
  const detail = outcome.reply === undefined ? reason : replyLine(outcome.reply);
  const hint = feedback.kind === "refuses-us" ? feedback.hint : undefined;
  switch (outcome.state) {
    case "sent":
    case "failed":
      return { tested: { state: outcome.state, detail } };
    case "in-doubt":
      return { tested: { state: "in-doubt", detail }, stop: { reason, hint } };
    default:
      return { stop: { reason, hint } };
  }
}
