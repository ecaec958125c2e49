import { bdatLast, QUIT, RSET } from "../wire/command.ts";
import { Dialogue, DialogueBroken } from "./dialogue.ts";
import { positive } from "../../model/reply.ts";
import type { Session } from "./session.ts";

/**
 * Whether the server reads a chunk that it refuses, as it must (RFC 3030, 2).
 *
 * Some take the octets of a refused chunk for commands (go-smtp does), and what a mail's text holds would be obeyed. In a window,
 * a chunk is on its way before the reply to its RCPT is known, so this is tried before the first mail: a chunk without a
 * transaction, which can deliver nothing, and which says QUIT. A server that reads commands there says goodbye.
 *
 * Where it returns false, or throws, the connection is of no more use.
 *
 * Throws the signal's reason when the signal aborts.
 */
export async function discardsRefusedChunks(
  session: Session,
  signal: AbortSignal,
): Promise<boolean> {
  const { connection, timeouts } = session;
  const abort = () => connection.end("cancelled", "Connection was given up");
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    const dialogue = new Dialogue(connection);
    await dialogue.exchange("body", bdatLast(QUIT.length) + QUIT, timeouts.command);
    const reply = await dialogue.exchange("rset", RSET, timeouts.command);
    const goodbye = dialogue.finish("rset");
    return positive(reply) && reply.code !== GOODBYE && goodbye === undefined;
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof DialogueBroken) return false;
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** The reply to QUIT (RFC 5321, 4.1.1.10). */
const GOODBYE = 221;
