import { openSandbox } from "../../src/sandbox/sandbox.ts";

/** A local relay that accepts every mail and records the recipients. The program cannot distinguish it from a real one. */
export interface LocalRelay extends AsyncDisposable {
  readonly url: string;
  /** Addresses in the order of their mails. */
  readonly mailed: readonly string[];
}

export async function openLocalRelay(): Promise<LocalRelay> {
  const outbox = await Deno.makeTempDir({ prefix: "relay-" });
  const mailed: string[] = [];
  const server = await openSandbox({
    listen: { hostname: "127.0.0.1", port: 0 },
    outbox,
    signal: new AbortController().signal,
    onMail: ({ recipients }) => void mailed.push(...recipients),
  });
  return {
    url: `smtp://127.0.0.1:${server.port}?tls=off`,
    mailed,
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await Deno.remove(outbox, { recursive: true });
    },
  };
}
