import { bdatLast, QUIT, RSET } from "../wire/command.ts";
import { Dialogue, DialogueBroken } from "./dialogue.ts";
import { positive } from "../../model/reply.ts";
import type { Session } from "./session.ts";

/**
 * Returns whether the server discards the octets of a chunk that it refuses, as it must (RFC 3030, 2).
 *
 * Some servers (such as go-smtp) take them for commands, and would obey the text of a mail. In a window, a chunk is on
 * its way before the reply to its RCPT is known, so this is tried before the first mail: with a chunk outside any
 * transaction, which can deliver nothing, and whose text is QUIT. A server that reads commands there says goodbye.
 *
 * After false, or an error, the connection cannot be used.
 *
 * @throws The signal's reason when the signal aborts.
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
