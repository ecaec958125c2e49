/** What a relay says to a command, and what it does then. */
export interface Answer {
  /** Reply lines without their CRLF; empty: it says nothing. */
  readonly say: readonly string[];
  /** How long it takes to reply, in ms. */
  readonly afterMs?: number;
  readonly then?: "close" | "reset" | "silence";
}

/** What a session offers and how it behaves, for every recipient. */
export interface ServerProfile {
  /** Lines of the reply to EHLO after the first; undefined: HELO only. */
  readonly offers: readonly string[] | undefined;
  /** DATA is answered with 354 although no recipient was accepted; the empty mail is then refused. */
  readonly acceptsEmptyData: boolean;
  /** What follows a final dot in the same packet is refused (Haraka). */
  readonly refusesAfterDot: boolean;
  /** The octets of a refused chunk are read as commands (go-smtp). */
  readonly readsRefusedChunks: boolean;
  /** After a 421 it waits a while for the client to close. */
  readonly lingers: boolean;
}

/** What the relay decides, mail by mail. */
export interface SessionPolicy {
  readonly profile: ServerProfile;
  greeting(): Answer;
  mail(): Answer;
  rcpt(recipient: string): Answer;
  body(recipient: string, text: string): Answer;
  /** A command was read, for the history. */
  heard(line: string): void;
  /** The client has started something although it knows that the session is over. */
  commandAfter421(line: string): void;
  ended(): void;
}
