import { InputError } from "../model/input_error.ts";
import { UnsubscribeHandler } from "./unsubscribe_handler.ts";
import { Reception, type ReceptionLimits } from "./reception.ts";
import type { RequestRefusal } from "./refusal.ts";
import type { ServerEvents, ServerOptions } from "./server_options.ts";

/** What clients can use. */
const LIMITS: ReceptionLimits = {
  // If the process has fewer descriptors, they are the limit; Deno requests as many as the system grants.
  mostConnections: 2_000,
  // A request follows the handshake at once; a busy client or proxy takes a moment.
  graceMs: 500,
  headMs: 10_000,
  // No honest client takes longer for a form of thirty octets.
  bodyMs: 5_000,
  farewellMs: 3_000,
  // Longer than a body can take; shorter than the ten seconds after which Docker kills the process.
  lastMs: 6_000,
};

/**
 * Serves the links in mails until the signal aborts, then finishes what has begun: GET shows a page and changes nothing; POST is
 * the one-click of RFC 8058 or the page's button. A 200 to a POST means that the recipient is on the list, and on disk.
 *
 * @throws {InputError} When the address cannot be listened on.
 */
export async function serveUnsubscribe(
  options: ServerOptions & ServerEvents & { readonly signal: AbortSignal },
): Promise<void> {
  const { listen, signal, onListen, onFault, limits } = options;
  if (signal.aborted) return;
  const handler = new UnsubscribeHandler(options);
  const answer = async (asked: Request | RequestRefusal, remote: string): Promise<Response> => {
    try {
      return await handler.answer(asked, remote);
    } catch (error) {
      onFault?.(error);
      return new Response("Something went wrong\n", { status: 503 });
    }
  };
  using listener = listenAt(listen);
  const { hostname, port } = listener.addr as Deno.NetAddr;
  onListen?.({ hostname, port });
  const reception = new Reception(answer, { ...LIMITS, ...limits }, (error) => onFault?.(error));
  await reception.run(listener, signal);
}

function listenAt({ hostname, port }: ServerOptions["listen"]): Deno.TcpListener {
  try {
    return Deno.listen({ hostname, port });
  } catch (cause) {
    const reason = cause instanceof Deno.errors.AddrInUse
      ? "the port is in use"
      : cause instanceof Deno.errors.PermissionDenied
      ? "permission denied"
      : cause instanceof Error
      ? cause.message
      : String(cause);
    const host = hostname.includes(":") ? `[${hostname}]` : hostname;
    throw new InputError(`Cannot listen on ${host}:${port}: ${reason}`, {
      hint: "Give another address with --listen, such as 127.0.0.1:8090.",
      cause,
    });
  }
}
