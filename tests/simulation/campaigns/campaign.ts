import { holdLedger } from "../../../src/ledger/open.ts";
import type { SendOptions } from "../../../src/campaign/send_options.ts";
import { TIMEOUTS } from "../../../src/smtp/wire/timeouts.ts";
import { NEEDED, resolve } from "../../support/settings.ts";
import { Disk } from "./world/disk.ts";
import { Files } from "./world/files.ts";
import { History } from "./world/history.ts";
import {
  assertEndOfCampaign,
  type Ending,
  isUnclear,
  undecided,
} from "./promises/end_of_campaign.ts";
import { assertRun } from "./invariants.ts";
import { Random } from "./world/random.ts";
import { type MailingList, UNMAILABLE } from "./mailing_list.ts";
import { Network } from "./world/network.ts";
import { assertReported, NOTHING_YET, type Observation, observe } from "./observation.ts";
import { type End, type Machine, SimulatedProcess } from "./process.ts";
import { Relay } from "./relays/relay.ts";
import { CALM_DAY, type Fate } from "./relays/relay_profile.ts";
import {
  drawFates,
  drawRun,
  drawScenario,
  relayOptions,
  type RunPlan,
  type Scenario,
} from "./scenario.ts";
import type { RunFacts } from "./promises/run_facts.ts";
import { GroundTruth } from "./relays/ground_truth.ts";
import { WorldTime } from "./world/world_time.ts";

/** Divides the timeouts: a waiting client polls so often that simulating ten minutes would take long. */
const TIMEOUT_DIVISOR = 30;
/** Longer than a run waits for replies after a signal. */
const BODY_MS = 75_000;
const MINUTE = 60_000;
for (const [step, ms] of Object.entries(TIMEOUTS)) {
  const shorter = step === "body" ? BODY_MS : ms / TIMEOUT_DIVISOR;
  if (ms >= MINUTE) Object.assign(TIMEOUTS, { [step]: shorter });
}

const BASE = (await resolve(NEEDED)).options;

const LIST = "/simulated/list.csv";
const TEMPLATE = "/simulated/mail.txt";
const SUPPRESSED = "/simulated/suppressed.txt";
const templateOf = ({ edition, lenient }: RunPlan): string =>
  `From: Acme <news@acme.test>\nSubject: Hello, {{ Name }}\n\n{% comment %}${edition}{% endcomment %}` +
  (lenient ? "" : `{% if Name == "${UNMAILABLE}" %}{{ Name | date: "%F" }}{% endif %}`) +
  "Dear {{ Name }},\n.\n..\nHere is the news.\n";

/** Most calm runs that finish a campaign: a run may stop at recipients set aside, and the next one starts with others of them. */
const CALM_RUNS = 8;

const CALM: RunPlan = {
  options: {
    rate: undefined,
    wait: true,
    inDoubt: "hold",
    limit: undefined,
    offset: 0,
    retries: 5,
    patienceMs: 600_000,
  },
  days: [CALM_DAY, CALM_DAY],
  list: undefined,
  suppressed: 0,
  diskFault: undefined,
  kill: undefined,
  signal: undefined,
  edit: undefined,
  intrusion: undefined,
  edition: 0,
  lenient: false,
  skewMs: 0,
  pauseMs: 60_000,
  untilMs: undefined,
};

/** The share of campaigns in which `status` and `export` are checked: that takes a tenth of a campaign's time. */
const REPORTS_CHECKED = 0.1;

/** A run checks the list once more before it releases the ledger with a commit, which is two steps. */
const LAST_STEPS = 2;

const NO_CLIENT = { alive: false, step: () => {} };

/** A campaign from its first run to its end: the program is real, everything around it is simulated. */
export class SimulatedCampaign implements Disposable {
  readonly history: History;
  readonly #random: Random;
  readonly #scenario: Scenario;
  readonly #machine: Machine;
  readonly #truth = new GroundTruth();
  readonly #fates = new Map<string, Fate>();
  readonly #everListed = new Set<string>();
  /** Those of the last run. */
  #suppressed: ReadonlySet<string> = new Set();
  readonly #relays: readonly Relay[];
  readonly #options: SendOptions;
  /** How many mails a recipient may get whose mail the user had resent: one, and one more for each time. */
  readonly #allowed = new Map<string, number>();
  /** By recipient: the runs in which the user had their mail resent. */
  readonly #resent = new Map<string, number[]>();
  #list: MailingList;
  #observed: Observation = NOTHING_YET;
  #run = 0;

  /** @param kept Keep the lines of the history. */
  constructor(seed: number, kept = false) {
    this.history = new History(kept);
    const random = this.#random = new Random(seed);
    const scenario = this.#scenario = drawScenario(random.fork());
    this.#list = scenario.list;
    const time = new WorldTime();
    this.#machine = {
      time,
      history: this.history,
      network: new Network(time, random.fork()),
      files: new Files(time),
      disk: new Disk(NO_CLIENT),
    };
    const world = { time, history: this.history, truth: this.#truth, fates: this.#fates };
    this.#relays = scenario.relays.map((profile) =>
      new Relay(world, profile, CALM_DAY, random.fork())
    );
    for (const relay of this.#relays) {
      this.#machine.network.listen(relay.profile.address, () => relay.endpoint());
    }
    this.#write(scenario.list, "renamed");
    this.history.note(0, JSON.stringify({ relays: scenario.relays, options: scenario.options }));
    this.#options = {
      ...BASE,
      campaign: "simulated",
      recipients: LIST,
      template: TEMPLATE,
      suppressionList: { path: `${this.#machine.disk.ledger}.none`, named: false },
      relays: scenario.relays.map((profile) => relayOptions(profile, random)),
      ...scenario.options,
    };
  }

  /** Runs the campaign to its end. Throws an `AssertionError` if a promise is broken. */
  run(): void {
    let end: End | undefined;
    for (let left = this.#scenario.runs; left > 0; left--) {
      end = this.#runOnce(
        drawRun(this.#random.fork(), this.#scenario, this.#list, end === undefined),
      );
    }
    for (let left = CALM_RUNS; left > 0 && !this.#isOver(end!); left--) end = this.#runOnce(CALM);
    if (this.#random.chance(REPORTS_CHECKED)) {
      assertReported(this.#machine.disk.ledger, this.#observed);
    }
    assertEndOfCampaign(this.#ending);
  }

  /** Whether everybody is settled, as far as that can be known. */
  #isOver(end: End): boolean {
    const isDone = end.kind === "summary" && end.summary.state === "done";
    const isUnclearForAny = [...this.#list.keys].some((key) => isUnclear(this.#fates.get(key)));
    return (isDone || isUnclearForAny) && undecided(this.#ending).length === 0;
  }

  get #ending(): Ending {
    return {
      ledger: this.#observed,
      list: this.#list,
      suppressed: this.#suppressed,
      fates: this.#fates,
    };
  }

  [Symbol.dispose](): void {
    this.#machine.disk[Symbol.dispose]();
  }

  #runOnce(plan: RunPlan): End {
    const { time, disk, files } = this.#machine;
    this.#run++;
    time.pass(plan.pauseMs);
    if (plan.list !== undefined) this.#write(plan.list, "renamed");
    const suppressed = [...this.#list.keys].slice(0, plan.suppressed);
    this.#suppressed = new Set(suppressed);
    files.write(TEMPLATE, templateOf(plan));
    files.write(SUPPRESSED, suppressed.map((key) => `${key}\n`).join(""));
    const before = this.#observed;
    const options: SendOptions = {
      ...this.#options,
      ...plan.options,
      ledger: disk.ledger,
      suppress: suppressed.length > 0 ? [SUPPRESSED] : [],
      until: plan.untilMs && time.wall + plan.skewMs + plan.untilMs,
    };
    if (options.inDoubt === "resend") {
      for (const key of before.keysIn("in-doubt")) {
        this.#allowed.set(key, (this.#allowed.get(key) ?? 1) + 1);
        this.#resent.set(key, [...this.#resent.get(key) ?? [], this.#run]);
      }
    }
    this.#relays.forEach((relay, at) => relay.begin(this.#run, plan.days[at]!));
    const lists = [this.#list];
    let struckAt: number | undefined;
    let diskFailed = false;
    let intruder: RunFacts["intruder"];
    const process = new SimulatedProcess(this.#machine, this.#random.fork(), {
      ...plan,
      edit: plan.edit && {
        step: plan.edit.step,
        does: () => {
          lists.push(this.#list.changed(this.#random));
          this.#write(lists[1]!, plan.edit!.how);
        },
      },
      intrusion: plan.intrusion && {
        step: plan.intrusion.step,
        does: () => {
          intruder = { result: "nothing yet" };
          holdLedger(options).then(
            () => intruder = { result: "the ledger is open" },
            (error) => intruder = { result: error },
          );
        },
      },
    });
    disk.begin(process, plan.diskFault, (records) => {
      diskFailed = true;
      if (records) struckAt ??= time.now;
    });
    const { list: _, ...drawn } = plan;
    this.history.note(
      time.now,
      `run ${this.#run}: ${lists[0]!.rows.length} rows ${JSON.stringify(drawn)}`,
    );
    const began = time.now;
    const end = process.run(options);
    const { leftovers } = process;
    disk.closeAll();
    process.alive = false;
    const { edit } = plan;
    const edited = lists.length > 1;
    if (edit !== undefined && process.steps - edit.step < LAST_STEPS) lists.splice(1);
    const facts: RunFacts = {
      ...{ plan, options, end, leftovers, lists, before, suppressed, began, edited },
      ...{ struckAt, diskFailed, intruder, changes: process.changes, resent: this.#resent },
      endedAt: time.now,
      signalledAt: process.signalledAt,
      run: this.#run,
      after: observe(disk.ledger),
      relays: this.#relays.map(({ record }) => record),
      allowed: this.#allowed,
      fates: this.#fates,
      truth: this.#truth,
      everListed: this.#everListed,
    };
    this.#observed = facts.after;
    assertRun(facts);
    return end;
  }

  #write(list: MailingList, how: "in place" | "renamed"): void {
    this.#list = list;
    drawFates(this.#random, list, this.#scenario.wide ? new Map() : this.#fates, this.#everListed);
    for (const row of list.rows) {
      if (row.key !== undefined) this.#truth.listed(row.key, row);
    }
    this.#machine.files.write(LIST, list.text, how);
  }
}
