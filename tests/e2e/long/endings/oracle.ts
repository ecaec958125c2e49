/**
 * What may have become of each recipient, according to the list and the server's own log; the program is not asked.
 *
 * There is one answer if none of the server's replies can have been lost. They can be lost if the server's process ends, or if,
 * with CHUNKING, a connection is cut on which more mails were under way.
 */
import type { Noted } from "../../../support/counting_server.ts";
import { chosen, recipientsOf, type Row } from "./list.ts";
import { type End, RETRIES, type Scenario } from "./scenario.ts";

/** `waiting`: queued or deferred; `absent`: no run has reached it. */
export type Fate = "sent" | "failed" | "skipped" | "in-doubt" | "waiting" | "absent";

/** What the server logged about one recipient. */
interface Heard {
  readonly accepted: number;
  readonly refused: number;
  readonly later: number;
  readonly cut: number;
}

export class Oracle {
  /** Whether replies may have been lost. */
  readonly lossy: boolean;
  /** When the server refuses us, earlier refusals that may have been about us, too, are taken back (promise 8). */
  readonly #refusedUs: boolean;
  readonly #log: readonly Noted[];
  readonly #heard: ReadonlyMap<string, Heard>;

  constructor(scenario: Scenario, log: readonly Noted[]) {
    const cuts = log.some(({ what }) => what === "cut");
    this.lossy = scenario.end.kind === "gone" || (scenario.chunking && cuts);
    this.#refusedUs = log.some(({ what }) => what === "refused-us");
    this.#log = log;
    const byKey = Map.groupBy(log, ({ of }) => of.toLowerCase());
    this.#heard = new Map([...byKey].map(([key, those]) => [key, heardOf(those)]));
  }

  heard(key: string): Heard {
    return this.#heard.get(key) ?? heardOf([]);
  }

  /** Addresses for which the server accepted or refused a mail, in lower case. */
  get named(): readonly string[] {
    return [...this.#heard.keys()].filter((key) => key !== "");
  }

  /** Connections that the server cut. */
  get cuts(): number {
    return this.#log.filter(({ what }) => what === "cut").length;
  }

  /** What may have become of a recipient that nothing suppresses. */
  mayBe(key: string, fate: string): readonly Fate[] {
    const { accepted, refused, later, cut } = this.heard(key);
    const unheard: Fate[] = this.lossy ? ["waiting", "in-doubt"] : [];
    if (cut > 0) return ["in-doubt"];
    if (accepted > 0) return this.lossy ? ["sent", "in-doubt"] : ["sent"];
    if (refused > 0) {
      return ["failed", ...(isUndecided(fate) ? ["waiting" as const] : []), ...unheard];
    }
    if (later > RETRIES) return ["failed", "waiting", ...unheard];
    if (later > 0) return ["waiting", ...unheard];
    // Detected before MAIL: the server never sees it.
    if (fate === "too-large") return ["failed", "waiting", "absent"];
    return ["waiting", "absent", ...unheard];
  }

  /** Counted tries; undefined: unknown. */
  attempts(key: string, fate: string): number | undefined {
    if (this.lossy || this.#refusedUs) return undefined;
    const { accepted, refused, later, cut } = this.heard(key);
    if (fate === "too-large") return 1;
    return later + (accepted + refused + cut > 0 ? 1 : 0);
  }
}

/** Whether the refusal, or the last deferral, may be about us: the recipient is set aside unless others are accepted. */
export function isUndecided(fate: string): boolean {
  return /^(?:refused-(?:body|message)|later9)/i.test(fate);
}

function heardOf(noted: readonly Noted[]): Heard {
  const count = (what: Noted["what"]) => noted.filter((one) => one.what === what).length;
  return {
    accepted: count("accepted"),
    refused: count("refused"),
    later: count("later"),
    cut: count("cut"),
  };
}

/** The keys of the recipients that a run is about: all, unless `--only` or `--offset` is given. */
export function chosenByEnd(end: End, list: readonly Row[]): ReadonlySet<string> {
  if (end.kind === "only") return chosen(list, end);
  const rows = end.kind === "offset" ? list.slice(end.count) : list;
  return new Set(recipientsOf(rows).keys());
}

/** How many recipients of the list can be mailed: what `--limit` counts. */
export function mailable(list: readonly Row[]): number {
  return [...recipientsOf(list).values()].filter(([row]) => row!.suppressed === undefined).length;
}
