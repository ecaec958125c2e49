/**
 * How the program is run, in every form.
 *
 * What it may do: SMTP, its files, the variables of the documentation, and its host's name for EHLO. And how V8 treats its memory:
 * the heap grows by a fifth at a time, not to twice its size, and new objects get 4 MiB; a run's live objects are few and short of
 * life, and without this its memory would grow with the list although nothing is held (docs/performance.md).
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
