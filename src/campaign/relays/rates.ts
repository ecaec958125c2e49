import type { RelayController } from "../../pipeline/relay/relay_controller.ts";
import type { Pacer } from "../../policy/pace/pacer.ts";
import { rateText } from "../../text/quantity.ts";
import type { Reporter } from "../../report/reporter.ts";
import { perSecondOf } from "../../model/rate.ts";
import type { Rate, Relay } from "../../model/relay.ts";

/** What can change during a run, from a campaign file that was read again. */
export interface Reloaded {
  /** Undefined: no limit. */
  readonly rate: Rate | undefined;
  /** Only their rates are applied. */
  readonly relays: readonly Relay[];
}

/** The rates of a run as the user set them; they can change while it runs. */
export class Rates {
  readonly #pacer: Pacer;
  readonly #relays: {
    readonly relay: Relay;
    readonly controller: RelayController;
    rate: Rate | undefined;
  }[];
  readonly #reporter: Reporter;
  #rate: Rate | undefined;

  /** @param controllers one for each relay, at the rate of that relay */
  constructor(
    rate: Rate | undefined,
    pacer: Pacer,
    controllers: readonly RelayController[],
    reporter: Reporter,
  ) {
    this.#rate = rate;
    this.#pacer = pacer;
    this.#relays = controllers.map((controller) => ({
      relay: controller.relay,
      controller,
      rate: controller.relay.rate,
    }));
    this.#reporter = reporter;
  }

  /** Applies the rates that differ, even to the mail that is waiting for its turn, and reports only those. */
  apply({ rate, relays }: Reloaded): void {
    const news: string[] = [];
    if (!isSame(rate, this.#rate)) {
      this.#rate = rate;
      this.#pacer.limit(perSecondOf(rate));
      news.push(`Rate is now ${limitText(rate)}`);
    }
    for (const [at, previous] of this.#relays.entries()) {
      const found = this.#find(at, relays);
      if (found === undefined || isSame(found.rate, previous.rate)) continue;
      previous.rate = found.rate;
      previous.controller.limit(found.rate);
      news.push(`Rate of ${previous.relay.name} is now ${limitText(found.rate)}`);
    }
    if (news.length === 0) news.push("Campaign file read again: no rate has changed");
    for (const one of news) this.#reporter.info(one);
  }

  /** The relay in the file that matches the one at this position in the run: by server and user, then by order among equals. */
  #find(at: number, relays: readonly Relay[]): Relay | undefined {
    const { relay } = this.#relays[at]!;
    const before = this.#relays.slice(0, at).filter((other) => isOne(other.relay, relay)).length;
    return relays.filter((other) => isOne(other, relay))[before];
  }
}

function isOne(a: Relay, b: Relay): boolean {
  return a.name === b.name && a.auth?.user === b.auth?.user;
}

function isSame(a: Rate | undefined, b: Rate | undefined): boolean {
  return a?.count === b?.count && a?.perMs === b?.perMs;
}

function limitText(rate: Rate | undefined): string {
  return rate === undefined ? "unlimited" : rateText(rate);
}
