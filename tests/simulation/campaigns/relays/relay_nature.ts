import type { LinkNature } from "../world/link_nature.ts";
import type { Lots } from "../world/lots.ts";
import type { ServerNature } from "./session_policy.ts";

/** At which step a relay says what: "rcpt 550 5.4.5 Daily limit". */
export interface Saying {
  readonly stage: "mail" | "rcpt" | "body";
  readonly says: string;
}

/** What becomes of mail to one recipient, whichever relay it goes through. */
export type Fate =
  /** Told no for his own sake, as often as he is tried; `clear`: by a code that says so. */
  | (Saying & { readonly kind: "refused"; readonly clear: boolean })
  /** Told to come later, so often. */
  | (Saying & { readonly kind: "later"; readonly times: number })
  /** Told to come later, for so long from the first time on. */
  | (Saying & { readonly kind: "greylisted"; readonly forMs: number })
  /** The connection breaks behind the final dot, so often; `taken`: the mail was taken all the same. */
  | { readonly kind: "cut"; readonly times: number; readonly taken: boolean };

/** What a relay is like for the whole of a campaign. */
export interface RelayNature {
  readonly address: string;
  readonly server: ServerNature;
  readonly latencyMs: number;
  readonly splits: boolean;
  readonly waits: boolean;
  /** It works so long on a command, and on a body. */
  readonly serviceMs: number;
  readonly bodyMs: number;
  /** So many connections at a time; others are greeted with 421. */
  readonly connections: number;
  /** So many mails on one connection; then it says this, or closes without a word. */
  readonly session: { readonly mails: number; readonly says: string | undefined };
  /** So many mails in a time; then it says this. */
  readonly rate: (Saying & { readonly count: number; readonly perMs: number }) | undefined;
}

/** What troubles a relay in one run. */
export type Trouble =
  | { readonly kind: "none" }
  /** It takes nobody, or nobody any more after so many mails. */
  | (Saying & { readonly kind: "refuses"; readonly afterMails: number })
  /** For a time of the run. */
  | {
    readonly kind: "outage";
    readonly fromMs: number;
    readonly toMs: number;
    readonly how: "closed" | "silent" | "busy" | "breaks" | Saying;
  };

/** How a relay and the way to it are in one run. */
export interface Day {
  readonly trouble: Trouble;
  /** How likely a connection is cut. */
  readonly cuts: number;
  /** How likely a reply to a body is slow, and by how much, ms. */
  readonly slow: { readonly chance: number; readonly ms: number };
}

export const CALM_DAY: Day = { trouble: { kind: "none" }, cuts: 0, slow: { chance: 0, ms: 0 } };

const saying = (text: string): Saying => {
  const [stage, ...says] = text.split(" ");
  return { stage: stage as Saying["stage"], says: says.join(" ") };
};

/** What a relay says that takes nobody. */
const REFUSES_ALL = [
  "rcpt 550 5.4.5 Daily user sending limit exceeded",
  "body 550 5.4.5 Daily user sending limit exceeded",
  "rcpt 454 Throttling failure",
  "rcpt 550 5.7.1 Not allowed",
  "rcpt 550 relay not permitted",
  "body 554 5.2.0 Cannot send as this sender",
  "rcpt 554 5.2.252 Send as denied",
  "rcpt 550 5.1.8 Sender blocked",
  "mail 550 5.7.1 Sender not allowed",
  "mail 451 4.7.0 Come later",
  "rcpt 450 4.1.8 Sender unknown",
  "rcpt 451 4.3.2 Not now",
  "mail 421 4.7.0 Too busy",
  "rcpt 530 5.7.0 Log in first",
].map(saying);

/** What it says when no more mail is taken, by a code that says so: others may begin in the middle of a list. */
const QUOTAS = [
  "rcpt 550 5.4.5 Daily user sending limit exceeded",
  "body 550 5.4.5 Daily user sending limit exceeded",
  "mail 451 4.7.0 Come later",
  "mail 452 4.5.3 Enough for today",
  "mail 421 4.7.0 Too busy",
].map(saying);

const OUTAGES = [
  "mail 451 4.7.0 Come later",
  "rcpt 451 4.3.2 Not now",
  "body 451 4.3.0 Disk full",
  "mail 421 4.3.2 Shutting down",
  "body 421 4.3.2 Shutting down",
].map(saying);

const TOO_FAST = [
  "mail 450 4.7.0 Too fast",
  "mail 421 4.7.0 Too fast",
  "rcpt 450 4.7.1 Too fast",
  "rcpt 452 4.5.3 Too many",
  "body 451 4.7.0 Too fast",
].map(saying);

const REFUSED: readonly (Saying & { readonly clear: boolean })[] = [
  { ...saying("rcpt 550 5.1.1 No such user"), clear: true },
  { ...saying("rcpt 550 5.2.1 Mailbox disabled"), clear: true },
  { ...saying("rcpt 550 5.7.1 Suppressed"), clear: false },
  { ...saying("rcpt 550 Rejected"), clear: false },
  { ...saying("body 554 5.7.1 Looks like spam"), clear: false },
];

const LATER = [
  "rcpt 452 4.2.2 Mailbox full",
  "rcpt 450 4.2.1 Mailbox busy",
  "body 451 4.3.0 Filter failed",
].map(saying);

export function drawRelay(lots: Lots, address: string): RelayNature {
  const offers = ["ENHANCEDSTATUSCODES", "8BITMIME", "SMTPUTF8", "SIZE 100000"]
    .filter(() => lots.chance(0.8));
  if (lots.chance(0.75)) offers.push("PIPELINING");
  if (lots.chance(0.45)) offers.push("CHUNKING");
  if (lots.chance(0.1)) offers.push(`LIMITS MAILMAX=${lots.integer(1, 6)}`);
  const splits = lots.chance(0.2);
  const waits = lots.chance(0.15);
  return {
    ...{ address, splits, waits },
    server: {
      offers: lots.chance(0.05) ? undefined : offers,
      letsInData: lots.chance(0.2),
      refusesBehindDot: lots.chance(0.06),
      readsRefusedChunks: lots.chance(0.06),
      // A write that is under way is finished: what of it is written late is no fault.
      lingers: !splits && !waits && lots.chance(0.3),
    },
    latencyMs: lots.scaled(1, 300) / 10,
    serviceMs: lots.chance(0.5) ? 0 : lots.scaled(1, 10),
    bodyMs: lots.scaled(1, 40),
    connections: lots.chance(0.15) ? lots.integer(1, 3) : Infinity,
    session: lots.chance(0.15)
      ? {
        mails: lots.integer(1, 6),
        says: lots.pick([undefined, "421 4.7.0 Enough", "450 4.7.0 Enough", "503 Enough"]),
      }
      : { mails: Infinity, says: undefined },
    rate: lots.chance(0.12)
      ? { ...lots.pick(TOO_FAST), count: lots.integer(1, 5), perMs: lots.scaled(200, 4_000) }
      : undefined,
  };
}

/** A relay far away that takes a window of mails at once, as fast as they come. */
export function drawWideRelay(lots: Lots, address: string): RelayNature {
  return {
    ...drawRelay(lots, address),
    server: {
      offers: ["PIPELINING", "8BITMIME", "CHUNKING"],
      ...{ letsInData: false, refusesBehindDot: false, readsRefusedChunks: false, lingers: false },
    },
    ...{ latencyMs: lots.integer(40, 80), splits: false, waits: false, serviceMs: 0, bodyMs: 1 },
    ...{ connections: Infinity, session: { mails: Infinity, says: undefined }, rate: undefined },
  };
}

/** Longer than a run waits that was told to stop. */
const SO_SLOW_MS = 50_000;

export function drawDay(lots: Lots): Day {
  return {
    trouble: drawTrouble(lots),
    cuts: lots.chance(0.3) ? lots.pick([0.02, 0.1, 0.3, 0.6]) : 0,
    slow: lots.chance(0.1)
      ? {
        chance: lots.pick([0.05, 0.3]),
        ms: lots.chance(0.12) ? SO_SLOW_MS : lots.scaled(200, 8_000),
      }
      : { chance: 0, ms: 0 },
  };
}

function drawTrouble(lots: Lots): Trouble {
  const fromMs = lots.scaled(10, 3_000) - 10;
  return lots.weighted<Trouble>([
    [60, { kind: "none" }],
    [8, { kind: "refuses", ...lots.pick(REFUSES_ALL), afterMails: 0 }],
    [8, { kind: "refuses", ...lots.pick(QUOTAS), afterMails: lots.integer(1, 12) }],
    [12, {
      kind: "outage",
      fromMs,
      toMs: fromMs + lots.scaled(50, 8_000),
      how: lots.weighted<Extract<Trouble, { kind: "outage" }>["how"]>([
        [2, "closed"],
        [1, "silent"],
        [2, "busy"],
        [2, "breaks"],
        [3, lots.pick(OUTAGES)],
      ]),
    }],
  ]);
}

/** undefined: whoever takes his mail has it at once. */
export function drawFate(lots: Lots): Fate | undefined {
  return lots.weighted<Fate | undefined>([
    [75, undefined],
    [10, { kind: "refused", ...lots.pick(REFUSED) }],
    [5, { kind: "later", ...lots.pick(LATER), times: lots.pick([1, 1, 2, 3, Infinity]) }],
    [5, {
      kind: "greylisted",
      ...lots.pick([saying("rcpt 450 4.2.0 Greylisted"), saying("rcpt 451 4.7.1 Greylisted")]),
      forMs: lots.scaled(50, 5_000),
    }],
    [5, { kind: "cut", times: lots.integer(1, 2), taken: lots.chance(0.5) }],
  ]);
}

/** How a connection to the relay will be on this day. */
export function drawLink(
  lots: Lots,
  { latencyMs, splits, waits }: RelayNature,
  { cuts }: Day,
): LinkNature {
  const nature = { latencyMs, splits, waits, cut: undefined };
  if (!lots.chance(cuts)) return nature;
  const after = lots.pick(["up", "up", "down", "ms"] as const);
  return {
    ...nature,
    cut: {
      after,
      count: after === "ms"
        ? lots.scaled(1, 3_000)
        : lots.scaled(1, after === "up" ? 6_000 : 1_500),
      how: lots.weighted([[6, "reset"], [4, "close"], [1, "silence"]] as const),
    },
  };
}
