import {
  after,
  answerOf,
  between,
  breaks,
  greylists,
  type Habit,
  NOBODY,
  type RelayModel,
  when,
} from "./relay_model.ts";
import type { Simulated } from "./simulation.ts";

/** A relay with these habits, which takes none of those whom nobody takes. */
export function relay(name: string, ...habits: readonly Habit[]): RelayModel {
  return { name, habits: [...habits, ...NOBODY] };
}

export const HEALTHY = relay("healthy:25");
const always = () => true;

export interface Scenario {
  readonly promise: string;
  readonly list: string;
  readonly domains?: number;
  readonly given: Simulated;
  readonly counts: Readonly<Record<string, number>>;
  /** What the reason of the stop shows; undefined: the run comes to its end. */
  readonly stopped?: RegExp;
  /** ms the run takes at most. */
  readonly within?: number;
}

const HOUR = 3_600_000;
/** Patience for where a relay takes nobody any more, and the time that passes is not what is tried. */
const SHORT = { patienceMs: 600_000 };
export const QUOTA = "rcpt 550 5.4.5 Daily user sending limit exceeded";

/** Runs that come to their end. */
export const DONE: readonly Scenario[] = [
  {
    promise: "a healthy relay takes everybody",
    list: "1000 good",
    given: { relays: [HEALTHY] },
    counts: { sent: 1000 },
  },
  {
    promise: "a stale list that begins with thirty times 5.1.1 does not stop",
    list: "30 gone, 300 good",
    given: { relays: [HEALTHY] },
    counts: { failed: 30, sent: 300 },
  },
  {
    promise: "a list that begins with fifteen plain 550 does not stop",
    list: "15 plain, 300 good",
    given: { relays: [HEALTHY] },
    counts: { failed: 15, sent: 300 },
  },
  {
    promise: "fifteen suppressed ones at the head do not stop the run",
    list: "15 suppressed, 300 good",
    given: { relays: [HEALTHY] },
    counts: { failed: 15, sent: 300 },
  },
  {
    promise: "a suppressed domain at the head goes after the others, and stops nothing",
    list: "15 suppressed@x.test, 300 good",
    given: { relays: [HEALTHY] },
    counts: { failed: 15, sent: 300 },
  },
  {
    promise: "a suppressed recipient alone among eight is failed",
    list: "3 good, 1 suppressed, 4 good",
    given: { relays: [HEALTHY] },
    counts: { failed: 1, sent: 7 },
  },
  {
    promise: "suppressed ones at the end of the list are failed where the last but one is taken",
    list: "100 good, 15 suppressed, 1 good, 1 suppressed",
    given: { relays: [HEALTHY] },
    counts: { failed: 16, sent: 101 },
  },
  {
    promise: "a healthy relay takes whom another refuses, however few they are",
    list: "8 good",
    given: { relays: [HEALTHY, relay("b:25", when(always, "rcpt 554 5.7.1 Relay access denied"))] },
    counts: { sent: 8 },
  },
  {
    promise: "a healthy relay takes whom another refuses, in a long list with gone ones",
    list: "40 good, 3 gone, 500 good, 4 suppressed, 10 good",
    given: { relays: [HEALTHY, relay("b:25", when(always, "rcpt 554 5.7.1 Relay access denied"))] },
    counts: { sent: 550, failed: 7 },
  },
  {
    promise: "a healthy relay takes what a relay leaves that reaches its quota",
    list: "500 good",
    given: { relays: [HEALTHY, relay("b:25", after(50, QUOTA))] },
    counts: { sent: 500 },
  },
  {
    promise: "greylisting is outlasted",
    list: "100 grey, 100 good",
    given: { relays: [relay("grey:25", greylists(300_000, "grey"))] },
    counts: { sent: 200 },
  },
  {
    promise: "an outage told as 4yz at MAIL is outlasted",
    list: "500 good",
    given: { relays: [relay("out:25", between(50, HOUR / 2, "mail 451 4.3.0 Try later"))] },
    counts: { sent: 500 },
    within: HOUR / 2 + 200_000,
  },
  {
    promise: "an outage told as 421 at MAIL is outlasted",
    list: "500 good",
    given: { relays: [relay("out:25", between(50, HOUR / 4, "mail 421 4.3.2 Shutting down"))] },
    counts: { sent: 500 },
  },
  {
    promise: "an outage told of recipients as 452 is outlasted, and nobody's tries are used up",
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
    promise: "a greeting that sends us away for minutes costs nobody a try",
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
    promise: "a sick mailbox fails in the end, by itself",
    list: "100 good, 1 sick, 100 good, 1 locked, 100 good, 1 full, 100 good",
    given: { relays: [HEALTHY] },
    counts: { sent: 400, failed: 3 },
  },
];

/** Runs that a relay stops. */
export const STOPPED: readonly Scenario[] = [
  {
    promise: "a relay that refuses everybody at RCPT",
    list: "300 good",
    given: { relays: [relay("no:25", when(always, "rcpt 550 <%>: relay not permitted"))] },
    counts: {},
    stopped: /550 <.*>: relay not permitted/,
  },
  {
    promise: "a relay that refuses the few there are",
    list: "8 good",
    given: { relays: [relay("no:25", when(always, "rcpt 554 5.7.1 Relay access denied"))] },
    counts: { waiting: 8 },
    stopped: /554 5\.7\.1 Relay access denied/,
  },
  {
    promise: "a relay that refuses each in other words",
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
    stopped: /550 no x/,
  },
  {
    promise: "the daily quota of Gmail at RCPT, in mid-run",
    list: "300 good",
    given: { ...SHORT, relays: [relay("quota:25", after(100, QUOTA))] },
    counts: { sent: 100 },
    stopped: /550 5\.4\.5 Daily user sending limit/,
  },
  {
    promise: "the same behind the body",
    list: "300 good",
    given: {
      ...SHORT,
      relays: [relay("quota:25", after(100, "body 550 5.4.5 Daily user sending limit"))],
    },
    counts: { sent: 100 },
    stopped: /550 5\.4\.5 Daily user sending limit/,
  },
  {
    promise: "a quota told as 454",
    list: "300 good",
    given: {
      ...SHORT,
      relays: [relay("quota:25", after(100, "rcpt 454 Throttling failure: quota"))],
    },
    counts: { sent: 100 },
    stopped: /454 Throttling failure/,
  },
  {
    promise: "a quota told as 550 5.7.1 in mid-run",
    list: "300 good",
    given: { relays: [relay("quota:25", after(100, "rcpt 550 5.7.1 <%>: not today"))] },
    counts: { sent: 100 },
    stopped: /550 5\.7\.1 .*not today/,
  },
  {
    promise: "suppressed ones behind whom nobody comes, as this is how a quota looks, too",
    list: "100 good, 15 suppressed",
    given: { relays: [HEALTHY] },
    counts: { sent: 100, waiting: 15 },
    stopped: /550 5\.7\.1 .*suppressed/,
  },
  {
    promise: "a quota reached with the last few",
    list: "105 good",
    given: { relays: [relay("quota:25", after(100, "rcpt 550 5.7.1 <%>: not today"))] },
    counts: { sent: 100, waiting: 5 },
    stopped: /550 5\.7\.1 .*not today/,
  },
  {
    promise: "a quota told as 5.4.5 that only the last one reaches",
    list: "101 good",
    given: { ...SHORT, relays: [relay("quota:25", after(100, QUOTA))] },
    counts: { sent: 100, waiting: 1 },
    stopped: /550 5\.4\.5 Daily user sending limit/,
  },
  {
    promise: "4yz at MAIL for ever",
    list: "50 good",
    given: { relays: [relay("no:25", when(always, "mail 451 4.7.0 Try later"))] },
    counts: { waiting: 50 },
    stopped: /accepted no mail for 1 h.*: 451 4\.7\.0 Try later/,
  },
  {
    promise: "454 at RCPT for ever",
    list: "50 good",
    given: { relays: [relay("no:25", when(always, "rcpt 454 quota"))] },
    counts: {},
    stopped: /accepted no mail for 1 h.*: 454 quota/,
  },
  {
    promise: "a greeting that sends everybody away for ever",
    list: "50 good",
    given: {
      ...SHORT,
      relays: [{ ...HEALTHY, greeting: () => answerOf("greeting 421 4.3.2 Busy").reply }],
    },
    counts: {},
    stopped: /421 4\.3\.2 Busy/,
  },
];
