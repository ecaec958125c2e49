import type { Reply } from "./reply.ts";

/** The step of the dialogue in which something happened. `body` is everything from 354 to the reply after the dot; with
 * CHUNKING it is the BDAT command and its reply. */
export type Stage =
  | "connect"
  | "greeting"
  | "ehlo"
  | "starttls"
  | "auth"
  | "mail"
  | "rcpt"
  | "data"
  | "body"
  | "rset"
  | "quit";

/** Why a dialogue ended without a reply. Decisions read this, never the text beside it. */
export type DisconnectCause =
  | "refused" // nothing listens on the port, or the network rejects the connection
  | "exhausted" // this process has no file descriptors left
  | "unreachable" // no route, or no such name
  | "name-service" // the name service does not answer, which says nothing about the name
  | "timeout" // no reply (or no room to write) within the time that RFC 5321, 4.5.3.2 allows
  | "closed" // end of stream or reset
  | "protocol" // a reply that breaks RFC 5321, 4.2
  | "out-of-step" // replies that do not match what was pipelined: this server cannot do what it offers
  | "not-smtp" // the server speaks another protocol, possibly TLS from the first byte
  | "tls" // handshake or certificate
  | "cancelled"; // this program abandoned the dialogue

/** What became of one mail on one connection. */
export type Attempt =
  | { readonly kind: "accepted"; readonly reply: Reply }
  | { readonly kind: "refused"; readonly stage: Stage; readonly reply: Reply }
  | {
    readonly kind: "broken";
    readonly stage: Stage;
    readonly cause: DisconnectCause;
    /** The final dot (or last BDAT chunk) may have reached the server, so the fate of the mail is unknown. */
    readonly handedOver: boolean;
    readonly detail: string;
  }
  /** This server cannot carry this mail (SIZE, SMTPUTF8); detected before MAIL, so nothing was sent. */
  | { readonly kind: "unsendable"; readonly lacks: "size" | "smtputf8"; readonly detail: string };
