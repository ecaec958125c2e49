import type { SendOptions } from "../send_options.ts";
import type { Relay } from "../../model/relay.ts";

/** Where mail goes in this run; the embedded server runs as long as this is open. */
export interface OpenRelays extends AsyncDisposable {
  readonly relays: readonly Relay[];
}

/** Starts the embedded server if a relay is `sandbox:`, and puts its address in place of the relay's. */
export async function openRelays(
  options: Pick<SendOptions, "relays" | "outbox">,
  signal: AbortSignal,
): Promise<OpenRelays> {
  if (!options.relays.some(({ sandbox }) => sandbox)) {
    return { relays: options.relays, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const { openSandbox } = await import("../../sandbox/sandbox.ts");
  const sandbox = await openSandbox({
    listen: { hostname: "127.0.0.1", port: 0 },
    outbox: options.outbox,
    signal,
  });
  const relays = options.relays.map((relay) =>
    relay.sandbox ? { ...relay, host: sandbox.hostname, port: sandbox.port } : relay
  );
  return { relays, [Symbol.asyncDispose]: () => sandbox[Symbol.asyncDispose]() };
}
