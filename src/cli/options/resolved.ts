/** Options, and what to warn the user about before they are used. */
export interface Resolved<T> {
  readonly options: Readonly<T>;
  readonly warnings: readonly string[];
}
