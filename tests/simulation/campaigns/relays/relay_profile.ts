import type { LinkProfile } from "../world/link_profile.ts";
import type { Random } from "../world/random.ts";
import type { ServerProfile } from "./session_policy.ts";

/** What a relay says at which step: "rcpt 550 5.4.5 Daily limit". */
export interface Saying {
  readonly stage: "mail" | "rcpt" | "body";
  readonly says: string;
}

/** What becomes of mail to one recipient, whichever relay it goes through. */
export type Fate =
  /** Refused for a reason of their own, at every try; `clear`: the code says so. */
  | (Saying & { readonly kind: "refused"; readonly clear: boolean })
  /** Deferred this many times. */
  | (Saying & { readonly kind: "later"; readonly times: number })
  /** Deferred for this long after the first try. */
  | (Saying & { readonly kind: "greylisted"; readonly forMs: number })
  /** The connection breaks after the final dot, this many times; `taken`: the mail is accepted all the same. */
  | { readonly kind: "cut"; readonly times: number; readonly taken: boolean };

/** The properties of a relay for a whole campaign. */
export interface RelayProfile {
  readonly address: string;
  readonly server: ServerProfile;
  readonly latencyMs: number;
  readonly splits: boolean;
  readonly waits: boolean;
  /** How long it works on a command, and on a body. */
  readonly serviceMs: number;
  readonly bodyMs: number;
  /** Most connections at a time; others are greeted with 421. */
  readonly connections: number;
  /** Most mails on one connection; then it says this, or closes without a reply. */
  readonly session: { readonly mails: number; readonly says: string | undefined };
  /** Most mails in any `perMs`; then it says this. */
  readonly rate: (Saying & { readonly count: number; readonly perMs: number }) | undefined;
}

/** What is wrong with a relay in one run. */
export type Trouble =
  | { readonly kind: "none" }
  /** It accepts nobody, or nobody after this many mails. */
  | (Saying & { readonly kind: "refuses"; readonly afterMails: number })
  /** For a part of the run. */
  | {
    readonly kind: "outage";
    readonly fromMs: number;
    readonly toMs: number;
    readonly how: "closed" | "silent" | "busy" | "breaks" | Saying;
  };

/** The condition of a relay, and of connections to it, in one run. */
export interface Day {
  readonly trouble: Trouble;
  /** The probability that a connection is cut. */
  readonly cuts: number;
  /** The probability that a reply to a body is slow, and by how many ms. */
  readonly slow: { readonly chance: number; readonly ms: number };
}

export const CALM_DAY: Day = { trouble: { kind: "none" }, cuts: 0, slow: { chance: 0, ms: 0 } };

const saying = (text: string): Saying => {
  const [stage, ...says] = text.split(" ");
  return { stage: stage as Saying["stage"], says: says.join(" ") };
};

/** The replies of a relay that accepts nobody. */
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

/** Replies whose code says that no more mail is accepted: only these may start in the middle of a list. */
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

export function drawRelay(random: Random, address: string): RelayProfile {
  const offers = ["ENHANCEDSTATUSCODES", "8BITMIME", "SMTPUTF8", "SIZE 100000"]
    .filter(() => random.chance(0.8));
  if (random.chance(0.75)) offers.push("PIPELINING");
  if (random.chance(0.45)) offers.push("CHUNKING");
  if (random.chance(0.1)) offers.push(`LIMITS MAILMAX=${random.integer(1, 6)}`);
  const splits = random.chance(0.2);
  const waits = random.chance(0.15);
  return {
    ...{ address, splits, waits },
    server: {
      offers: random.chance(0.05) ? undefined : offers,
      acceptsEmptyData: random.chance(0.2),
      refusesAfterDot: random.chance(0.06),
      readsRefusedChunks: random.chance(0.06),
      // A write that is under way is always finished: its late part is not the program's fault.
      lingers: !splits && !waits && random.chance(0.3),
    },
    latencyMs: random.scaled(1, 300) / 10,
    serviceMs: random.chance(0.5) ? 0 : random.scaled(1, 10),
    bodyMs: random.scaled(1, 40),
    connections: random.chance(0.15) ? random.integer(1, 3) : Infinity,
    session: random.chance(0.15)
      ? {
        mails: random.integer(1, 6),
        says: random.pick([undefined, "421 4.7.0 Enough", "450 4.7.0 Enough", "503 Enough"]),
      }
      : { mails: Infinity, says: undefined },
    rate: random.chance(0.12)
      ? { ...random.pick(TOO_FAST), count: random.integer(1, 5), perMs: random.scaled(200, 4_000) }
      : undefined,
  };
}

/** A distant relay that accepts a whole window of mails, as fast as they come. */
export function drawWideRelay(random: Random, address: string): RelayProfile {
  return {
    ...drawRelay(random, address),
    server: {
      offers: ["PIPELINING", "8BITMIME", "CHUNKING"],
      ...{
        acceptsEmptyData: false,
        refusesAfterDot: false,
        readsRefusedChunks: false,
        lingers: false,
      },
    },
    ...{ latencyMs: random.integer(40, 80), splits: false, waits: false, serviceMs: 0, bodyMs: 1 },
    ...{ connections: Infinity, session: { mails: Infinity, says: undefined }, rate: undefined },
  };
}

/** Longer than a run that is asked to stop waits. */
const SO_SLOW_MS = 50_000;

export function drawDay(random: Random): Day {
  return {
    trouble: drawTrouble(random),
    cuts: random.chance(0.3) ? random.pick([0.02, 0.1, 0.3, 0.6]) : 0,
    slow: random.chance(0.1)
      ? {
        chance: random.pick([0.05, 0.3]),
        ms: random.chance(0.12) ? SO_SLOW_MS : random.scaled(200, 8_000),
      }
      : { chance: 0, ms: 0 },
  };
}

function drawTrouble(random: Random): Trouble {
  const fromMs = random.scaled(10, 3_000) - 10;
  return random.weighted<Trouble>([
    [60, { kind: "none" }],
    [8, { kind: "refuses", ...random.pick(REFUSES_ALL), afterMails: 0 }],
    [8, { kind: "refuses", ...random.pick(QUOTAS), afterMails: random.integer(1, 12) }],
    [12, {
      kind: "outage",
      fromMs,
      toMs: fromMs + random.scaled(50, 8_000),
      how: random.weighted<Extract<Trouble, { kind: "outage" }>["how"]>([
        [2, "closed"],
        [1, "silent"],
        [2, "busy"],
        [2, "breaks"],
        [3, random.pick(OUTAGES)],
      ]),
    }],
  ]);
}

/** undefined: the mail is accepted at the first try. */
export function drawFate(random: Random): Fate | undefined {
  return random.weighted<Fate | undefined>([
    [75, undefined],
    [10, { kind: "refused", ...random.pick(REFUSED) }],
    [5, { kind: "later", ...random.pick(LATER), times: random.pick([1, 1, 2, 3, Infinity]) }],
    [5, {
      kind: "greylisted",
      ...random.pick([saying("rcpt 450 4.2.0 Greylisted"), saying("rcpt 451 4.7.1 Greylisted")]),
      forMs: random.scaled(50, 5_000),
    }],
    [5, { kind: "cut", times: random.integer(1, 2), taken: random.chance(0.5) }],
  ]);
}

/** Draws what a connection to the relay is like. */
export function drawLink(
  random: Random,
  { latencyMs, splits, waits }: RelayProfile,
  { cuts }: Day,
): LinkProfile {
  const profile = { latencyMs, splits, waits, cut: undefined };
  if (!random.chance(cuts)) return profile;
  const after = random.pick(["up", "up", "down", "ms"] as const);
  return {
    ...profile,
    cut: {
      after,
      count: after === "ms"
        ? random.scaled(1, 3_000)
        : random.scaled(1, after === "up" ? 6_000 : 1_500),
      how: random.weighted([[6, "reset"], [4, "close"], [1, "silence"]] as const),
    },
  };
}
