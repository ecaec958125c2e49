import assert from "node:assert/strict";
import type { ReporterOptions } from "../../src/report/reporter_options.ts";
import { InputError } from "../../src/model/input_error.ts";
import type { Delivery } from "../../src/pipeline/consumer/delivery.ts";
import { openReporter } from "../../src/report/terminal_reporter.ts";
import {
  HOSTILE,
  HOSTILE_SHOWN,
  plan,
  progress,
  summary,
  tally,
} from "../support/report_examples.ts";

const OPTIONS: ReporterOptions = {
  progress: "auto",
  log: undefined,
  logFormat: "text",
  verbosity: 0,
};

const DELIVERY: Delivery = {
  line: 2,
  address: "ada@example.com",
  state: "sent",
  detail: "250 2.0.0 queued as 4F1",
  relay: "localhost:1025",
};

/** A reporter on a terminal that records what is written, at a time that the test sets. */
async function open(options: Partial<ReporterOptions> = {}, isTerminal = true) {
  const written: string[] = [];
  const state = { now: 0, columns: 60 };
  const terminal = {
    isTerminal,
    columns: () => state.columns,
    write: (text: string) => void written.push(text),
  };
  const reporter = await openReporter({ ...OPTIONS, ...options }, terminal, () => state.now);
  return {
    reporter,
    state,
    /** What was written since the last call. */
    taken: () => written.splice(0).join(""),
  };
}

Deno.test("Reporter.progress() draws at once and then at most five times a second", async () => {
  const { reporter, state, taken } = await open();
  reporter.progress(progress());
  assert.equal(taken(), "\r\x1b[K[=======>         ]  11,269/25,000  45%  1,252/s  11 s left");
  state.now = 199;
  reporter.progress(progress());
  assert.equal(taken(), "");
  state.now = 200;
  state.columns = 30;
  reporter.progress(progress());
  assert.equal(taken(), "\r\x1b[K11,269/25,000  11 s left");
  await reporter.close();
});

Deno.test("Reporter.info() and warn() print above the progress line, which stays", async () => {
  const { reporter, taken } = await open();
  reporter.info("before it");
  assert.equal(taken(), "before it\n");
  reporter.progress(progress({ goal: undefined }));
  taken();
  reporter.warn("The relay is slow");
  assert.equal(taken(), "\r\x1b[Kwarning: The relay is slow\n11,269 done  1,252/s");
  await reporter.close();
});

Deno.test("Reporter.summary() removes the progress line, and nothing is drawn after it", async () => {
  const { reporter, taken } = await open();
  reporter.progress(progress());
  taken();
  reporter.summary(summary());
  assert.equal(
    taken(),
    "\r\x1b[KCampaign demo: done, 25 sent in 0.4 s (62/s)\n  Total     25 recipients: 25 sent\n",
  );
  reporter.progress(progress());
  await reporter.close();
  await reporter.close();
  assert.equal(taken(), "");
});

Deno.test("Reporter.close() removes the progress line", async () => {
  const { reporter, taken } = await open();
  reporter.progress(progress());
  taken();
  await reporter.close();
  assert.equal(taken(), "\r\x1b[K");
});

Deno.test("Reporter.progress() without a terminal prints a line every ten seconds, and the last state", async () => {
  const { reporter, state, taken } = await open({}, false);
  reporter.progress(progress({ settled: 0, elapsedMs: 0 }));
  state.now = 9_999;
  reporter.progress(progress());
  assert.equal(taken(), "");
  state.now = 10_000;
  reporter.progress(progress({ elapsedMs: 10_000 }));
  assert.equal(taken(), "11,269/25,000, 45%, 1,127/s, 13 s left\n");
  state.now = 12_000;
  reporter.progress(progress({ settled: 25_000, elapsedMs: 12_000 }));
  assert.equal(taken(), "");
  reporter.summary(summary());
  assert.match(taken(), /^25,000\/25,000, 100%, 2,083\/s\nCampaign demo: done/);
  await reporter.close();
  assert.equal(taken(), "");
});

Deno.test("Reporter.progress() without a terminal says nothing about a run with nothing to send", async () => {
  const { reporter, state, taken } = await open({}, false);
  reporter.progress(progress({ goal: 0, settled: 0 }));
  state.now = 10_000;
  reporter.progress(progress({ goal: 0, settled: 0 }));
  await reporter.close();
  assert.equal(taken(), "");
});

Deno.test("Reporter.progress() follows --progress, with or without a terminal", async () => {
  const cases: readonly (readonly [ReporterOptions["progress"], boolean, RegExp])[] = [
    // deno-lint-ignore no-control-regex
    ["bar", false, /^\r\x1b\[K\[=/],
    ["plain", true, /^11,269\/25,000, 45%/],
    ["none", true, /^$/],
    ["none", false, /^$/],
  ];
  for (const [mode, isTerminal, expected] of cases) {
    const { reporter, taken } = await open({ progress: mode }, isTerminal);
    reporter.progress(progress());
    await reporter.close();
    assert.match(taken(), expected, `${mode} ${isTerminal}`);
  }
});

Deno.test("Reporter reports each mail's outcome only with -v", async () => {
  const quiet = await open();
  quiet.reporter.delivery(DELIVERY);
  await quiet.reporter.close();
  assert.equal(quiet.taken(), "");

  const { reporter, taken } = await open({ verbosity: 1 });
  reporter.delivery(DELIVERY);
  reporter.delivery({ ...DELIVERY, state: "in-doubt", detail: "no reply", relay: "" });
  await reporter.close();
  assert.equal(
    taken(),
    "sent      ada@example.com  250 2.0.0 queued as 4F1  (line 2, localhost:1025)\n" +
      "in doubt  ada@example.com  no reply  (line 2)\n",
  );
});

Deno.test("Reporter shows the facts of an event with -vv", async () => {
  const { reporter, taken } = await open({ verbosity: 2 });
  reporter.info("Connected", { relay: "localhost:1025", tls: true, options: { a: 1 } });
  await reporter.close();
  assert.equal(taken(), 'Connected relay="localhost:1025" tls=true\n');
});

Deno.test("Reporter.detail() prints only with -v", async () => {
  for (const [verbosity, said] of [[-1, ""], [0, ""], [1, "so it is made\n"]] as const) {
    const { reporter, taken } = await open({ verbosity });
    reporter.detail("so it is made");
    assert.equal(taken(), said);
    await reporter.close();
  }
});

Deno.test("Reporter with -q says nothing unless a run did not end well", async () => {
  const { reporter, taken } = await open({ verbosity: -1 });
  reporter.plan(plan());
  reporter.info("info");
  reporter.warn("warning");
  reporter.progress(progress());
  reporter.delivery(DELIVERY);
  reporter.summary(summary());
  assert.equal(taken(), "");
  await reporter.close();

  const failed = await open({ verbosity: -1 });
  failed.reporter.summary(
    summary({ exitCode: 1, tally: tally({ total: 25, sent: 24, failed: 1 }) }),
  );
  assert.match(failed.taken(), /24 sent, 1 failed/);
  await failed.reporter.close();
});

Deno.test("Reporter shows text from servers and cells escaped, on one line", async () => {
  const { reporter, taken } = await open({ verbosity: 2 });
  reporter.info(HOSTILE, { reply: HOSTILE });
  reporter.delivery({ ...DELIVERY, address: HOSTILE, detail: HOSTILE, relay: HOSTILE });
  await reporter.close();
  const text = taken();
  // deno-lint-ignore no-control-regex
  assert.doesNotMatch(text.replaceAll("\n", ""), /[\u0000-\u001f\u007f-\u009f\u2028\u202e]/);
  assert.equal(text.split("\n").length, 3);
  assert.equal(text.split(HOSTILE_SHOWN).length - 1, 4);
});

Deno.test("Reporter logs what it says, and mails that were sent only with -v", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const [verbosity, sent] of [[0, 0], [1, 1], [-1, 0]] as const) {
      const log = `${folder}/${verbosity}.log`;
      const { reporter, state } = await open({ log, logFormat: "json", verbosity });
      reporter.plan(plan());
      reporter.warn("Password in a flag", { flag: "--smtp" });
      reporter.delivery(DELIVERY);
      reporter.delivery({ ...DELIVERY, state: "failed", detail: "550 no" });
      reporter.progress(progress());
      state.now = 10_000;
      reporter.progress(progress());
      reporter.summary(
        summary({ exitCode: 3, stop: { kind: "signal", reason: "SIGINT", hint: undefined } }),
      );
      await reporter.close();
      const events = (await Deno.readTextFile(log)).trimEnd().split("\n").map((line) =>
        JSON.parse(line)
      );
      assert.deepEqual(
        events.map(({ level, message }) => `${level} ${message}`),
        [
          "INFO Plan",
          "WARN Password in a flag",
          ...(sent ? ["DEBUG sent"] : []),
          "WARN failed",
          "INFO Progress",
          "WARN Campaign demo: done, 25 sent in 0.4 s (62/s)",
        ],
      );
      assert.equal(events[0].facts.rows, 25);
      assert.equal(events.at(-1).facts.exit_code, 3);
      assert.equal(events.at(-1).facts.reason, "SIGINT");
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("openReporter() refuses a log file that cannot be opened", async () => {
  await assert.rejects(open({ log: "/nowhere/at/all.log" }), InputError);
});

Deno.test({
  name: "Reporter warns once when the log cannot be written, even with -q, and continues",
  ignore: Deno.build.os !== "linux", // /dev/full is Linux's
  async fn() {
    const { reporter, taken } = await open({ log: "/dev/full", verbosity: -1 });
    reporter.warn("first");
    reporter.warn("second");
    await reporter.close();
    assert.match(taken(), /^error: Cannot write to the log file any longer: [^\n]+\n$/);
  },
});

Deno.test("Reporter continues drawing, and writing the log, when the wall clock is set back", async () => {
  const wall = Date.now;
  const folder = await Deno.makeTempDir();
  let setBackMs = 0;
  try {
    Date.now = () => wall() - setBackMs;
    const written: string[] = [];
    const terminal = {
      isTerminal: true,
      columns: () => 60,
      write: (text: string) => void written.push(text),
    };
    const reporter = await openReporter({ ...OPTIONS, log: `${folder}/x.log` }, terminal);
    reporter.progress(progress());
    setBackMs = 30 * 86_400_000;
    reporter.info("Set back");
    await new Promise((next) => setTimeout(next, 1_100));
    reporter.progress(progress());
    assert.equal(written.filter((text) => text.includes("11,269/25,000")).length, 3);
    assert.match(await Deno.readTextFile(`${folder}/x.log`), /Set back/);
    await reporter.close();
  } finally {
    Date.now = wall;
    await Deno.remove(folder, { recursive: true });
  }
});
