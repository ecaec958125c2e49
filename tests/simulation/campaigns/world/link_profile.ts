import type { Owner } from "./world_time.ts";

/** The owner of events on their way to a process: they are dropped with it, but do not count as its timers. */
export function onTheWayTo(client: Client): Owner {
  return {
    get alive() {
      return client.alive;
    },
  };
}

/** How a connection is cut: after this many bytes to the relay ("up") or from it ("down"), or this many ms. */
export interface Cut {
  readonly after: "up" | "down" | "ms";
  readonly count: number;
  /** "silence": both ends stay open, and nothing arrives any more. */
  readonly how: "reset" | "close" | "silence";
}

export interface LinkProfile {
  /** One way, ms. */
  readonly latencyMs: number;
  /** Bytes arrive in pieces, and writes may take only a part of what they are given. */
  readonly splits: boolean;
  /** The system has no room to buffer: a write is over when its bytes have arrived. */
  readonly waits: boolean;
  readonly cut: Cut | undefined;
}

/** The relay's end of a connection. */
export interface ServerEnd {
  receive(text: string): void;
  /** The client, or the link, is gone. */
  gone(): void;
}

/** A process that writes and reads, and may be killed at any of these steps. */
export interface Client extends Owner {
  /** Something was, or is about to be, written or read. */
  step(what: string): void;
}
