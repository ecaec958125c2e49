import { parseRate } from "../../model/rate.ts";
import { parseTime } from "../settings/moment.ts";
import { resolveRelays } from "./relays.ts";
import { resolveRetry } from "./retry.ts";
import { resolveSuppression } from "./suppression.ts";
import * as shared from "./shared_options.ts";
import { nameOf } from "./recipient_key.ts";
import type { Sources } from "../settings/sources.ts";
import type { SettingName } from "../settings/settings.ts";
import * as value from "../settings/values.ts";
import type { SendOptions } from "../../campaign/send_options.ts";
import type { SelectionOptions } from "../../pipeline/producer/selection.ts";
import type { Resolved } from "./resolved.ts";

/** The options of `send`. @throws {InputError} naming the setting, the rule and what was found */
export function resolveSend(sources: Sources, now: number): Resolved<SendOptions> {
  const { relays, warnings } = resolveRelays(sources);
  const campaign = shared.resolveCampaign(sources, warnings);
  const rate = sources.one("rate");
  const options: SendOptions = {
    ...campaign,
    ...resolveSelection(sources),
    ...resolveRetries(sources),
    ...resolveTimes(sources, now),
    ledger: shared.resolveLedger(sources, campaign.campaign),
    relays,
    connections: integer(sources, "connections", 1, 1000) ?? 10,
    maxPerConnection: integer(sources, "max-per-connection", 0, value.MOST) ?? 0,
    rate: rate && value.placed(rate, () => parseRate(rate.text, rate.name)),
    dropMissing: sources.isOn("drop-missing"),
    snapshot: sources.isOn("snapshot"),
    ...resolveSuppression(sources),
    window: integer(sources, "window", 1, 1000),
    threads: integer(sources, "threads", 0, 64),
    dryRun: sources.isOn("dry-run"),
    strict: sources.isOn("strict"),
    yes: sources.isOn("yes"),
    yesChanged: sources.isOn("yes-changed"),
    json: sources.isOn("json"),
    ci: !/^(?:|false|0|no|off)$/i.test(sources.env("CI") ?? ""),
    outbox: shared.resolveOutbox(sources),
    reporter: shared.resolveReporter(sources),
  };
  return { options: Object.freeze(options), warnings };
}

function integer(
  sources: Sources,
  name: SettingName,
  least: number,
  most: number,
): number | undefined {
  const given = sources.one(name);
  return given && value.parseInteger(given, least, most);
}

function resolveSelection(sources: Sources): SelectionOptions {
  const shard = sources.one("shard");
  return {
    limit: integer(sources, "limit", 1, value.MOST),
    offset: integer(sources, "offset", 0, value.MOST) ?? 0,
    only: sources.all("only").map(nameOf),
    shard: shard && value.parseShard(shard),
  };
}

type RetryOptions = Pick<
  SendOptions,
  | "retries"
  | "retryForMs"
  | "patienceMs"
  | "firstRetryMs"
  | "wait"
  | "inDoubt"
  | "retry"
  | "retryAskedBy"
>;

function resolveRetries(sources: Sources): RetryOptions {
  const retryFor = sources.one("retry-for");
  const retryFirst = sources.one("retry-first");
  const patience = sources.one("patience");
  const inDoubt = shared.choice(sources, "in-doubt", ["hold", "resend"]);
  const { resend, askedBy, ...retry } = resolveRetry(sources);
  return {
    retries: integer(sources, "retries", 0, 1000) ?? 5,
    retryForMs: retryFor ? value.parseDuration(retryFor) : 4 * 3_600_000,
    patienceMs: patience ? value.parseDuration(patience) : 3_600_000,
    firstRetryMs: retryFirst && value.parseDuration(retryFirst),
    wait: resolveWait(sources),
    inDoubt: resend ? "resend" : inDoubt ?? "hold",
    retry,
    retryAskedBy: askedBy,
  };
}

/** The flag and its variable say no, the campaign file says yes or no. */
function resolveWait(sources: Sources): boolean {
  // Commander sets `--no-wait` to its default, true, unless it is typed.
  if (sources.flags.wait === false) return false;
  const not = sources.fromEnvironment("no-wait")?.[0];
  if (not) return !value.parseBoolean(not);
  const kept = sources.fromFile("wait")?.[0];
  return kept ? value.parseBoolean(kept) : true;
}

function resolveTimes(sources: Sources, now: number) {
  const start = sources.one("start-at");
  const end = sources.one("until");
  const startAt = start && parseTime(start, now);
  const until = end && parseTime(end, now, Math.max(now, startAt ?? now));
  if (end && startAt !== undefined && until !== undefined && until <= startAt) {
    throw value.unusable(end, `a time after ${start!.name} '${start!.text}'`);
  }
  if (end && until !== undefined && until <= now) throw value.unusable(end, "a time in the future");
  return { startAt, until };
}
