import type { Owner } from "./world_time.ts";

/** Whose the events are of what is on its way to a process: not its own timers, and gone with it. */
export function onTheWayTo(client: Client): Owner {
  return {
    get alive() {
      return client.alive;
    },
  };
}

/** How a connection comes to an early end: after so many bytes to the relay ("up") or from it ("down"), or after a time. */
export interface Cut {
  readonly after: "up" | "down" | "ms";
  readonly count: number;
  /** "silence": both ends are up, and nothing arrives any more. */
  readonly how: "reset" | "close" | "silence";
}

export interface LinkNature {
  /** One way, ms. */
  readonly latencyMs: number;
  /** Bytes arrive in pieces, and writes take a part of what they are given. */
  readonly splits: boolean;
  /** The system has no room for what is written: a write is over when it has arrived. */
  readonly waits: boolean;
  readonly cut: Cut | undefined;
}

/** What a relay does with a connection. */
export interface ServerEnd {
  receive(text: string): void;
  /** The client, or the link, is gone. */
  gone(): void;
}

/** What a process writes to and reads from a connection may be its last deed. */
export interface Client extends Owner {
  /** Something was, or is about to be, written or read. */
  step(what: string): void;
}
