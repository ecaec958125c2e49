/** The envelope of RFC 5321, 2.3.1: the address for failure notices, and the single mailbox that the mail goes to. */
export interface Envelope {
  readonly sender: string;
  readonly recipient: string;
  /** An address or a header holds non-ASCII that only SMTPUTF8 (RFC 6531) carries. */
  readonly smtpUtf8: boolean;
}

/** A file attached to a mail: its name there, and the SHA-256 of its octets in hexadecimal. */
export interface AttachedFile {
  readonly name: string;
  readonly sha256: string;
}

/** A mail as it goes to the server, except for dot-stuffing, which the transaction does. */
export interface Mail {
  readonly envelope: Envelope;
  readonly messageId: string;
  /** Header and body; CRLF line ends only, no bare CR or LF, ends with CRLF. */
  readonly bytes: Uint8Array;
  /** The body holds bytes over 127 and needs BODY=8BITMIME (RFC 6152). */
  readonly eightBit: boolean;
  /** The files that its `Attachment:` lines name; undefined if there are none. */
  readonly attachments?: readonly AttachedFile[] | undefined;
}

/** A row and a template that make no valid mail: a header holds an invalid address, or a line cannot be folded. */
export interface Unmailable {
  readonly kind: "unmailable";
  readonly reason: string;
  /** The error that was thrown; absent if a rule was broken instead. */
  readonly cause?: unknown;
}

/** What the server supports; decides the transfer encoding. */
export interface Transport {
  readonly eightBit: boolean;
}
