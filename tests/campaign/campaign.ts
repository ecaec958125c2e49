import { runCampaign } from "../../src/campaign/run.ts";
import type { CampaignDependencies } from "../../src/campaign/campaign_dependencies.ts";
import type { SendOptions } from "../../src/campaign/send_options.ts";
import { openLedgerReader } from "../../src/ledger/sqlite/reader.ts";
import type { Plan } from "../../src/report/plan.ts";
import type { Summary } from "../../src/report/summary.ts";
import type { Tally } from "../../src/model/tally.ts";
import type { Progress, Reporter } from "../../src/report/reporter.ts";
import type { Delivery } from "../../src/pipeline/consumer/delivery.ts";
import { Folder, rowsOf } from "../ledger/ledgers.ts";
import { relayAt } from "../smtp/fixtures.ts";
import { NEEDED, resolve } from "../support/settings.ts";

export const TEMPLATE = "From: Acme <news@acme.test>\nSubject: Hello\n\nHello, {{ Email }}.\n";

interface Told {
  readonly plans: Plan[];
  readonly warnings: string[];
  readonly news: string[];
  readonly details: string[];
  readonly deliveries: Delivery[];
  readonly progress: Progress[];
}

/** A campaign in a folder of its own. */
export class Campaign implements Disposable {
  readonly folder = new Folder();
  readonly told: Told = {
    plans: [],
    warnings: [],
    news: [],
    details: [],
    deliveries: [],
    progress: [],
  };
  /** The reporter of every run; what it is told is in `told`. */
  readonly reporter: Reporter;
  #signal = new AbortController();

  constructor(count: number, more = "") {
    this.write("mail.txt", TEMPLATE);
    this.list(count, more);
    const { plans, warnings, news, details, deliveries, progress } = this.told;
    this.reporter = {
      info: (message) => void news.push(message),
      detail: (message) => void details.push(message),
      warn: (message) => void warnings.push(message),
      plan: (plan) => void plans.push(plan),
      delivery: (delivery) => void deliveries.push(delivery),
      progress: (shown) => void progress.push(shown),
      summary: () => {},
      close: () => Promise.resolve(),
    };
  }

  get ledger(): string {
    return this.folder.file();
  }

  list(count: number, more = ""): void {
    const rows = Array.from({ length: count }, (_, at) => `r${at + 1}@x.test\n`).join("");
    this.write("list.csv", `Email\n${rows}${more}`);
  }

  write(name: string, text: string): void {
    Deno.writeTextFileSync(this.folder.file(name), text);
  }

  /** The options of a run over these relays. */
  async options(
    ports: readonly number[],
    changes: Partial<SendOptions> = {},
  ): Promise<SendOptions> {
    const resolved = await resolve(NEEDED);
    return {
      ...resolved.options,
      campaign: "c",
      recipients: this.folder.file("list.csv"),
      template: this.folder.file("mail.txt"),
      ledger: this.ledger,
      suppressionList: { path: this.folder.file("no.suppression"), named: false },
      relays: ports.map((port) => relayAt(port)),
      connections: 3,
      firstRetryMs: 30,
      ...changes,
    };
  }

  async send(
    ports: readonly number[],
    options: Partial<SendOptions> = {},
    dependencies: Partial<CampaignDependencies> = {},
  ): Promise<Summary> {
    this.#signal = new AbortController();
    return await runCampaign(await this.options(ports, options), {
      reporter: this.reporter,
      signal: this.#signal.signal,
      stdin: new ReadableStream(),
      confirm: () => Promise.resolve(true),
      onReload: () => ({ [Symbol.dispose]: () => {} }),
      ...dependencies,
    });
  }

  /** The first SIGINT. */
  stop(): void {
    this.#signal.abort(new DOMException("Stopped by a signal", "AbortError"));
  }

  /** What `status` counts. */
  async tally(): Promise<Tally> {
    using ledger = openLedgerReader(this.ledger);
    return await ledger.tally();
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
