/** What is reported on stderr and in the log. */
export interface ReporterOptions {
  readonly progress: "auto" | "bar" | "plain" | "none";
  readonly log: string | undefined;
  readonly logFormat: "text" | "json";
  /** -1: errors only; 0; 1: each mail's reply; 2: the dialogue. */
  readonly verbosity: number;
}
