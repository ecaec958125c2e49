/** How the connection is kept from prying eyes. `starttls` is required and fails where the server lacks it. */
export type Security = "tls" | "starttls" | "opportunistic" | "off";

export type AuthMechanism = "plain" | "login" | "cram-md5" | "xoauth2";

/** A secret that no template string, JSON or inspector prints; `reveal` is the only way to it. */
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

/** One SMTP server that takes mail for us, as resolved from an `smtp://` or `smtps://` URL. */
export interface Relay {
  /** `host:port`, for logs, the ledger and the report; never holds a user or a password. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly security: Security;
  /** Our name in EHLO: a domain or an address literal (RFC 5321, 4.1.1.1); undefined: the literal of our own address. */
  readonly helo: string | undefined;
  readonly auth:
    | {
      readonly user: string;
      readonly password: Secret;
      readonly mechanism: AuthMechanism | undefined;
    }
    | undefined;
  /** PEM texts: authorities to trust besides the system's, our own certificate and its key. */
  readonly ca: string | undefined;
  readonly certificate: { readonly cert: string; readonly key: Secret } | undefined;
  /** false: not to be used even where it is offered (`chunking=off`, `pipelining=off`). */
  readonly chunking: boolean;
  readonly pipelining: boolean;
  /** Share of the connections among several relays; 1 unless the URL says otherwise. */
  readonly weight: number;
  /** Limits of this relay alone. */
  readonly connections: number | undefined;
  readonly rate: Rate | undefined;
  /** The embedded server: mail goes to a folder and nothing leaves the machine. */
  readonly sandbox: boolean;
}
