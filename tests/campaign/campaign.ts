import { type CampaignSurroundings, runCampaign } from "../../src/campaign.ts";
import type { SendOptions } from "../../src/cli/options.ts";
import { openLedgerReader } from "../../src/record/ledger_reader.ts";
import type { Plan } from "../../src/report/plan.ts";
import type { Summary } from "../../src/report/summary.ts";
import type { Tally } from "../../src/report/tally.ts";
import type { Talk } from "../../src/report/talk.ts";
import { Folder, rowsOf } from "../record/ledgers.ts";
import { relayAt } from "../smtp/fixtures.ts";
import { NEEDED, resolve } from "../support/settings.ts";

export const TEMPLATE = "From: Acme <news@acme.test>\nSubject: Hello\n\nHello, {{ Email }}.\n";

interface Told {
  readonly plans: Plan[];
  readonly warnings: string[];
  readonly news: string[];
}

/** A campaign in a folder of its own. */
export class Campaign implements Disposable {
  readonly folder = new Folder();
  readonly told: Told = { plans: [], warnings: [], news: [] };
  #signal = new AbortController();

  constructor(count: number, more = "") {
    Deno.writeTextFileSync(this.folder.file("mail.txt"), TEMPLATE);
    this.list(count, more);
  }

  get ledger(): string {
    return this.folder.file();
  }

  list(count: number, more = ""): void {
    const rows = Array.from({ length: count }, (_, at) => `r${at + 1}@x.test\n`).join("");
    Deno.writeTextFileSync(this.folder.file("list.csv"), `Email\n${rows}${more}`);
  }

  async send(
    ports: readonly number[],
    options: Partial<SendOptions> = {},
    surroundings: Partial<CampaignSurroundings> = {},
  ): Promise<Summary> {
    const resolved = await resolve(NEEDED);
    this.#signal = new AbortController();
    const { plans, warnings, news } = this.told;
    const talk: Talk = {
      info: (message) => void news.push(message),
      detail: () => {},
      warn: (message) => void warnings.push(message),
      plan: (plan) => void plans.push(plan),
      delivery: () => {},
      progress: () => {},
      summary: () => {},
      close: () => Promise.resolve(),
    };
    return await runCampaign({
      ...resolved.options,
      campaign: "c",
      recipients: this.folder.file("list.csv"),
      template: this.folder.file("mail.txt"),
      ledger: this.ledger,
      suppressionList: { path: this.folder.file("no.suppression"), named: false },
      relays: ports.map((port) => relayAt(port)),
      connections: 3,
      firstRetryMs: 30,
      ...options,
    }, {
      talk,
      signal: this.#signal.signal,
      stdin: new ReadableStream(),
      confirm: () => Promise.resolve(true),
      onReload: () => ({ [Symbol.dispose]: () => {} }),
      ...surroundings,
    });
  }

  /** The first SIGINT. */
  stop(): void {
    this.#signal.abort(new DOMException("Stopped by a signal", "AbortError"));
  }

  /** What `status` counts. */
  tally(): Tally {
    using ledger = openLedgerReader(this.ledger);
    return ledger.tally();
  }

  async states(): Promise<Record<string, number>> {
    using ledger = openLedgerReader(this.ledger);
    const counts: Record<string, number> = {};
    for (const { state } of await rowsOf(ledger)) counts[state] = (counts[state] ?? 0) + 1;
    return counts;
  }

  [Symbol.dispose](): void {
    this.folder[Symbol.dispose]();
  }
}
