/** Options, and what the user should be warned of before they are used. */
export interface Resolved<T> {
  readonly options: Readonly<T>;
  readonly warnings: readonly string[];
}
