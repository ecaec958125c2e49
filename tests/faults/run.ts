import assert from "node:assert/strict";
import { join } from "node:path";
import { runCampaign } from "../../src/campaign/run.ts";
import { resolveSend } from "../../src/cli/options/send_options.ts";
import { type Flags, openSources } from "../../src/cli/settings/sources.ts";
import { openLedgerReader } from "../../src/ledger/sqlite/reader.ts";
import type { Summary } from "../../src/report/summary.ts";
import type { Reporter } from "../../src/report/reporter.ts";

/** A campaign in which something goes wrong. */
export interface FaultyRun {
  readonly port: number;
  /** Recipients p1@x.test to pN@x.test; 2 unless given. */
  readonly count?: number;
  readonly list?: string;
  readonly template?: string;
  /** Parameters of the SMTP URL; `tls=off` unless given. */
  readonly query?: string;
  readonly host?: string;
  readonly user?: string;
  readonly flags?: Flags;
  /** Replaces Math.random() for the run, so that pauses are short: jitter is full. */
  readonly random?: number;
}

/** The result of the run. */
export interface RunResult {
  readonly exitCode: number;
  /** Reason and hint of the stop. */
  readonly stop: string;
  /** Each recipient in the order of the list: "p1 sent 1" is name, state and counted tries. */
  readonly fates: readonly string[];
  readonly reasons: readonly string[];
  readonly news: readonly string[];
}

/** Asserts that the run stopped and says why, with nobody mailed and no try counted. */
export function assertStopped(result: RunResult, because: RegExp): void {
  assert.equal(result.exitCode, 3);
  assert.match(result.stop, because);
  for (const fate of result.fates) assert.match(fate, /(?:queued|deferred) 0$/);
}

const TEMPLATE = "From: Acme <news@acme.test>\nSubject: Hello\n\nHello, {{ Name }}.\n";

/** Runs the whole program, but not as a process; by default on one connection and without waiting for retries. */
export async function run(faulty: FaultyRun): Promise<RunResult> {
  const folder = await Deno.makeTempDir();
  const random = Math.random;
  if (faulty.random !== undefined) Math.random = () => faulty.random!;
  try {
    await Deno.writeTextFile(join(folder, "list.csv"), faulty.list ?? listOf(faulty.count ?? 2));
    await Deno.writeTextFile(join(folder, "mail.txt"), faulty.template ?? TEMPLATE);
    await Deno.writeTextFile(join(folder, "campaign.toml"), "");
    const { user, host = "127.0.0.1", port, query = "tls=off" } = faulty;
    const flags: Flags = {
      config: join(folder, "campaign.toml"),
      campaign: "c",
      recipients: join(folder, "list.csv"),
      template: join(folder, "mail.txt"),
      smtp: [`smtp://${user === undefined ? "" : `${user}@`}${host}:${port}?${query}`],
      connections: "1",
      wait: false,
      ...faulty.flags,
    };
    // A password without a user would be refused.
    const variables = new Map(user === undefined ? [] : [["SMTP_PASSWORD", "secret"]]);
    const env = (name: string) => variables.get(name);
    const envNames = () => [...variables.keys()];
    const { options } = resolveSend(await openSources(flags, { env, envNames }), Date.now());
    const news: string[] = [];
    const summary = await runCampaign(options, {
      reporter: silent(news),
      signal: new AbortController().signal,
      stdin: new ReadableStream(),
      confirm: () => Promise.resolve(true),
      onReload: () => ({ [Symbol.dispose]() {} }),
    });
    return await resultOf(summary, options.ledger, news);
  } finally {
    Math.random = random;
    await Deno.remove(folder, { recursive: true });
  }
}

function listOf(count: number): string {
  const rows = Array.from({ length: count }, (_, at) => `Person ${at + 1},p${at + 1}@x.test\n`);
  return `Name,Email\n${rows.join("")}`;
}

async function resultOf(
  summary: Summary,
  ledger: string,
  news: readonly string[],
): Promise<RunResult> {
  using reader = openLedgerReader(ledger);
  const fates: string[] = [];
  const reasons: string[] = [];
  for await (const { address, state, attempts, reason } of reader.rows()) {
    fates.push(`${address.split("@")[0]} ${state} ${attempts}`);
    reasons.push(reason ?? "");
  }
  const { reason = "", hint = "" } = summary.stop ?? {};
  return { exitCode: summary.exitCode, stop: `${reason}; ${hint}`, fates, reasons, news };
}

function silent(news: string[]): Reporter {
  return {
    info: (message) => news.push(message),
    detail() {},
    warn: (message) => news.push(message),
    plan() {},
    delivery() {},
    progress() {},
    summary() {},
    close: () => Promise.resolve(),
  };
}
