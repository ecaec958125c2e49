import { discardsRefusedChunks } from "../../smtp/session/chunk_probe.ts";
import { connectRelay } from "../../smtp/session/connect_relay.ts";
import { SmtpClient } from "../../smtp/smtp_client.ts";
import type { Session } from "../../smtp/session/session.ts";
import type { RelayController } from "../relay/relay_controller.ts";
import { newSession, type SessionCounts } from "./connection_slot.ts";
import type { Stop } from "../../model/stop.ts";

/** A connection that is ready for mails. */
export interface OpenClient {
  readonly client: SmtpClient;
  readonly counts: SessionCounts;
  /** Whether the server accepts 8-bit bytes. */
  readonly eightBit: boolean;
}

export interface OpenClientOptions {
  /** Stops waiting for a connection. */
  readonly stop: Stop;
  /** Ends the client, even with mails under way. */
  readonly abandon: AbortSignal;
  /** Most mails under way; undefined: the client decides. */
  readonly window: number | undefined;
}

/**
 * Opens a connection that uses the extensions that the server offers and supports; returns undefined if none can be
 * opened now.
 */
export async function openClient(
  controller: RelayController,
  options: OpenClientOptions,
): Promise<OpenClient | undefined> {
  const { signal } = options.stop;
  const { connectionLimits: limits } = controller;
  controller.connecting();
  try {
    let session = await connect(controller, signal);
    if (session !== undefined && usesChunking(session, controller) && !limits.chunkingShown) {
      const shown = await discardsRefusedChunks(session, signal);
      limits.probedChunking(shown);
      if (!shown) {
        session.connection[Symbol.dispose]();
        session = await connect(controller, signal);
      }
    }
    return session && clientOver(session, controller, options);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

async function connect(
  controller: RelayController,
  signal: AbortSignal,
): Promise<Session | undefined> {
  const session = await connectRelay(controller.relay, {
    signal,
    hadSession: controller.connectionLimits.hadSession,
  });
  if (session.kind === "session") return session;
  controller.connectFailed(session);
  return undefined;
}

/** CHUNKING without PIPELINING saves no round trip (`chooseStrategy`). */
function usesChunking(
  { capabilities }: Session,
  { connectionLimits: limits }: RelayController,
): boolean {
  return capabilities.chunking && capabilities.pipelining && limits.chunking && !limits.lockStep;
}

function clientOver(
  session: Session,
  controller: RelayController,
  { abandon, window }: OpenClientOptions,
): OpenClient {
  const { connectionLimits: limits } = controller;
  const { lockStep, chunking, behindDot } = limits;
  const { pipelining, eightBitMime } = session.capabilities;
  const counts = newSession(controller.connected(), {
    chunking: usesChunking(session, controller),
    pipelining: pipelining && !lockStep,
  });
  const roundTripMs = limits.roundTrip(session.roundTripMs);
  const client = new SmtpClient({ ...session, roundTripMs }, {
    signal: abandon,
    window,
    mostUnderWay: () => limits.mailsInFlight,
    lockStep,
    chunking,
    behindDot,
  });
  return { client, counts, eightBit: eightBitMime };
}
