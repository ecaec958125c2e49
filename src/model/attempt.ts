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
  | "refused" // nobody listens, or the network says no
  | "exhausted" // this process has no file descriptor left
  | "unreachable" // no route, or there is no such name
  | "name-service" // the name service does not answer, which says nothing about the name
  | "timeout" // no reply (or no room to write) within the time RFC 5321, 4.5.3.2 gives
  | "closed" // end of stream or reset
  | "protocol" // a reply that breaks RFC 5321, 4.2
  | "out-of-step" // replies that do not match what was pipelined: this server cannot do what it offers
  | "not-smtp" // another protocol is spoken there, TLS from the first byte included
  | "tls" // handshake or certificate
  | "cancelled"; // this program gave the dialogue up

/** What became of one mail on one connection. */
export type Attempt =
  | { readonly kind: "accepted"; readonly reply: Reply }
  | { readonly kind: "refused"; readonly stage: Stage; readonly reply: Reply }
  | {
    readonly kind: "broken";
    readonly stage: Stage;
    readonly cause: DisconnectCause;
    /** The final dot (or last BDAT chunk) may have reached the server: nobody can tell what it did with the mail. */
    readonly handedOver: boolean;
    readonly detail: string;
  }
  /** This server cannot carry this mail (SIZE, SMTPUTF8); found before MAIL, nothing was sent. */
  | { readonly kind: "unsendable"; readonly lacks: "size" | "smtputf8"; readonly detail: string };
