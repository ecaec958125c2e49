import type { History } from "../world/history.ts";
import type { Random } from "../world/random.ts";
import type { Endpoint } from "../world/network.ts";
import { type Day, drawLink, type Fate, type RelayProfile, type Saying } from "./relay_profile.ts";
import type { Answer, SessionPolicy } from "./session_policy.ts";
import { SmtpSession } from "./smtp_session.ts";
import type { GroundTruth } from "./ground_truth.ts";
import type { WorldTime } from "../world/world_time.ts";

/** What all relays of a world share. */
export interface RelayWorld {
  readonly time: WorldTime;
  readonly history: History;
  readonly truth: GroundTruth;
  /** By the recipient's key. */
  readonly fates: ReadonlyMap<string, Fate>;
}

/** The run and the connection that a mail came by. */
interface Carrier {
  readonly run: number;
  readonly session: number;
}

/** A run that is asked to stop may not wait for replies that take this long. */
const SLOW_MS = 200;

/** What happened at a relay in one run. */
export interface RunRecord {
  /** When recipients were named, and on which connection. */
  readonly attempts: readonly {
    readonly at: number;
    readonly key: string;
    readonly session: number;
  }[];
  /** Connections that do not end by QUIT, by 421 or by their client. */
  readonly broken: ReadonlySet<number>;
  /** Connections with a slow reply. */
  readonly slow: ReadonlySet<number>;
  /** By recipient: the connection on which it accepted the mail. */
  readonly taken: ReadonlyMap<string, number>;
  /** It accepts whatever it is sent, as fast as it comes. */
  readonly isHealthy: boolean;
  /** It refuses what follows a final dot in a packet, which is then written once more. */
  readonly writtenAgain: boolean;
}

/** A relay: its lasting properties, and its condition in a run. */
export class Relay {
  readonly profile: RelayProfile;
  readonly #world: RelayWorld;
  readonly #random: Random;
  #day: Day;
  #run = 0;
  #began = 0;
  #takenToday = 0;
  #sessions = 0;
  #names = 0;
  readonly #answered = new Map<string, { times: number; readonly since: number }>();
  #recent: number[] = [];
  #attempts: { at: number; key: string; session: number }[] = [];
  #broken = new Set<number>();
  #slow = new Set<number>();
  #taken = new Map<string, number>();

  constructor(world: RelayWorld, profile: RelayProfile, day: Day, random: Random) {
    this.#world = world;
    this.profile = profile;
    this.#day = day;
    this.#random = random;
  }

  /** Another run starts. */
  begin(run: number, day: Day): void {
    this.#run = run;
    this.#day = day;
    this.#began = this.#world.time.now;
    this.#takenToday = 0;
    this.#attempts = [];
    this.#broken = new Set();
    this.#slow = new Set();
    this.#taken = new Map();
  }

  /** What happened in the run that started last. */
  get record(): RunRecord {
    const writtenAgain = this.profile.server.refusesAfterDot;
    const [attempts, broken, slow, taken] = [this.#attempts, this.#broken, this.#slow, this.#taken];
    return { attempts, broken, slow, taken, writtenAgain, isHealthy: this.#isHealthy };
  }

  get #isHealthy(): boolean {
    const { connections, session, rate } = this.profile;
    const { trouble, cuts } = this.#day;
    return trouble.kind === "none" && cuts === 0 && rate === undefined &&
      connections === Infinity && session.mails === Infinity;
  }

  endpoint(): Endpoint {
    const outage = this.#outage;
    const profile = drawLink(this.#random, this.profile, this.#day);
    return {
      state: outage === "closed" || outage === "silent" ? outage : "open",
      profile,
      serve: (link) => {
        const policy = this.#policy();
        if (profile.cut !== undefined) this.#broken.add(this.#names);
        return new SmtpSession(this.#world.time, link, policy, this.profile.latencyMs);
      },
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
      profile: this.profile.server,
      greeting: () => this.#greeting(),
      mail: () => this.#noting(session, this.#mail(mails)),
      rcpt: (recipient) => this.#rcpt(recipient.toLowerCase(), { run, session }),
      body: (recipient, text) => {
        mails++;
        return this.#noting(session, this.#body(recipient.toLowerCase(), text, { run, session }));
      },
      heard: (line) => this.#note(`${session} C: ${line}`),
      commandAfter421: (line) => void this.#world.truth.commandsAfter421.push(line),
      ended: () => void this.#sessions--,
    };
    return this.#noted(policy, session);
  }

  /** Notes whether the answer breaks the connection, or is slow. */
  #noting(session: number, answer: Answer): Answer {
    if (answer.then !== undefined && answer.say.length === 0) this.#broken.add(session);
    if ((answer.afterMs ?? 0) >= SLOW_MS) this.#slow.add(session);
    return answer;
  }

  /** Notes every answer in the history. */
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
    this.#world.history.note(this.#world.time.now, `${this.profile.address}#${what}`);
  }

  #greeting(): Answer {
    const busy = this.#outage === "busy" || this.#sessions > this.profile.connections;
    return busy ? farewell("421 4.7.0 Too many connections") : this.#says("220 relay.test ESMTP");
  }

  #mail(mails: number): Answer {
    const { session } = this.profile;
    if (this.#outage === "breaks") return { say: [], then: "reset" };
    if (mails >= session.mails) {
      return session.says === undefined ? { say: [], then: "close" } : answerOf(session.says);
    }
    return this.#trouble("mail") ?? this.#tooFast("mail") ?? this.#says("250 2.1.0 OK");
  }

  #rcpt(key: string, { run, session }: Carrier): Answer {
    const record = this.#world.truth.of(key);
    record.runs.add(run);
    record.firstAt ??= this.#world.time.now;
    if (run === this.#run) this.#attempts.push({ at: this.#world.time.now, key, session });
    const trouble = this.#trouble("rcpt") ?? this.#tooFast("rcpt");
    if (trouble !== undefined) return this.#defer(key, trouble, false);
    return this.#fate(key, "rcpt") ?? this.#says("250 2.1.5 OK");
  }

  #body(key: string, text: string, on: Carrier): Answer {
    this.#world.truth.received(key, text);
    const trouble = this.#trouble("body") ?? this.#tooFast("body");
    if (trouble !== undefined) return this.#defer(key, trouble, false);
    const own = this.#fate(key, "body");
    if (own !== undefined) return own;
    const fate = this.#world.fates.get(key);
    if (fate?.kind === "cut" && this.#countAnswer(key).times <= fate.times) {
      if (fate.taken) this.#take(key, on);
      return { say: [], then: "reset", afterMs: this.profile.bodyMs };
    }
    this.#take(key, on);
    const { slow } = this.#day;
    const late = this.#random.chance(slow.chance) ? slow.ms : 0;
    return { say: ["250 2.0.0 Queued"], afterMs: this.profile.bodyMs + late };
  }

  #take(key: string, { run, session }: Carrier): void {
    if (run === this.#run) this.#taken.set(key, session);
    this.#takenToday++;
    this.#world.truth.accepted(key, run);
    this.#note(`took ${key}`);
  }

  #fate(key: string, stage: Saying["stage"]): Answer | undefined {
    const fate = this.#world.fates.get(key);
    if (fate === undefined || fate.kind === "cut" || fate.stage !== stage) return undefined;
    const answered = this.#countAnswer(key);
    const record = this.#world.truth.of(key);
    if (fate.kind === "refused") {
      record.ownRefusals++;
      return this.#says(fate.says);
    }
    const over = fate.kind === "later"
      ? answered.times > fate.times
      : this.#world.time.now - answered.since >= fate.forMs;
    if (over) return undefined;
    return this.#defer(key, this.#says(fate.says), true);
  }

  #defer(key: string, answer: Answer, own: boolean): Answer {
    if (answer.say[0]?.startsWith("4")) {
      this.#world.truth.of(key).lastDeferral = { at: this.#world.time.now, own };
    }
    return answer;
  }

  #countAnswer(key: string): { times: number; readonly since: number } {
    const answered = this.#answered.get(key) ?? { times: 0, since: this.#world.time.now };
    answered.times++;
    this.#answered.set(key, answered);
    return answered;
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
    const { rate } = this.profile;
    if (rate?.stage !== stage) return undefined;
    const { now } = this.#world.time;
    this.#recent = this.#recent.filter((at) => at > now - rate.perMs);
    if (this.#recent.length >= rate.count) return answerOf(rate.says);
    this.#recent.push(now);
    return undefined;
  }

  #says(text: string): Answer {
    const { serviceMs } = this.profile;
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
