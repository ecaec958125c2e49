/** How the connection is encrypted. With `starttls`, delivery fails if the server does not offer STARTTLS. */
export type Security = "tls" | "starttls" | "opportunistic" | "off";

export type AuthMechanism = "plain" | "login" | "cram-md5" | "xoauth2";

/** A secret that no template string, JSON or inspector prints; only `reveal` returns it. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }

  [Symbol.for("Deno.customInspect")](): string {
    return "[secret]";
  }
}

/** How often something may happen: `count` times in `perMs` milliseconds. */
export interface Rate {
  readonly count: number;
  readonly perMs: number;
}

/** An SMTP server that accepts our mail, as described by an `smtp://` or `smtps://` URL. */
export interface Relay {
  /** `host:port`, for logs, the ledger and the report; never holds a user or a password. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly security: Security;
  /** Our name in EHLO: a domain or an address literal (RFC 5321, 4.1.1.1); undefined: the literal of the local address. */
  readonly helo: string | undefined;
  readonly auth:
    | {
      readonly user: string;
      readonly password: Secret;
      readonly mechanism: AuthMechanism | undefined;
    }
    | undefined;
  /** PEM texts: authorities to trust besides the system's, and the client certificate with its key. */
  readonly ca: string | undefined;
  readonly certificate: { readonly cert: string; readonly key: Secret } | undefined;
  /** false: not to be used even where it is offered (`chunking=off`, `pipelining=off`). */
  readonly chunking: boolean;
  readonly pipelining: boolean;
  /** Relative share of the connections when there are several relays; 1 unless the URL says otherwise. */
  readonly weight: number;
  /** Limits for this relay only. */
  readonly connections: number | undefined;
  readonly rate: Rate | undefined;
  /** The embedded server: mail goes to a folder and nothing leaves the machine. */
  readonly sandbox: boolean;
}
