import type { History } from "../world/history.ts";
import type { Lots } from "../world/lots.ts";
import type { Door } from "../world/network.ts";
import { type Day, drawLink, type Fate, type RelayNature, type Saying } from "./relay_nature.ts";
import type { Answer, SessionPolicy } from "./session_policy.ts";
import { SmtpSession } from "./smtp_session.ts";
import type { Truth } from "./truth.ts";
import type { WorldTime } from "../world/world_time.ts";

/** What all relays of a world share. */
export interface RelayWorld {
  readonly time: WorldTime;
  readonly history: History;
  readonly truth: Truth;
  /** By the recipient's key. */
  readonly fates: ReadonlyMap<string, Fate>;
}

/** A relay: what it is like for good, and how it is on the day of a run. */
export class Relay {
  readonly nature: RelayNature;
  readonly #world: RelayWorld;
  readonly #lots: Lots;
  #day: Day;
  #run = 0;
  #began = 0;
  #takenToday = 0;
  #sessions = 0;
  #names = 0;
  readonly #told = new Map<string, { times: number; readonly since: number }>();
  #recent: number[] = [];
  /** Times at which recipients were named, and on which connection, in this run. */
  readonly attempts: { at: number; key: string; session: number }[] = [];

  constructor(world: RelayWorld, nature: RelayNature, day: Day, lots: Lots) {
    this.#world = world;
    this.nature = nature;
    this.#day = day;
    this.#lots = lots;
  }

  /** Another run begins. */
  begin(run: number, day: Day): void {
    this.#run = run;
    this.#day = day;
    this.#began = this.#world.time.now;
    this.#takenToday = 0;
    this.attempts.length = 0;
  }

  door(): Door {
    const outage = this.#outage;
    return {
      state: outage === "closed" || outage === "silent" ? outage : "open",
      nature: drawLink(this.#lots, this.nature, this.#day),
      serve: (link) =>
        new SmtpSession(this.#world.time, link, this.#policy(), this.nature.latencyMs),
    };
  }

  get #outage(): "closed" | "silent" | "busy" | "breaks" | Saying | undefined {
    const { trouble } = this.#day;
    if (trouble.kind !== "outage") return undefined;
    const at = this.#world.time.now - this.#began;
    return at >= trouble.fromMs && at < trouble.toMs ? trouble.how : undefined;
  }

  #policy(): SessionPolicy {
    const session = ++this.#names;
    const run = this.#run;
    let mails = 0;
    this.#sessions++;
    const policy: SessionPolicy = {
      nature: this.nature.server,
      greeting: () => this.#greeting(),
      mail: () => this.#mail(mails),
      rcpt: (recipient) => this.#rcpt(recipient.toLowerCase(), { run, session }),
      body: (recipient, text) => {
        mails++;
        return this.#body(recipient.toLowerCase(), text, run);
      },
      heard: (line) => this.#note(`${session} C: ${line}`),
      spokenToAfterAll: (line) => void this.#world.truth.rudeness.push(line),
      ended: () => void this.#sessions--,
    };
    return this.#noted(policy, session);
  }

  /** Every answer stands in the history. */
  #noted(policy: SessionPolicy, session: number): SessionPolicy {
    const noted = (answer: Answer): Answer => {
      this.#note(`${session} S: ${answer.say.join("/")} ${answer.then ?? ""}`);
      return answer;
    };
    return {
      ...policy,
      greeting: () => noted(policy.greeting()),
      mail: () => noted(policy.mail()),
      rcpt: (recipient) => noted(policy.rcpt(recipient)),
      body: (recipient, text) => noted(policy.body(recipient, text)),
    };
  }

  #note(what: string): void {
    this.#world.history.note(this.#world.time.now, `${this.nature.address}#${what}`);
  }

  #greeting(): Answer {
    const busy = this.#outage === "busy" || this.#sessions > this.nature.connections;
    return busy ? farewell("421 4.7.0 Too many connections") : this.#says("220 relay.test ESMTP");
  }

  #mail(mails: number): Answer {
    const { session } = this.nature;
    if (this.#outage === "breaks") return { say: [], then: "reset" };
    if (mails >= session.mails) {
      return session.says === undefined ? { say: [], then: "close" } : answerOf(session.says);
    }
    return this.#trouble("mail") ?? this.#tooFast("mail") ?? this.#says("250 2.1.0 OK");
  }

  #rcpt(key: string, { run, session }: { run: number; session: number }): Answer {
    const dossier = this.#world.truth.of(key);
    dossier.runs.add(run);
    dossier.firstAt ??= this.#world.time.now;
    if (run === this.#run) this.attempts.push({ at: this.#world.time.now, key, session });
    const trouble = this.#trouble("rcpt") ?? this.#tooFast("rcpt");
    if (trouble !== undefined) return this.#putsOff(key, trouble, false);
    return this.#fate(key, "rcpt") ?? this.#says("250 2.1.5 OK");
  }

  #body(key: string, text: string, run: number): Answer {
    this.#world.truth.came(key, text);
    const trouble = this.#trouble("body") ?? this.#tooFast("body");
    if (trouble !== undefined) return this.#putsOff(key, trouble, false);
    const own = this.#fate(key, "body");
    if (own !== undefined) return own;
    const fate = this.#world.fates.get(key);
    if (fate?.kind === "cut" && this.#tell(key).times <= fate.times) {
      if (fate.taken) this.#take(key, run);
      return { say: [], then: "reset", afterMs: this.nature.bodyMs };
    }
    this.#take(key, run);
    const { slow } = this.#day;
    const late = this.#lots.chance(slow.chance) ? slow.ms : 0;
    return { say: ["250 2.0.0 Queued"], afterMs: this.nature.bodyMs + late };
  }

  #take(key: string, run: number): void {
    this.#takenToday++;
    this.#world.truth.accepted(key, run);
    this.#note(`took ${key}`);
  }

  #fate(key: string, stage: Saying["stage"]): Answer | undefined {
    const fate = this.#world.fates.get(key);
    if (fate === undefined || fate.kind === "cut" || fate.stage !== stage) return undefined;
    const told = this.#tell(key);
    const dossier = this.#world.truth.of(key);
    if (fate.kind === "refused") {
      dossier.ownNo++;
      return this.#says(fate.says);
    }
    const over = fate.kind === "later"
      ? told.times > fate.times
      : this.#world.time.now - told.since >= fate.forMs;
    if (over) return undefined;
    return this.#putsOff(key, this.#says(fate.says), true);
  }

  #putsOff(key: string, answer: Answer, own: boolean): Answer {
    if (answer.say[0]?.startsWith("4")) {
      this.#world.truth.of(key).putOff = { at: this.#world.time.now, own };
    }
    return answer;
  }

  #tell(key: string): { times: number; readonly since: number } {
    const told = this.#told.get(key) ?? { times: 0, since: this.#world.time.now };
    told.times++;
    this.#told.set(key, told);
    return told;
  }

  #trouble(stage: Saying["stage"]): Answer | undefined {
    const { trouble } = this.#day;
    const outage = this.#outage;
    const says = trouble.kind === "refuses" && this.#takenToday >= trouble.afterMails
      ? trouble
      : typeof outage === "object"
      ? outage
      : undefined;
    return says?.stage === stage ? answerOf(says.says) : undefined;
  }

  #tooFast(stage: Saying["stage"]): Answer | undefined {
    const { rate } = this.nature;
    if (rate?.stage !== stage) return undefined;
    const { now } = this.#world.time;
    this.#recent = this.#recent.filter((at) => at > now - rate.perMs);
    if (this.#recent.length >= rate.count) return answerOf(rate.says);
    this.#recent.push(now);
    return undefined;
  }

  #says(text: string): Answer {
    const { serviceMs } = this.nature;
    return { say: [text], ...(serviceMs > 0 && { afterMs: serviceMs }) };
  }
}

/** A server that says 421 closes the connection (RFC 5321, 3.8). */
function answerOf(text: string): Answer {
  return text.startsWith("421") ? farewell(text) : { say: [text] };
}

function farewell(text: string): Answer {
  return { say: [text], then: "close" };
}
