/**
 * The flags with which the program is run, in every form.
 *
 * The permissions cover SMTP, its files, the documented variables, and the host name for EHLO. The V8 flags limit
 * memory: the heap grows by a fifth at a time instead of doubling, and new objects get 4 MiB. Live objects are few and
 * short-lived, but without these flags memory would grow with the list although nothing is retained
 * (docs/performance.md).
 */
export const RUN_FLAGS = [
  "--no-prompt",
  "--v8-flags=--heap-growing-percent=20,--max-semi-space-size=4",
  "--allow-net",
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-sys=hostname,getPriority",
];
