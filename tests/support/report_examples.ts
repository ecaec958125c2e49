import type { Plan } from "../../src/report/plan.ts";
import type { Summary } from "../../src/report/summary.ts";
import type { Progress } from "../../src/report/reporter.ts";
import type { Tally } from "../../src/model/tally.ts";

/** Text that does all a server, a cell or a file name can try on a terminal. */
export const HOSTILE = "\x1b]52;c;cm0=\x07\x1b[2J\x9b31m\r\n250 ok\n\u202egpj.exe\u2028";

/** {@link HOSTILE} as it must be shown. */
export const HOSTILE_SHOWN =
  "\\x1b]52;c;cm0=\\x07\\x1b[2J\\x9b31m\\r\\n250 ok\\n<U+202E>gpj.exe<U+2028>";

/** The counts of an empty ledger, except for the given ones. */
export function tally(counts: Partial<Tally> = {}): Tally {
  return {
    total: 0,
    queued: 0,
    claimed: 0,
    deferred: 0,
    sent: 0,
    failed: 0,
    invalid: 0,
    skipped: 0,
    inDoubt: 0,
    ...counts,
  };
}

/** A run without trouble, 45% done. */
export function progress(changes: Partial<Progress> = {}): Progress {
  return {
    tally: tally({ total: 25_000, sent: 11_269 }),
    goal: 25_000,
    settled: 11_269,
    elapsedMs: 9_000,
    connections: { allowed: 10, wanted: 10 },
    ratePerSecond: undefined,
    waitingUntil: undefined,
    ...changes,
  };
}

/** A run that had nothing to complain of. */
export function summary(changes: Partial<Summary> = {}): Summary {
  return {
    campaign: "demo",
    ledger: "demo.ledger",
    relays: ["smtp.example.com:587"],
    state: "done",
    tally: tally({ total: 25, sent: 25 }),
    suppressed: 0,
    sentNow: 25,
    durationMs: 403,
    exitCode: 0,
    stop: undefined,
    examples: [],
    ...changes,
  };
}

/** The sample campaign. */
export function plan(changes: Partial<Plan> = {}): Plan {
  return {
    campaign: "demo",
    list: "emails.csv",
    scan: {
      rows: 25,
      recipients: 25,
      invalid: 0,
      duplicates: 0,
      examples: [],
      encoding: "utf-8",
      delimiter: ",",
    },
    settled: 0,
    toSend: 25,
    inDoubt: 0,
    again: 0,
    readmitted: 0,
    changedSinceDone: [],
    missing: { count: 0, examples: [] },
    suppression: {
      list: "suppressed.db",
      listed: undefined,
      files: [],
      filed: 0,
      isOffered: false,
    },
    suppressed: undefined,
    dropMissing: false,
    ledger: "demo.ledger",
    relays: ["sandbox:"],
    links: ["no TLS, no login"],
    outbox: "outbox",
    from: "Acme <news@example.com>",
    subject: "Hello, {{ Name }}",
    shown: [],
    example: { address: "ada@example.com", subject: "Hello, Ada", first: true },
    connections: 10,
    rate: undefined,
    timezone: undefined,
    startAt: undefined,
    until: undefined,
    leastMs: undefined,
    changes: [],
    ...changes,
  };
}
