import { fileURLToPath } from "node:url";
import { freePort, has, Service } from "./process.ts";

/** A server that accepts mail on a local port until it is disposed of. */
export interface Target extends AsyncDisposable {
  readonly name: string;
  readonly port: number;
}

const BACKLOG = "1000";

/** Starts Postfix's smtp-sink or, if it is not installed, the sink of this benchmark. */
export async function startSink(): Promise<Target> {
  if (!await has("smtp-sink")) return await startOwnSink(false);
  const port = freePort();
  const user = Deno.uid() === 0 ? ["-u", "nobody"] : [];
  const args = [...user, `127.0.0.1:${port}`, BACKLOG];
  return target("smtp-sink", port, await Service.start({ program: "smtp-sink", args }, port));
}

/** Starts the sink of this benchmark in its own process. */
export async function startOwnSink(chunking: boolean): Promise<Target> {
  const port = freePort();
  const name = chunking ? "a sink that offers CHUNKING" : "a sink without CHUNKING";
  const args = [String(port), chunking ? "chunking" : ""];
  return target(name, port, await Service.start(denoScript("sink.ts", args), port));
}

/** Starts a proxy with the given delay in front of a server. */
export async function startDelay(server: Target, oneWayMs: number): Promise<Target> {
  const port = freePort();
  const args = [String(port), String(server.port), String(oneWayMs)];
  return target(server.name, port, await Service.start(denoScript("delay.ts", args), port));
}

function denoScript(name: string, args: readonly string[]) {
  const path = fileURLToPath(new URL(name, import.meta.url));
  return { program: Deno.execPath(), args: ["run", "--allow-net=127.0.0.1", path, ...args] };
}

function target(name: string, port: number, service: Service): Target {
  return { name, port, [Symbol.asyncDispose]: () => service[Symbol.asyncDispose]() };
}
