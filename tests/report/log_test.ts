import assert from "node:assert/strict";
import { InputError } from "../../src/model/input_error.ts";
import { openLog, plainFacts } from "../../src/report/log/log.ts";
import { Secret } from "../../src/model/relay.ts";
import { HOSTILE } from "../support/report_examples.ts";

const NOON = Date.UTC(2026, 10, 24, 12);
const neverFails = (error: Error) => assert.fail(error);

async function withLogFile(use: (path: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await use(`${folder}/run.log`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("openLog() writes one line per event, with time, level, message and facts", async () => {
  await withLogFile(async (path) => {
    const log = await openLog(path, "text", neverFails, () => NOON);
    log.write("info", "Ledger opened", { rows: 25, ledger: "my demo.ledger" });
    log.write("warning", "Slow relay");
    log.close();
    assert.equal(
      await Deno.readTextFile(path),
      'time=2026-11-24T12:00:00.000Z level=info logger=email-dispatcher msg="Ledger opened" rows=25 ledger="my demo.ledger"\n' +
        'time=2026-11-24T12:00:00.000Z level=warning logger=email-dispatcher msg="Slow relay"\n',
    );
  });
});

Deno.test("openLog() writes JSON lines that keep every value as it was", async () => {
  await withLogFile(async (path) => {
    const log = await openLog(path, "json", neverFails, () => NOON);
    log.write("debug", HOSTILE, { message: HOSTILE, level: 3, gone: undefined });
    log.close();
    const text = await Deno.readTextFile(path);
    assert.match(text, /^[\x20-\x7e]*\n$/);
    assert.deepEqual(JSON.parse(text), {
      "@timestamp": "2026-11-24T12:00:00.000Z",
      "level": "DEBUG",
      "message": HOSTILE,
      "logger": "email-dispatcher",
      "facts": { message: HOSTILE, level: 3 },
    });
  });
});

Deno.test("openLog() keeps a hostile event on its own line of text", async () => {
  await withLogFile(async (path) => {
    const log = await openLog(path, "text", neverFails, () => NOON);
    log.write("info", HOSTILE, { detail: HOSTILE, "key\n=x": 1 });
    log.close();
    assert.match(await Deno.readTextFile(path), /^[\x20-\x7e]*\n$/);
  });
});

Deno.test("openLog() appends to an existing log", async () => {
  await withLogFile(async (path) => {
    await Deno.writeTextFile(path, "older line\n");
    const log = await openLog(path, "text", neverFails);
    log.write("info", "newer line");
    log.close();
    assert.match(await Deno.readTextFile(path), /^older line\n.*newer line"\n$/);
  });
});

Deno.test("openLog() writes every line of many, however often the log is closed", async () => {
  await withLogFile(async (path) => {
    const log = await openLog(path, "json", neverFails, () => NOON);
    for (let line = 0; line < 5_000; line++) log.write("info", "sent", { line });
    log.close();
    log.close();
    log.write("info", "too late");
    const lines = (await Deno.readTextFile(path)).trimEnd().split("\n");
    assert.deepEqual(
      lines.map((line) => JSON.parse(line).facts.line),
      Array.from({ length: 5_000 }, (_, line) => line),
    );
  });
});

Deno.test("openLog() writes lines to the file within a second, and warnings at once", async () => {
  await withLogFile(async (path) => {
    let now = NOON;
    const log = await openLog(path, "text", neverFails, () => NOON - now, () => now);
    const lines = () => Deno.readTextFileSync(path).split("\n").length - 1;
    log.write("info", "first");
    assert.equal(lines(), 1);
    log.write("info", "second");
    log.tick();
    assert.equal(lines(), 1);
    now += 1_000;
    log.tick();
    assert.equal(lines(), 2);
    log.write("warning", "third");
    assert.equal(lines(), 3);
    log.close();
  });
});

Deno.test("openLog() refuses a file it cannot open with an InputError", async () => {
  await withLogFile(async (path) => {
    await assert.rejects(openLog(`${path}/x.log`, "text", neverFails), InputError);
    await assert.rejects(openLog(`${path}-gone/x.log`, "text", neverFails), (error) => {
      assert.ok(error instanceof InputError);
      assert.match(
        error.describe(),
        /-gone\/x\.log: Cannot open the log file: its folder does not/,
      );
      return true;
    });
    await Deno.mkdir(path);
    await assert.rejects(openLog(path, "text", neverFails), InputError);
  });
});

Deno.test({
  name: "openLog() reports a full disk once and continues",
  ignore: Deno.build.os !== "linux", // /dev/full is Linux's
  async fn() {
    const failures: Error[] = [];
    const log = await openLog("/dev/full", "text", (error) => failures.push(error));
    for (let at = 0; at < 3; at++) log.write("warning", "no room for this");
    log.close();
    assert.equal(failures.length, 1);
  },
});

Deno.test("plainFacts() admits no object, and thus no secret", () => {
  const password = new Secret("hunter2");
  const facts = {
    text: "a",
    number: 1,
    flag: true,
    nothing: null,
    big: 12n,
    error: new Error("connection refused"),
    gone: undefined,
    password,
    relay: { name: "x", auth: { user: "u", password } },
    list: [password],
    run: () => "hunter2",
  };
  assert.deepEqual(plainFacts(facts), {
    text: "a",
    number: 1,
    flag: true,
    nothing: null,
    big: "12",
    error: "connection refused",
  });
});

Deno.test("plainFacts() truncates a value that would fill the log", () => {
  const { cell } = plainFacts({ cell: "x".repeat(1_000_000) });
  assert.equal(String(cell).length, 2_001);
});
