import type { SelectionOptions } from "../pipeline/producer/selection.ts";
import type { ContentOptions } from "../compose/content_options.ts";
import type { Retry } from "../ledger/ledger.ts";
import type { ListOptions } from "../list/list_options.ts";
import type { Rate, Relay } from "../model/relay.ts";
import type { ReporterOptions } from "../report/reporter_options.ts";

/** Everything `send` needs, resolved once from flags, environment and campaign file, and frozen. */
export interface SendOptions extends ListOptions, ContentOptions, SelectionOptions {
  /** A file's path. */
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
  /** How long a relay that answers may take nobody before it is given up. */
  readonly patienceMs: number;
  /** Longest pause before the first retry, in ms; undefined: `FIRST_RETRY_MS`. */
  readonly firstRetryMs: number | undefined;
  /** Wait for deferred recipients until they are settled (`--no-wait`: end with exit 3). */
  readonly wait: boolean;
  readonly inDoubt: "hold" | "resend";
  /** Who is tried again, though failed or invalid. */
  readonly retry: Retry;
  /** What names somebody to be tried again, in doubt or not: "--retry". Only an earlier run can have left them. */
  readonly retryAskedBy: string | undefined;
  /** Skip recipients who wait and are not in the list (any more). */
  readonly dropMissing: boolean;
  /** Copy the list before it is scanned, whatever its size. */
  readonly snapshot: boolean;
  /** Lists up to so many bytes are copied all the same; undefined: as the program finds right. */
  readonly copyUpTo?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly startAt: number | undefined;
  readonly until: number | undefined;
  readonly suppress: readonly string[];
  /** Who left, shared by campaigns; one that is named has to be there. */
  readonly suppressionList: { readonly path: string; readonly named: boolean };
  /** Mails handed over and unanswered on one connection, at the most (CHUNKING); undefined: as the server's answers allow. */
  readonly window: number | undefined;
  /** Threads that make RSA signatures; undefined: as many as are worth it. */
  readonly threads: number | undefined;
  readonly dryRun: boolean;
  readonly strict: boolean;
  readonly yes: boolean;
  readonly json: boolean;
  /** Folder the sandbox writes to. */
  readonly outbox: string;
  readonly reporter: ReporterOptions;
}
