/** Where data goes: standard output. */
export interface Output {
  /**
   * Resolves when the bytes are written. What is written after the reader has gone (`send | head -1`) is dropped.
   *
   * @throws {OutputError} for any other error, such as a full disk
   */
  write(data: string | Uint8Array): Promise<void>;
  /** The reader has gone: there is no point in producing more. */
  readonly closed: boolean;
  readonly isTerminal: boolean;
}

/** Standard output cannot be written: the command's result is lost, and it ends with exit code 3. */
export class OutputError extends Error {
  override readonly name = "OutputError";

  constructor(cause: unknown) {
    const reason = cause instanceof Error ? cause.message.replace(/ \(os error \d+\)$/, "") : cause;
    super(`Cannot write to standard output: ${reason}`, { cause });
  }
}

/** Where messages go, and where a person can answer: standard error, and standard input while it is a terminal. */
export interface Terminal {
  /** Standard error is a terminal. */
  readonly isTerminal: boolean;
  /** A person can be asked: standard error and standard input are terminals. */
  readonly canAsk: boolean;
  /** Some standard stream is a terminal: somebody is there, even if nobody can be asked (`2>&1 | tee log`). */
  readonly isAttended: boolean;
  columns(): number;
  /** Never throws: standard error may be closed (`2>&-`). */
  write(text: string): void;
  /** The next line typed, without its end; undefined at the end of the input or when the signal aborts. */
  readLine(signal: AbortSignal): Promise<string | undefined>;
}

/** Everything that a command can use of the process it runs in; made by `main.ts` and by tests. */
export interface ProcessContext {
  /** An environment variable; undefined if it is not set or empty. */
  env(name: string): string | undefined;
  /** The names of all environment variables, including empty ones. */
  envNames(): readonly string[];
  readonly stdin: ReadableStream<Uint8Array>;
  readonly stdout: Output;
  readonly terminal: Terminal;
  /** Aborted by the first SIGINT or SIGTERM: finish what is under way, start nothing new. */
  readonly signal: AbortSignal;
  /**
   * Calls `listener` once, at the second SIGINT or SIGTERM: end now, and in order. If nobody listens, that one ends the
   * process; the third one does so in any case. There is one listener at a time.
   */
  onSecondSignal(listener: () => void): Disposable;
  /** Calls `listener` at each SIGHUP; while nobody listens, SIGHUP ends the process. */
  onHangUp(listener: () => void): Disposable;
  /** Milliseconds since the epoch. */
  now(): number;
}
