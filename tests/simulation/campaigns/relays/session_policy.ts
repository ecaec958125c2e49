/** What a relay says to a command, and what it does then. */
export interface Answer {
  /** Reply lines without their CRLF; empty: it says nothing. */
  readonly say: readonly string[];
  /** How long it takes to say so, ms. */
  readonly afterMs?: number;
  readonly then?: "close" | "reset" | "silence";
}

/** What a session offers and how it behaves, whoever the recipient is. */
export interface ServerNature {
  /** Lines of the reply to EHLO behind the first; undefined: HELO only. */
  readonly offers: readonly string[] | undefined;
  /** 354 although nobody was accepted; the empty mail is refused then. */
  readonly letsInData: boolean;
  /** What stands behind a final dot in the same packet is refused (Haraka). */
  readonly refusesBehindDot: boolean;
  /** The octets of a refused chunk are read as commands (go-smtp). */
  readonly readsRefusedChunks: boolean;
  /** After a 421 it waits a while for the client to close. */
  readonly lingers: boolean;
}

/** What the relay decides, mail by mail. */
export interface SessionPolicy {
  readonly nature: ServerNature;
  greeting(): Answer;
  mail(): Answer;
  rcpt(recipient: string): Answer;
  body(recipient: string, text: string): Answer;
  /** A command was read, for the history. */
  heard(line: string): void;
  /** The client has begun something although it knows that the session is over. */
  spokenToAfterAll(line: string): void;
  ended(): void;
}
