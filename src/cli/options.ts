import type { Rate, Relay } from "../smtp/relay.ts";

/** What to read the recipients from. */
export interface ListOptions {
  /** A path, or "-" for standard input. */
  readonly recipients: string;
  /** A WHATWG encoding label; undefined: byte order mark, else UTF-8. */
  readonly encoding: string | undefined;
  /** One character; undefined: found from the header line. */
  readonly delimiter: string | undefined;
  readonly emailColumn: string | undefined;
}

/** What to make the mails from. */
export interface ContentOptions {
  readonly template: string;
  /** A file with the text part of a Markdown or HTML template. */
  readonly text: string | undefined;
  /** Replace the template's From and Reply-To. */
  readonly from: string | undefined;
  readonly replyTo: string | undefined;
}

/** Everything `send` needs, resolved once from flags, environment and campaign file, and frozen. */
export interface SendOptions extends ListOptions, ContentOptions {
  readonly campaign: string;
  /** A file's path or a postgres:// URL. */
  readonly ledger: string;
  readonly relays: readonly Relay[];
  readonly connections: number;
  /** Mails on one connection before a new one is opened; 0: no limit. */
  readonly maxPerConnection: number;
  readonly rate: Rate | undefined;
  /** Counted tries after the first. */
  readonly retries: number;
  /** Time from the first try after which nothing is tried again, in ms. */
  readonly retryForMs: number;
  /** Wait for deferred recipients until they are settled (`--no-wait`: end with exit 3). */
  readonly wait: boolean;
  readonly inDoubt: "hold" | "resend";
  readonly limit: number | undefined;
  readonly offset: number;
  readonly only: readonly string[];
  readonly shard: { readonly index: number; readonly count: number } | undefined;
  /** Milliseconds since the epoch. */
  readonly startAt: number | undefined;
  readonly until: number | undefined;
  readonly suppress: readonly string[];
  /** Mails handed over and unanswered on one connection, at the most (CHUNKING); undefined: as the server's answers allow. */
  readonly window: number | undefined;
  readonly dryRun: boolean;
  readonly strict: boolean;
  readonly yes: boolean;
  readonly json: boolean;
  /** Folder the sandbox writes to. */
  readonly outbox: string;
  readonly talk: TalkOptions;
}

/** What is said on stderr and in the log. */
export interface TalkOptions {
  readonly progress: "auto" | "bar" | "plain" | "none";
  readonly log: string | undefined;
  readonly logFormat: "text" | "json";
  /** -1: errors only; 0; 1: each mail's reply; 2: the dialogue. */
  readonly verbosity: number;
}
