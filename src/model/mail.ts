/** The envelope of RFC 5321, 2.3.1: who is told of a failure, and the one mailbox it goes to. */
export interface Envelope {
  readonly sender: string;
  readonly recipient: string;
  /** An address or a header holds non-ASCII that only SMTPUTF8 (RFC 6531) carries. */
  readonly smtpUtf8: boolean;
}

/** A mail as it goes to the server, except for dot-stuffing, which is the transaction's. */
export interface Mail {
  readonly envelope: Envelope;
  readonly messageId: string;
  /** Header and body; CRLF line ends only, no bare CR or LF, ends with CRLF. */
  readonly bytes: Uint8Array;
  /** The body holds bytes over 127 and needs BODY=8BITMIME (RFC 6152). */
  readonly eightBit: boolean;
}

/** The row and the template do not make a mail (an address in a header that is none, a line that cannot be folded). */
export interface Unmailable {
  readonly kind: "unmailable";
  readonly reason: string;
  /** What was thrown where that is why; not there where a rule was broken. */
  readonly cause?: unknown;
}

/** What the server on the other side can take; decides the transfer encoding. */
export interface Transport {
  readonly eightBit: boolean;
}
