import { discardsRefusedChunks } from "../../smtp/session/chunk_probe.ts";
import { connectRelay } from "../../smtp/session/connect_relay.ts";
import { Lane } from "../../smtp/smtp_client.ts";
import type { Session } from "../../smtp/session/session.ts";
import type { Gate } from "../relay/relay_controller.ts";
import { newSession, type SessionCounts } from "./connection_slot.ts";
import type { Stop } from "../../model/stop.ts";

/** A connection that takes mails. */
export interface OpenLane {
  readonly lane: Lane;
  readonly counts: SessionCounts;
  /** The server takes 8-bit bytes. */
  readonly eightBit: boolean;
}

export interface OpenLaneOptions {
  /** Ends the wait for a connection. */
  readonly stop: Stop;
  /** Ends the lane, whatever is under way. */
  readonly abandon: AbortSignal;
  /** Mails under way, at the most; undefined: as the lane finds out. */
  readonly window: number | undefined;
}

/** Opens a connection that uses the extensions which the server offers and is not known to get wrong; undefined: none can be had now. */
export async function openLane(
  gate: Gate,
  options: OpenLaneOptions,
): Promise<OpenLane | undefined> {
  const { signal } = options.stop;
  const { limits } = gate;
  gate.connecting();
  try {
    let session = await connect(gate, signal);
    if (session !== undefined && usesChunking(session, gate) && !limits.chunkingShown) {
      const shown = await discardsRefusedChunks(session, signal);
      limits.probedChunking(shown);
      if (!shown) {
        session.connection[Symbol.dispose]();
        session = await connect(gate, signal);
      }
    }
    return session && laneOver(session, gate, options);
  } catch (error) {
    if (signal.aborted) return undefined;
    throw error;
  }
}

async function connect(gate: Gate, signal: AbortSignal): Promise<Session | undefined> {
  const session = await connectRelay(gate.relay, { signal, met: gate.limits.met });
  if (session.kind === "session") return session;
  gate.connectFailed(session);
  return undefined;
}

/** CHUNKING without PIPELINING saves no round trip (`chooseStrategy`). */
function usesChunking({ capabilities }: Session, { limits }: Gate): boolean {
  return capabilities.chunking && capabilities.pipelining && limits.chunking && !limits.lockStep;
}

function laneOver(session: Session, gate: Gate, { abandon, window }: OpenLaneOptions): OpenLane {
  const { limits } = gate;
  const { lockStep, chunking, behindDot } = limits;
  const { pipelining, eightBitMime } = session.capabilities;
  const counts = newSession(gate.connected(), {
    chunking: usesChunking(session, gate),
    pipelining: pipelining && !lockStep,
  });
  const roundTripMs = limits.roundTrip(session.roundTripMs);
  const lane = new Lane({ ...session, roundTripMs }, {
    signal: abandon,
    window,
    mostUnderWay: () => limits.mailsInFlight,
    lockStep,
    chunking,
    behindDot,
  });
  return { lane, counts, eightBit: eightBitMime };
}
