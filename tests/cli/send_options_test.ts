import assert from "node:assert/strict";
import { join } from "node:path";
import { resolveSend } from "../../src/cli/options/send_options.ts";
import type { Flags } from "../../src/cli/settings/sources.ts";
import { InputError } from "../../src/model/input_error.ts";
import { type Env, fault, NEEDED, NOW, resolve, sourcesOf } from "../support/settings.ts";

Deno.test("resolveSend() has a default for every optional setting", async () => {
  const { options, warnings } = await resolve(NEEDED);
  assert.deepEqual(warnings, []);
  assert(Object.isFrozen(options));
  const { relays, ledger, outbox, suppressionList, withheld, ...rest } = options;
  assert.equal(relays.length, 1);
  assert.equal(relays[0]?.sandbox, true);
  assert.match(ledger, /[\\/]emails\.sandbox\.ledger$/);
  assert.match(outbox, /[\\/]outbox$/);
  assert.match(suppressionList.path, /[\\/]suppressed\.db$/);
  assert.equal(suppressionList.named, false);
  assert.equal(withheld.attachments, undefined);
  assert.deepEqual(rest, {
    campaign: "emails",
    recipients: "emails.csv",
    encoding: undefined,
    delimiter: undefined,
    emailColumn: undefined,
    keyColumn: undefined,
    template: "email.md",
    text: undefined,
    timezone: undefined,
    dateFormat: undefined,
    from: undefined,
    replyTo: undefined,
    copies: "refuse",
    verp: undefined,
    mailingList: {
      unsubscribeUrl: undefined,
      unsubscribeMailto: undefined,
      unsubscribeSecret: undefined,
      listId: undefined,
      feedbackId: undefined,
    },
    origins: {},
    dkim: undefined,
    connections: 10,
    maxPerConnection: 0,
    rate: undefined,
    retries: 5,
    retry: { states: [], keys: [] },
    retryAskedBy: undefined,
    retryForMs: 14_400_000,
    patienceMs: 3_600_000,
    firstRetryMs: undefined,
    wait: true,
    where: undefined,
    inDoubt: "hold",
    dropMissing: false,
    snapshot: false,
    limit: undefined,
    offset: 0,
    only: [],
    shard: undefined,
    startAt: undefined,
    until: undefined,
    suppress: [],
    window: undefined,
    threads: undefined,
    dryRun: false,
    strict: false,
    yes: false,
    yesChanged: false,
    json: false,
    ci: false,
    reporter: { progress: "auto", log: undefined, logFormat: "text", verbosity: 0 },
  });
});

Deno.test("resolveSend() takes every flag", async () => {
  const { options } = await resolve({
    ...NEEDED,
    campaign: "spring",
    ledger: "spring.db",
    connections: "50",
    maxPerConnection: "100",
    rate: "500/m",
    retries: "2",
    retryFor: "90s",
    wait: false,
    inDoubt: "resend",
    limit: "7",
    offset: "3",
    only: ["Ann@Example.COM", "bob@example.com"],
    shard: "2/4",
    startAt: "18:30",
    until: "tomorrow 07:00",
    encoding: "latin1",
    delimiter: "tab",
    emailColumn: "Mail",
    suppress: ["a.csv", "b.csv"],
    window: "8",
    dryRun: true,
    strict: true,
    yes: true,
    json: true,
    outbox: "out",
    log: "run.log",
    logFormat: "json",
    progress: "none",
    verbose: 3,
  });
  assert.equal(options.campaign, "spring");
  assert.equal(options.ledger, "spring.db");
  assert.equal(options.connections, 50);
  assert.equal(options.maxPerConnection, 100);
  assert.deepEqual(options.rate, { count: 500, perMs: 60_000 });
  assert.equal(options.retries, 2);
  assert.equal(options.retryForMs, 90_000);
  assert.equal(options.wait, false);
  assert.equal(options.inDoubt, "resend");
  assert.equal(options.limit, 7);
  assert.equal(options.offset, 3);
  assert.deepEqual(options.only, ["ann@example.com", "bob@example.com"]);
  assert.deepEqual(options.shard, { index: 2, count: 4 });
  assert.equal(options.startAt, new Date(2026, 10, 2, 18, 30).getTime());
  assert.equal(options.until, new Date(2026, 10, 3, 7, 0).getTime());
  assert.equal(options.encoding, "windows-1252");
  assert.equal(options.delimiter, "\t");
  assert.equal(options.emailColumn, "Mail");
  assert.deepEqual(options.suppress, ["a.csv", "b.csv"]);
  assert.equal(options.window, 8);
  assert(options.dryRun && options.strict && options.yes && options.json);
  assert.equal(options.outbox, "out");
  assert.deepEqual(options.reporter, {
    progress: "none",
    log: "run.log",
    logFormat: "json",
    verbosity: 2,
  });
});

Deno.test("resolveSend() prefers flags to the environment, and both to the campaign file", async () => {
  const toml = "connections = 3\n[retry]\nwait = false\nretries = 1";
  const env = { EMAIL_DISPATCHER_CONNECTIONS: "2", EMAIL_DISPATCHER_RETRIES: "9" };
  const count = async (flags: Flags, env: Env) => {
    const { options } = await resolve({ ...NEEDED, ...flags }, env, toml);
    return [options.connections, options.retries, options.wait];
  };
  assert.deepEqual(await count({}, {}), [3, 1, false]);
  assert.deepEqual(await count({}, env), [2, 9, false]);
  assert.deepEqual(await count({ connections: "1" }, env), [1, 9, false]);
  // Commander gives --no-wait its default if it is not typed.
  assert.deepEqual(await count({ wait: true }, { EMAIL_DISPATCHER_NO_WAIT: "off" }), [3, 1, true]);
});

Deno.test("Paths in the campaign file are relative to its folder, paths in flags to the working directory", async () => {
  const toml = 'recipients = "lists/a.csv"\ntemplate = "/abs/email.md"\nsuppress = "gone.csv"';
  const sources = await sourcesOf({ smtp: ["sandbox:"], log: "run.log" }, {}, toml);
  const { options } = resolveSend(sources, NOW);
  assert.equal(options.recipients, join(sources.folder, "lists", "a.csv"));
  assert.equal(options.template, "/abs/email.md");
  assert.deepEqual(options.suppress, [join(sources.folder, "gone.csv")]);
  assert.equal(options.ledger, join(sources.folder, "a.sandbox.ledger"));
  assert.equal(options.reporter.log, "run.log");
  const named = resolveSend(await sourcesOf({ ...NEEDED, recipients: "-" }, {}, toml), NOW);
  assert.equal(named.options.recipients, "-");
});

Deno.test("resolveSend() names the setting, the rule and the value found if it cannot use a value", async () => {
  const table: [flags: Flags, message: RegExp | string][] = [
    [{ connections: "0" }, "--connections must be a whole number from 1 to 1000: found '0'"],
    [{ connections: "-1" }, /--connections .* found '-1'/],
    [{ connections: "NaN" }, /--connections .* found 'NaN'/],
    [{ connections: "1001" }, /--connections .* found '1001'/],
    [{ maxPerConnection: "-1" }, /--max-per-connection must be a whole number of 0 or more/],
    [{ rate: "10/fortnight" }, /--rate .*found "10\/fortnight"\n.*14\/s.*500\/m.*10000\/h/],
    [{ rate: "0/s" }, /--rate .*found "0\/s"/],
    [{ retryFor: "4 weeks" }, /--retry-for must be a time span such as 90s/],
    [{ inDoubt: "drop" }, "--in-doubt must be one of hold, resend: found 'drop'"],
    [{ progress: "dots" }, /--progress must be one of auto, bar, plain, none/],
    [{ logFormat: "xml" }, /--log-format must be one of text, json/],
    [{ limit: "0" }, /--limit must be a whole number of 1 or more/],
    [{ offset: "x" }, /--offset must be a whole number of 0 or more/],
    [{ shard: "5/4" }, /--shard must be part I of N/],
    [{ startAt: "soon" }, /--start-at must be a time such as/],
    [
      { startAt: "2026-11-03T09:00", until: "2026-11-03T08:00" },
      /--until must be a time after --start-at '2026-11-03T09:00'/,
    ],
    [{ until: "2020-01-01T00:00" }, /--until must be a time in the future: found/],
    [{ encoding: "klingon" }, /--encoding must be an encoding such as/],
    [{ delimiter: "::" }, /--delimiter must be one character/],
    [{ campaign: "../x" }, /--campaign must be 1 to 60 letters/],
    [{ only: ["a b@c.de"] }, /--only must be an e-mail address: found 'a b@c\.de'/],
    [{ template: "" }, /--template must be the name of a file: found ''/],
    [{ quiet: true, verbose: 1 }, /--quiet and --verbose cannot be used together/],
    [
      { ledger: "postgres://u:geheim@db/x" },
      /--ledger must be a file: databases are not supported/,
    ],
    [{ smtp: ["smtp://h:70000"] }, /70000/],
    [{ smtp: ["http://h"] }, /http/],
  ];
  for (const [flags, message] of table) {
    const found = await fault(flags);
    if (typeof message === "string") assert.equal(found, message);
    else assert.match(found, message);
    assert.doesNotMatch(found, /geheim/);
  }
});

Deno.test("resolveSend() points to the line of the campaign file, and names the environment variable", async () => {
  const toml = 'id = "x"\nconnections = 0\n';
  assert.equal(
    await fault({}, {}, toml),
    "campaign.toml:2: 'connections' must be a whole number from 1 to 1000: found '0'",
  );
  assert.equal(
    await fault({}, { EMAIL_DISPATCHER_CONNECTIONS: "many" }, toml),
    "EMAIL_DISPATCHER_CONNECTIONS must be a whole number from 1 to 1000: found 'many'",
  );
  assert.match(await fault({}, {}, '\n[retry]\nfor = "ever"'), /^campaign\.toml:3: 'retry\.for' /);
});

Deno.test("resolveSend() says what is missing and how to give it", async () => {
  assert.match(
    await fault({ recipients: undefined }),
    /^No list of recipients is given\n.*--recipients/,
  );
  assert.match(await fault({ template: undefined }), /^No template is given\n.*--template/);
});

Deno.test("openSources() refuses a campaign file that is named but does not exist", async () => {
  await assert.rejects(sourcesOf({ config: "nowhere.toml" }), (error) => {
    assert(error instanceof InputError);
    assert.equal(error.describe(), "nowhere.toml: Cannot read the campaign file: no such file");
    return true;
  });
  await assert.rejects(sourcesOf({}, { EMAIL_DISPATCHER_CONFIG: "gone.toml" }), /no such file/);
});
