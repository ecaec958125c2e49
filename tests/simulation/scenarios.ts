import type { StopKind } from "../../src/model/stop_kind.ts";
import {
  after,
  answerOf,
  between,
  breaks,
  greylists,
  type Habit,
  REFUSED_EVERYWHERE,
  type RelayModel,
  when,
} from "./relay_model.ts";
import type { RunSetup } from "./simulation.ts";

/** A relay with these habits, which also refuses the recipients that no relay accepts. */
export function relay(name: string, ...habits: readonly Habit[]): RelayModel {
  return { name, habits: [...habits, ...REFUSED_EVERYWHERE] };
}

export const HEALTHY = relay("healthy:25");
const always = () => true;

export interface Scenario {
  readonly promise: string;
  readonly list: string;
  readonly domains?: number;
  readonly given: RunSetup;
  readonly counts: Readonly<Record<string, number>>;
  /** What the reason for the stop is about; undefined: the run finishes. */
  readonly kind?: StopKind;
  /** Matches the reason for the stop; undefined: the run finishes. */
  readonly stopped?: RegExp;
  /** The longest the run may take, in ms. */
  readonly within?: number;
}

const HOUR = 3_600_000;
/** Less patience, for relays that stop accepting mail, where the length of the wait is not what is tested. */
const SHORT = { patienceMs: 600_000 };
export const QUOTA = "rcpt 550 5.4.5 Daily user sending limit exceeded";

/** Runs that finish. */
export const DONE: readonly Scenario[] = [
  {
    promise: "a healthy relay accepts everybody",
    list: "1000 good",
    given: { relays: [HEALTHY] },
    counts: { sent: 1000 },
  },
  {
    promise: "a stale list that starts with thirty 5.1.1 refusals does not stop the run",
    list: "30 gone, 300 good",
    given: { relays: [HEALTHY] },
    counts: { failed: 30, sent: 300 },
  },
  {
    promise: "a list that starts with fifteen plain 550 refusals does not stop the run",
    list: "15 plain, 300 good",
    given: { relays: [HEALTHY] },
    counts: { failed: 15, sent: 300 },
  },
  {
    promise: "fifteen suppressed recipients at the start of the list do not stop the run",
    list: "15 suppressed, 300 good",
    given: { relays: [HEALTHY] },
    counts: { failed: 15, sent: 300 },
  },
  {
    promise:
      "a suppressed domain at the start of the list is tried after the others and does not stop the run",
    list: "15 suppressed@x.test, 300 good",
    given: { relays: [HEALTHY] },
    counts: { failed: 15, sent: 300 },
  },
  {
    promise: "a single suppressed recipient among eight is marked failed",
    list: "3 good, 1 suppressed, 4 good",
    given: { relays: [HEALTHY] },
    counts: { failed: 1, sent: 7 },
  },
  {
    promise:
      "suppressed recipients at the end of the list are marked failed if the second to last is accepted",
    list: "100 good, 15 suppressed, 1 good, 1 suppressed",
    given: { relays: [HEALTHY] },
    counts: { failed: 16, sent: 101 },
  },
  {
    promise: "a healthy relay gets the mails that another refuses, even in a short list",
    list: "8 good",
    given: { relays: [HEALTHY, relay("b:25", when(always, "rcpt 554 5.7.1 Relay access denied"))] },
    counts: { sent: 8 },
  },
  {
    promise:
      "a healthy relay gets the mails that another refuses, in a long list with unknown recipients",
    list: "40 good, 3 gone, 500 good, 4 suppressed, 10 good",
    given: { relays: [HEALTHY, relay("b:25", when(always, "rcpt 554 5.7.1 Relay access denied"))] },
    counts: { sent: 550, failed: 7 },
  },
  {
    promise: "a healthy relay gets the mails left over when another reaches its quota",
    list: "500 good",
    given: { relays: [HEALTHY, relay("b:25", after(50, QUOTA))] },
    counts: { sent: 500 },
  },
  {
    promise: "a run outlasts greylisting",
    list: "100 grey, 100 good",
    given: { relays: [relay("grey:25", greylists(300_000, "grey"))] },
    counts: { sent: 200 },
  },
  {
    promise: "a run outlasts an outage reported as 4yz at MAIL",
    list: "500 good",
    given: { relays: [relay("out:25", between(50, HOUR / 2, "mail 451 4.3.0 Try later"))] },
    counts: { sent: 500 },
    within: HOUR / 2 + 200_000,
  },
  {
    promise: "a run outlasts an outage reported as 421 at MAIL",
    list: "500 good",
    given: { relays: [relay("out:25", between(50, HOUR / 4, "mail 421 4.3.2 Shutting down"))] },
    counts: { sent: 500 },
  },
  {
    promise: "a run outlasts an outage reported as 452 at RCPT, and uses up nobody's tries",
    list: "500 good",
    given: { relays: [relay("out:25", between(50, HOUR / 2, "rcpt 452 4.3.1 No space"))] },
    counts: { sent: 500 },
  },
  {
    promise: "connections that break for minutes cost nobody a try",
    list: "500 good",
    given: { relays: [relay("out:25", breaks(20, 200_000))] },
    counts: { sent: 500 },
  },
  {
    promise: "connections greeted with 421 for minutes cost nobody a try",
    list: "50 good",
    given: {
      relays: [{
        ...HEALTHY,
        greeting: (at) => at < 600_000 ? answerOf("greeting 421 4.3.2 Busy").reply : undefined,
      }],
    },
    counts: { sent: 50 },
  },
  {
    promise: "mailboxes that are always busy fail in the end, and nobody else does",
    list: "100 good, 1 sick, 100 good, 1 locked, 100 good, 1 full, 100 good",
    given: { relays: [HEALTHY] },
    counts: { sent: 400, failed: 3 },
  },
];

/** Runs that a relay stops. */
export const STOPPED: readonly Scenario[] = [
  {
    promise: "the relay refuses everybody at RCPT",
    list: "300 good",
    given: { relays: [relay("no:25", when(always, "rcpt 550 <%>: relay not permitted"))] },
    counts: {},
    kind: "refused-by-relay",
    stopped: /550 <.*>: relay not permitted/,
  },
  {
    promise: "the relay refuses everybody in a short list",
    list: "8 good",
    given: { relays: [relay("no:25", when(always, "rcpt 554 5.7.1 Relay access denied"))] },
    counts: { waiting: 8 },
    kind: "refused-by-relay",
    stopped: /554 5\.7\.1 Relay access denied/,
  },
  {
    promise: "the relay refuses each recipient in different words",
    list: "300 good",
    given: {
      relays: [
        relay(
          "no:25",
          ({ address }) =>
            answerOf(`rcpt 550 no ${"x".repeat(Number(address.split(/[.@]/)[1]) % 190)}`),
        ),
      ],
    },
    counts: {},
    kind: "refused-by-relay",
    stopped: /550 no x/,
  },
  {
    promise: "Gmail's daily quota is reached at RCPT, in mid-run",
    list: "300 good",
    given: { ...SHORT, relays: [relay("quota:25", after(100, QUOTA))] },
    counts: { sent: 100 },
    kind: "quota",
    stopped: /550 5\.4\.5 Daily user sending limit/,
  },
  {
    promise: "Gmail's daily quota is reached after the body, in mid-run",
    list: "300 good",
    given: {
      ...SHORT,
      relays: [relay("quota:25", after(100, "body 550 5.4.5 Daily user sending limit"))],
    },
    counts: { sent: 100 },
    kind: "quota",
    stopped: /550 5\.4\.5 Daily user sending limit/,
  },
  {
    promise: "a quota is reported as 454",
    list: "300 good",
    given: {
      ...SHORT,
      relays: [relay("quota:25", after(100, "rcpt 454 Throttling failure: quota"))],
    },
    counts: { sent: 100 },
    kind: "relay-busy",
    stopped: /454 Throttling failure/,
  },
  {
    promise: "a quota is reported as 550 5.7.1, in mid-run",
    list: "300 good",
    given: { relays: [relay("quota:25", after(100, "rcpt 550 5.7.1 <%>: not today"))] },
    counts: { sent: 100 },
    kind: "refused-by-relay",
    stopped: /550 5\.7\.1 .*not today/,
  },
  {
    promise: "the last recipients are all suppressed, which looks like a quota",
    list: "100 good, 15 suppressed",
    given: { relays: [HEALTHY] },
    counts: { sent: 100, waiting: 15 },
    kind: "refused-by-relay",
    stopped: /550 5\.7\.1 .*suppressed/,
  },
  {
    promise: "a quota is reached at the last few recipients",
    list: "105 good",
    given: { relays: [relay("quota:25", after(100, "rcpt 550 5.7.1 <%>: not today"))] },
    counts: { sent: 100, waiting: 5 },
    kind: "refused-by-relay",
    stopped: /550 5\.7\.1 .*not today/,
  },
  {
    promise: "a quota reported as 5.4.5 is reached at the very last recipient",
    list: "101 good",
    given: { ...SHORT, relays: [relay("quota:25", after(100, QUOTA))] },
    counts: { sent: 100, waiting: 1 },
    kind: "quota",
    stopped: /550 5\.4\.5 Daily user sending limit/,
  },
  {
    promise: "the relay answers 4yz at MAIL forever",
    list: "50 good",
    given: { relays: [relay("no:25", when(always, "mail 451 4.7.0 Try later"))] },
    counts: { waiting: 50 },
    kind: "relay-busy",
    stopped: /accepted no mail for 1 h.*: 451 4\.7\.0 Try later/,
  },
  {
    promise: "the relay answers 454 at RCPT forever",
    list: "50 good",
    given: { relays: [relay("no:25", when(always, "rcpt 454 quota"))] },
    counts: {},
    kind: "relay-busy",
    stopped: /accepted no mail for 1 h.*: 454 quota/,
  },
  {
    promise: "the relay greets every connection with 421",
    list: "50 good",
    given: {
      ...SHORT,
      relays: [{ ...HEALTHY, greeting: () => answerOf("greeting 421 4.3.2 Busy").reply }],
    },
    counts: {},
    kind: "relay-busy",
    stopped: /421 4\.3\.2 Busy/,
  },
];
