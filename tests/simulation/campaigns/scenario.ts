import type { SendOptions } from "../../../src/campaign/send_options.ts";
import type { Relay as RelayOptions } from "../../../src/model/relay.ts";
import { relayAt } from "../../smtp/fixtures.ts";
import type { DiskFault } from "./world/disk.ts";
import type { Lots } from "./world/lots.ts";
import { MailingList } from "./mailing_list.ts";
import {
  CALM_DAY,
  type Day,
  drawDay,
  drawFate,
  drawRelay,
  drawWideRelay,
  type Fate,
  type RelayNature,
} from "./relays/relay_nature.ts";

/** What is drawn once for a campaign. */
export interface Scenario {
  readonly list: MailingList;
  readonly relays: readonly RelayNature[];
  readonly options: Partial<SendOptions> & Pick<SendOptions, "connections" | "retries">;
  /** As many mails as may be are under way at once, as nothing holds them up: for what a kill leaves in doubt. */
  readonly wide: boolean;
  /** Runs with trouble, before the calm ones that bring it to its end. */
  readonly runs: number;
}

/** What is drawn for one run. */
export interface RunPlan {
  readonly options: Partial<SendOptions>;
  readonly days: readonly Day[];
  /** undefined: as at the last run. */
  readonly list: MailingList | undefined;
  /** How many of the list are suppressed. */
  readonly suppressed: number;
  readonly diskFault: DiskFault | undefined;
  readonly kill: { readonly step: number; readonly machine: boolean } | undefined;
  readonly signal: { readonly step: number; readonly againMs: number | undefined } | undefined;
  /** The list is changed while it is being sent. */
  readonly edit: { readonly step: number; readonly how: "in place" | "renamed" } | undefined;
  /** Another process begins with the same ledger. */
  readonly intrusion: { readonly step: number } | undefined;
  /** The template is another file, which makes the same mails. */
  readonly edition: number;
  readonly skewMs: number;
  /** Time that passes before it begins. */
  readonly pauseMs: number;
  /** `--until`, from the beginning of the run. */
  readonly untilMs: number | undefined;
}

/** Steps that the way of one mail takes, and a little more. */
const STEPS_OF_A_MAIL = 16;

/** Lists from this length on may fill all windows there can be. */
const WIDE_FROM = 200;

export function drawScenario(lots: Lots): Scenario {
  const list = MailingList.draw(lots);
  const wide = list.rows.length > WIDE_FROM && lots.chance(0.8);
  const relays = [(wide ? drawWideRelay : drawRelay)(lots, "10.0.0.1:25")];
  if (!wide && lots.chance(0.25)) relays.push(drawRelay(lots, "10.0.0.2:2525"));
  return {
    list,
    wide,
    relays,
    runs: lots.weighted([[70, 1], [22, 2], [6, 3], [2, 5]]),
    options: {
      connections: lots.weighted(wide ? [[1, 3], [1, 4]] : [[4, 1], [4, 2], [2, 3], [0.5, 6]]),
      maxPerConnection: !wide && lots.chance(0.1) ? lots.integer(1, 4) : 0,
      retries: lots.chance(0.7) ? 5 : lots.integer(0, 3),
      retryForMs: lots.chance(0.8) ? 600_000 : lots.scaled(1_000, 60_000),
      firstRetryMs: lots.scaled(50, 1_500),
      patienceMs: lots.scaled(2_000, 20_000),
      window: !wide && lots.chance(0.2) ? lots.integer(1, 6) : undefined,
      dropMissing: lots.chance(0.2),
      copyUpTo: lots.chance(0.2) ? -1 : undefined,
    },
  };
}

/** Whoever is new in the list gets his fate. */
export function drawFates(
  lots: Lots,
  { keys }: MailingList,
  fates: Map<string, Fate>,
  met: Set<string>,
): void {
  for (const key of keys) {
    if (met.has(key)) continue;
    met.add(key);
    const fate = drawFate(lots);
    if (fate !== undefined) fates.set(key, fate);
  }
}

export function drawRun(
  lots: Lots,
  { relays, wide }: Scenario,
  list: MailingList,
  first: boolean,
): RunPlan {
  const steps = 20 + STEPS_OF_A_MAIL * list.rows.length;
  const rate = !wide && lots.chance(0.15)
    ? { count: lots.integer(1, 20), perMs: lots.pick([1_000, 3_000]) }
    : undefined;
  return {
    options: {
      rate,
      wait: lots.chance(0.85),
      inDoubt: lots.chance(0.15) ? "resend" : "hold",
      limit: !wide && lots.chance(0.15) ? lots.integer(1, 10) : undefined,
      offset: lots.chance(0.04) ? lots.integer(1, 5) : 0,
    },
    days: relays.map(() => wide ? CALM_DAY : drawDay(lots)),
    list: !first && lots.chance(0.3) ? list.changed(lots) : undefined,
    suppressed: lots.chance(0.2) ? lots.integer(1, 3) : 0,
    diskFault: lots.chance(0.06)
      ? {
        what: lots.pick(["commit", "commit", "sync"] as const),
        from: lots.scaled(1, 30),
        count: lots.pick([1, 3, Infinity]),
      }
      : undefined,
    kill: lots.chance(0.5)
      ? {
        step: list.rows.length > WIDE_FROM ? lots.integer(1, steps) : lots.scaled(1, steps),
        machine: lots.chance(0.2),
      }
      : undefined,
    signal: lots.chance(0.2)
      ? {
        step: lots.scaled(1, steps),
        againMs: lots.chance(0.2) ? lots.scaled(150, 5_000) : undefined,
      }
      : undefined,
    edit: lots.chance(0.06)
      ? { step: lots.scaled(1, steps), how: lots.pick(["in place", "renamed"] as const) }
      : undefined,
    skewMs: lots.chance(0.1) ? lots.integer(-10, 10) * 1_000 : 0,
    untilMs: lots.chance(0.1) ? lots.scaled(50, 30_000) : undefined,
    pauseMs: lots.chance(0.3) ? lots.scaled(100, 3_600_000) : 0,
    // It costs a quarter of a second of real time: SQLite waits that long for a lock.
    intrusion: lots.chance(0.01) ? { step: lots.scaled(1, steps) } : undefined,
    edition: lots.chance(0.1) ? 1 : 0,
  };
}

/** The relay as the program is told of it. */
export function relayOptions({ address }: RelayNature, lots: Lots): RelayOptions {
  const [host, port] = address.split(":");
  return relayAt(Number(port), {
    name: address,
    host: host!,
    rate: lots.chance(0.05) ? { count: lots.integer(2, 20), perMs: 1_000 } : undefined,
  });
}
