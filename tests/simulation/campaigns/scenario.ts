import type { SendOptions } from "../../../src/campaign/send_options.ts";
import type { Relay as RelayOptions } from "../../../src/model/relay.ts";
import { relayAt } from "../../smtp/fixtures.ts";
import type { DiskFault } from "./world/disk.ts";
import type { Random } from "./world/random.ts";
import { MailingList } from "./mailing_list.ts";
import {
  CALM_DAY,
  type Day,
  drawDay,
  drawFate,
  drawRelay,
  drawWideRelay,
  type Fate,
  type RelayProfile,
} from "./relays/relay_profile.ts";

/** What is drawn once for a campaign. */
export interface Scenario {
  readonly list: MailingList;
  readonly relays: readonly RelayProfile[];
  readonly options: Partial<SendOptions> & Pick<SendOptions, "connections" | "retries">;
  /** Nothing slows the mails down, so that as many as possible are under way, and in doubt after a kill. */
  readonly wide: boolean;
  /** Runs with faults, before the calm ones that finish the campaign. */
  readonly runs: number;
}

/** What is drawn for one run. */
export interface RunPlan {
  readonly options: Partial<SendOptions>;
  readonly days: readonly Day[];
  /** undefined: as in the last run. */
  readonly list: MailingList | undefined;
  /** How many recipients of the list are suppressed. */
  readonly suppressed: number;
  readonly diskFault: DiskFault | undefined;
  readonly kill: { readonly step: number; readonly machine: boolean } | undefined;
  readonly signal: { readonly step: number; readonly againMs: number | undefined } | undefined;
  /** The list is changed while it is being sent. */
  readonly edit: { readonly step: number; readonly how: "in place" | "renamed" } | undefined;
  /** Another process is started on the same ledger. */
  readonly intrusion: { readonly step: number } | undefined;
  /** Another edition of the template makes the same mails. */
  readonly edition: number;
  /** The template makes a mail for every recipient. */
  readonly lenient: boolean;
  readonly skewMs: number;
  /** Time that passes before it starts. */
  readonly pauseMs: number;
  /** `--until`, from the start of the run. */
  readonly untilMs: number | undefined;
}

/** Steps that one mail takes, and a few more. */
const STEPS_OF_A_MAIL = 16;

/** Lists longer than this can fill every window. */
const WIDE_FROM = 200;

export function drawScenario(random: Random): Scenario {
  const list = MailingList.draw(random);
  const wide = list.rows.length > WIDE_FROM && random.chance(0.8);
  const relays = [(wide ? drawWideRelay : drawRelay)(random, "10.0.0.1:25")];
  if (!wide && random.chance(0.25)) relays.push(drawRelay(random, "10.0.0.2:2525"));
  return {
    list,
    wide,
    relays,
    runs: random.weighted([[70, 1], [22, 2], [6, 3], [2, 5]]),
    options: {
      connections: random.weighted(wide ? [[1, 3], [1, 4]] : [[4, 1], [4, 2], [2, 3], [0.5, 6]]),
      maxPerConnection: !wide && random.chance(0.1) ? random.integer(1, 4) : 0,
      retries: random.chance(0.7) ? 5 : random.integer(0, 3),
      retryForMs: random.chance(0.8) ? 600_000 : random.scaled(1_000, 60_000),
      firstRetryMs: random.scaled(50, 1_500),
      patienceMs: random.scaled(2_000, 20_000),
      window: !wide && random.chance(0.2) ? random.integer(1, 6) : undefined,
      dropMissing: random.chance(0.2),
      copyUpTo: random.chance(0.2) ? -1 : undefined,
    },
  };
}

/** Draws the fates of recipients that are new in the list. */
export function drawFates(
  random: Random,
  { keys }: MailingList,
  fates: Map<string, Fate>,
  everListed: Set<string>,
): void {
  for (const key of keys) {
    if (everListed.has(key)) continue;
    everListed.add(key);
    const fate = drawFate(random);
    if (fate !== undefined) fates.set(key, fate);
  }
}

export function drawRun(
  random: Random,
  { relays, wide }: Scenario,
  list: MailingList,
  first: boolean,
): RunPlan {
  const steps = 20 + STEPS_OF_A_MAIL * list.rows.length;
  const rate = !wide && random.chance(0.15)
    ? { count: random.integer(1, 20), perMs: random.pick([1_000, 3_000]) }
    : undefined;
  return {
    options: {
      rate,
      wait: random.chance(0.85),
      inDoubt: random.chance(0.15) ? "resend" : "hold",
      limit: !wide && random.chance(0.15) ? random.integer(1, 10) : undefined,
      offset: random.chance(0.04) ? random.integer(1, 5) : 0,
    },
    days: relays.map(() => wide ? CALM_DAY : drawDay(random)),
    list: !first && random.chance(0.3) ? list.changed(random) : undefined,
    suppressed: random.chance(0.2) ? random.integer(1, 3) : 0,
    diskFault: random.chance(0.06)
      ? {
        what: random.pick(["commit", "commit", "sync"] as const),
        from: random.scaled(1, 30),
        count: random.pick([1, 3, Infinity]),
      }
      : undefined,
    kill: random.chance(0.5)
      ? {
        step: list.rows.length > WIDE_FROM ? random.integer(1, steps) : random.scaled(1, steps),
        machine: random.chance(0.2),
      }
      : undefined,
    signal: random.chance(0.2)
      ? {
        step: random.scaled(1, steps),
        againMs: random.chance(0.2) ? random.scaled(150, 5_000) : undefined,
      }
      : undefined,
    edit: random.chance(0.06)
      ? { step: random.scaled(1, steps), how: random.pick(["in place", "renamed"] as const) }
      : undefined,
    skewMs: random.chance(0.1) ? random.integer(-10, 10) * 1_000 : 0,
    untilMs: random.chance(0.1) ? random.scaled(50, 30_000) : undefined,
    pauseMs: random.chance(0.3) ? random.scaled(100, 3_600_000) : 0,
    // Rare, because it costs a quarter of a second of real time: SQLite waits that long for a lock.
    intrusion: random.chance(0.01) ? { step: random.scaled(1, steps) } : undefined,
    edition: random.chance(0.1) ? 1 : 0,
    lenient: random.chance(0.3),
  };
}

/** The relay as the program's settings describe it. */
export function relayOptions({ address }: RelayProfile, random: Random): RelayOptions {
  const [host, port] = address.split(":");
  return relayAt(Number(port), {
    name: address,
    host: host!,
    rate: random.chance(0.05) ? { count: random.integer(2, 20), perMs: 1_000 } : undefined,
  });
}
