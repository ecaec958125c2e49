import type { TokenSecret } from "../compose/unsubscribe_token.ts";
import type { SuppressionSource } from "../record/suppression.ts";
import type { SuppressionList } from "../record/suppression_list.ts";
import { InputError } from "../report/input_error.ts";
import { BODY_MS, Desk } from "./desk.ts";

/**
 * How long requests under way have to end once the signal says stop: longer than a body may take, shorter than the ten
 * seconds after which Docker kills. Connections that have sent nothing yet are not waited for any longer either.
 */
const FAREWELL_MS = BODY_MS + 1_000;

/** Somebody who has left, and is on the list. */
export interface Left {
  readonly key: string;
  readonly campaign: string;
  readonly source: SuppressionSource;
}

export interface ServerOptions {
  /** Port 0 lets the system choose one. */
  readonly listen: { readonly hostname: string; readonly port: number };
  /** Where it is reached from outside; links may come with its path or, behind a proxy that takes it off, without. */
  readonly baseUrl: string;
  readonly secret: TokenSecret;
  readonly list: SuppressionList;
  /** Whose mails they are, for the page. */
  readonly sender: string | undefined;
  /** Reverse proxies of our own in front. */
  readonly proxies: number;
}

/** Told of what happens, as it happens. */
export interface ServerEvents {
  readonly onListen?: (address: { readonly hostname: string; readonly port: number }) => void;
  readonly onLeft?: (left: Left) => void;
  /** A request that failed through no fault of its own; it got 503. */
  readonly onFault?: (error: unknown) => void;
}

/**
 * Serves the links of mails until the signal, then ends what is under way: a page on GET, which changes nothing, and on POST
 * the one-click of RFC 8058 or the page's button. Who got a 200 to a POST is on the list, and on the disk.
 *
 * @throws {InputError} When the address cannot be listened on.
 */
export async function serveUnsubscribe(
  options: ServerOptions & ServerEvents & { readonly signal: AbortSignal },
): Promise<void> {
  const { listen, signal, onListen, onFault } = options;
  if (signal.aborted) return;
  const desk = new Desk(options);
  const server = listening(listen, () =>
    Deno.serve({
      ...listen,
      // Without these two Deno writes to the terminal.
      onListen: ({ hostname, port }) => onListen?.({ hostname, port }),
      onError: (error) => {
        onFault?.(error);
        return new Response("Something went wrong\n", { status: 503 });
      },
    }, (request, { remoteAddr }) => desk.answer(request, remoteAddr.hostname)));
  const over = Promise.withResolvers<void>();
  let farewell: ReturnType<typeof setTimeout> | undefined;
  const stop = () => {
    farewell = setTimeout(over.resolve, FAREWELL_MS);
    void server.shutdown();
  };
  signal.addEventListener("abort", stop, { once: true });
  try {
    await Promise.race([server.finished, over.promise]);
  } finally {
    clearTimeout(farewell);
    signal.removeEventListener("abort", stop);
  }
}

function listening<T>({ hostname, port }: ServerOptions["listen"], start: () => T): T {
  try {
    return start();
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
