/**
 * Every kind of reason for a run to end early or not to begin, as `kind` in `--json`; true: the same command, started again
 * by itself, can continue. False: somebody has to act first. docs/exit-codes-and-json.md explains each.
 */
export const RETRYABLE = {
  "signal": true,
  "stop-command": true,
  "deadline": true,
  "list-changed": true,
  "retries-due": true,
  "relay-busy": true,
  "unreachable": true,
  "ledger-in-use": true,
  "quota": false,
  "login": false,
  "tls": false,
  "sender": false,
  "refused-by-relay": false,
  "content": false,
  "missing": false,
  "not-chosen": false,
  "cancelled": false,
  "changed-content": false,
  "usage": false,
  "configuration": false,
  "secret": false,
  "list": false,
  "template": false,
  "ledger": false,
  "suppression-list": false,
  "internal": false,
} as const satisfies Readonly<Record<string, boolean>>;

/** What a reason to stop is about. Scripts rely on the names. */
export type StopKind = keyof typeof RETRYABLE;
