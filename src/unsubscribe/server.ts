import { InputError } from "../model/input_error.ts";
import { UnsubscribeHandler } from "./unsubscribe_handler.ts";
import { Reception, type ReceptionLimits } from "./reception.ts";
import type { RequestRefusal } from "./refusal.ts";
import type { ServerEvents, ServerOptions } from "./server_options.ts";

/** What clients may take up. */
const LIMITS: ReceptionLimits = {
  // Where a process has fewer descriptors, their end is the limit; Deno asks the system for as many as it gives.
  mostConnections: 2_000,
  // A request follows the handshake at once; a client or proxy that is busy takes a moment.
  graceMs: 500,
  headMs: 10_000,
  // A form of thirty octets that takes longer than this is no form.
  bodyMs: 5_000,
  farewellMs: 3_000,
  // Longer than a body may take, shorter than the ten seconds after which Docker kills.
  lastMs: 6_000,
};

/**
 * Serves the links of mails until the signal, then ends what is under way: a page on GET, which changes nothing, and on POST
 * the one-click of RFC 8058 or the page's button. Who got a 200 to a POST is on the list, and on the disk.
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
      hint: "name another address with --listen, such as 127.0.0.1:8090",
      cause,
    });
  }
}
