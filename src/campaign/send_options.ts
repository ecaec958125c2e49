import type { SelectionOptions } from "../pipeline/producer/selection.ts";
import type { ContentOptions } from "../compose/content_options.ts";
import type { Retry } from "../ledger/returning.ts";
import type { ListOptions } from "../list/list_options.ts";
import type { Rate, Relay } from "../model/relay.ts";
import type { ReporterOptions } from "../report/reporter_options.ts";
import type { SuppressingOptions } from "../suppression/suppressing.ts";

/** Everything `send` needs, resolved once from flags, environment and campaign file, and frozen. */
export interface SendOptions
  extends ListOptions, ContentOptions, SelectionOptions, SuppressingOptions {
  /** A file's path. */
  readonly ledger: string;
  readonly relays: readonly Relay[];
  readonly connections: number;
  /** Mails on one connection before a new one is opened; 0: no limit. */
  readonly maxPerConnection: number;
  readonly rate: Rate | undefined;
  /** Counted tries after the first. */
  readonly retries: number;
  /** How long after the first try to keep trying, in ms. */
  readonly retryForMs: number;
  /** How long a relay that answers can go without accepting a mail before it is given up, in ms. */
  readonly patienceMs: number;
  /** Longest pause before the first retry, in ms; undefined: `FIRST_RETRY_MS`. */
  readonly firstRetryMs: number | undefined;
  /** Wait for deferred recipients until they are settled (`--no-wait`: end with exit 3). */
  readonly wait: boolean;
  readonly inDoubt: "hold" | "resend";
  /** Recipients who are tried again although they failed or are invalid. */
  readonly retry: Retry;
  /** The flag that asks for recipients to be tried again, such as "--retry"; only an earlier run can have left them. */
  readonly retryAskedBy: string | undefined;
  /** Skip waiting recipients who are no longer in the list. */
  readonly dropMissing: boolean;
  /** Copy the list before the scan, whatever its size. */
  readonly snapshot: boolean;
  /** Lists of up to this many bytes are always copied; undefined: the program decides. */
  readonly copyUpTo?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly startAt: number | undefined;
  readonly until: number | undefined;
  /** Most mails handed over and unanswered on one connection (CHUNKING); undefined: as the server's replies allow. */
  readonly window: number | undefined;
  /** Threads that make RSA signatures; undefined: as many as pay off. */
  readonly threads: number | undefined;
  readonly dryRun: boolean;
  readonly strict: boolean;
  readonly yes: boolean;
  /** Go on with a campaign that was done although what its mails are made from has changed. */
  readonly yesChanged: boolean;
  readonly json: boolean;
  /** A CI job: it may have begun in an empty workspace, without the ledger of an earlier one. */
  readonly ci: boolean;
  /** The folder that the sandbox writes to. */
  readonly outbox: string;
  readonly reporter: ReporterOptions;
}
