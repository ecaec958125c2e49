import type { GivingUp } from "../../src/pipeline/relay/refusals.ts";
import { RelayController } from "../../src/pipeline/relay/relay_controller.ts";
import type { RelayControllerDependencies } from "../../src/pipeline/relay/relay_controller_dependencies.ts";
import { Pacer } from "../../src/policy/pace/pacer.ts";
import {
  type ConnectionSlot,
  newSession,
  type SendContext,
  type SessionCounts,
} from "../../src/pipeline/consumer/connection_slot.ts";
import { Stop } from "../../src/model/stop.ts";
import { RunSuspicions } from "../../src/policy/health/run_suspicions.ts";
import type { Job } from "../../src/model/recipient.ts";
import { now } from "../../src/time/steady_time.ts";
import type { Attempt, DisconnectCause, Stage } from "../../src/model/attempt.ts";
import type { ConnectFailure } from "../../src/smtp/session/connect_relay.ts";
import type { Relay } from "../../src/model/relay.ts";
import { answerOf } from "../simulation/relay_model.ts";
import { jobOf } from "./jobs.ts";
import { relayAt } from "../smtp/fixtures.ts";

const HOUR = 3_600_000;

export interface ControllerOptions
  extends Partial<Omit<RelayControllerDependencies, "stop" | "suspicion">> {
  readonly relay?: Partial<Relay>;
  readonly slots?: number;
}

/** A relay controller, with its reports and its inputs. */
export class ControllerBench {
  readonly controller: RelayController;
  readonly stop = new Stop();
  readonly news: string[] = [];
  readonly givenUp: GivingUp[] = [];
  readonly suspicions = new RunSuspicions();

  constructor({ relay, slots: slots = 4, ...options }: ControllerOptions = {}) {
    this.controller = new RelayController(relayAt(25, { name: "mx.test:25", ...relay }), slots, {
      stop: this.stop,
      pacer: new Pacer(),
      patienceMs: HOUR,
      hadTaken: false,
      suspicion: this.suspicions.ofRelay(),
      onNews: (message) => this.news.push(message),
      onGivenUp: (why) => this.givenUp.push(why),
      ...options,
    });
  }

  /** The relay has judged a mail, so all slots can open sessions. */
  endTrial(): void {
    this.controller.follow({ kind: "well", accepted: true }, placeOf(newSession(0, PIPELINING)));
  }

  /** Opens a session. */
  connects(): SessionCounts {
    this.controller.connecting();
    return newSession(this.controller.connected(), PIPELINING);
  }

  /** Ends a session. */
  disconnects(): void {
    this.controller.leaving();
    this.controller.disconnected();
  }

  /** Fails to open a session: because of a reply such as "421 4.7.0 Busy", by default as the greeting, or of a disconnect. */
  fails(why: DisconnectCause | `${number} ${string}`, stage?: Stage): void {
    this.controller.connecting();
    this.controller.connectFailed(failureOf(why, stage));
  }

  /** Loses a session that has carried nothing. */
  loses(session: SessionCounts): void {
    this.controller.follow(LOST, placeOf(session));
    this.disconnects();
  }

  /** The relay refuses this recipient with a reply such as "rcpt 550 5.1.1 No such user". Returns who is to blame. */
  refuses(id: number, answer: string, place: SendContext): "recipient" | "elsewhere" | "unclear" {
    const { stage, reply } = answerOf(answer);
    const attempt: Attempt = { kind: "refused", stage, reply };
    return this.controller.refusals.hear(attempt, jobNumber(id), place).blame(reply);
  }

  /** The relay accepts this recipient's mail. */
  takes(id: number, place: SendContext): void {
    const { reply } = answerOf("body 250 2.0.0 Ok");
    this.controller.refusals.hear({ kind: "accepted", reply }, jobNumber(id), place);
    this.controller.follow({ kind: "well", accepted: true }, place);
  }
}

const LOST = { kind: "lost", inDoubt: false } as const;
const PIPELINING = { chunking: false, pipelining: true };

export function jobNumber(id: number): Job {
  return jobOf({ id, address: `r${id}@d${id}.test`, tries: 0, firstTriedAt: undefined });
}

export function placeOf(session: SessionCounts, mailsBefore = 0): SendContext {
  return { session, mailsBefore, sentAt: now() };
}

/** A slot that counts how often it is asked to leave. */
export class FakeSlot implements ConnectionSlot {
  readonly number: number;
  connected: boolean;
  left = 0;
  readonly #leaves: () => Promise<void>;

  /** @param leaves resolves when its session has ended */
  constructor(number = 0, connected = false, leaves = () => Promise.resolve()) {
    this.number = number;
    this.connected = connected;
    this.#leaves = leaves;
  }

  async leave(): Promise<void> {
    this.left++;
    await this.#leaves();
    this.connected = false;
  }
}

function failureOf(why: string, at: Stage | undefined): ConnectFailure {
  const told = { kind: "connect-failure", tlsReason: undefined, address: undefined } as const;
  if (/^\d/.test(why)) {
    const { stage, reply } = answerOf(`${at ?? "greeting"} ${why}`);
    return { ...told, stage, attempt: { kind: "refused", stage, reply } };
  }
  const stage = at ?? "connect";
  const cause = why as DisconnectCause;
  const broken = {
    kind: "broken",
    stage,
    cause,
    handedOver: false,
    detail: "what it was",
  } as const;
  return { ...told, stage, attempt: broken };
}

/** Returns a promise's result, or "waits" if it has not settled yet. */
export async function stateOf<T>(promise: Promise<T>, settle: Promise<void>): Promise<T | "waits"> {
  await settle;
  return await Promise.race([promise, Promise.resolve("waits" as const)]);
}
