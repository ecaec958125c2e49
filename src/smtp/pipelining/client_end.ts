import type { DisconnectCause } from "../../model/attempt.ts";
import type { Reply } from "../../model/reply.ts";

/** Why a client takes no more mails. */
export type ClientEnd =
  /** The server ended the session with 421 (RFC 5321, 3.8), or by refusing RSET, which it must not (4.1.1.5). */
  | { readonly kind: "dismissed"; readonly reply: Reply }
  /** As many mails were given as the server accepts in one session (RFC 9422). */
  | { readonly kind: "limit"; readonly mails: number }
  /** As many RSETs were sent as a server tolerates (`ResetCount`). */
  | { readonly kind: "resets" }
  | { readonly kind: "broken"; readonly cause: DisconnectCause; readonly detail: string }
  /** `close()` was called. */
  | { readonly kind: "closed" };
