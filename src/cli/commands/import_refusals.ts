import {
  judgeRefusal,
  type LeftBecause,
  type RefusedAddress,
  refusedAddress,
} from "../../bounces/refusals.ts";
import { openLedgerReader } from "../../ledger/open.ts";
import type { LedgerReader } from "../../ledger/reader.ts";
import type { ExitCode } from "../../model/exit_code.ts";
import type { Suppressed } from "../../suppression/suppression.ts";
import { openSuppressionList, readSuppressionList } from "../../suppression/suppression_list.ts";
import { escapeLine } from "../../text/escape.ts";
import { countOf, countText } from "../../text/quantity.ts";
import { resolveSuppressionList } from "../options/suppression.ts";
import { type Flags, openSources } from "../settings/sources.ts";
import type { ProcessContext } from "../process_context.ts";

/** Rows written at a time: a transaction blocks all other writers for some milliseconds. */
const CHUNK = 1_000;

const LEFT: Readonly<Record<LeftBecause, string>> = {
  "policy": "refused by policy (5.7.x): about the mail, the sender or the server",
  "no-room": "without room for the mail (552, 5.2.2)",
  "unclear": "refused without a code that says why",
  "other": "refused for a reason other than the address",
  "temporary": "refused temporarily (4xx)",
  "not-at-rcpt": "not refused at RCPT",
};

/** What was found in a ledger. */
interface Refusals {
  readonly addresses: ReadonlyMap<string, RefusedAddress>;
  readonly left: ReadonlyMap<LeftBecause, number>;
}

/** Adds the addresses that the relay refused for good, as a ledger says; `--dry-run` only names them. */
export async function importRefusals(
  ledger: string,
  flags: Flags,
  context: ProcessContext,
): Promise<ExitCode> {
  const { terminal, signal, now } = context;
  const say = (text: string) => terminal.write(`${escapeLine(text)}\n`);
  const sources = await openSources(flags, context, "user-file");
  const { path } = resolveSuppressionList(sources);
  await using reader = await openLedgerReader(ledger);
  const { addresses, left } = await readRefusals(reader, signal);
  const campaign = reader.facts.campaign || undefined;
  const entries = [...addresses.values()].map(({ key, at = now(), reply }): Suppressed => ({
    key,
    at,
    campaign,
    source: "relay",
    reason: reply || undefined,
  }));
  const dryRun = sources.isOn("dry-run");
  for (const { key, reason } of dryRun ? entries : []) say(`${key}: ${reason}`);
  const fresh = dryRun ? countNew(path, entries) : addTo(path, entries, signal);
  const known = entries.length - fresh;
  say(
    `${countOf(fresh, "address", "addresses")} ${dryRun ? "would be added" : "added"}${
      known === 0 ? "" : `, ${countText(known)} already on the list`
    }`,
  );
  for (const [because, count] of left) {
    say(`${countText(count)} left out: ${LEFT[because]}`);
  }
  return 0;
}

async function readRefusals(reader: LedgerReader, signal: AbortSignal): Promise<Refusals> {
  const addresses = new Map<string, RefusedAddress>();
  const left = new Map<LeftBecause, number>();
  for await (const row of reader.rows(["failed"])) {
    signal.throwIfAborted();
    const verdict = judgeRefusal(row);
    if (verdict === "address") {
      const refused = refusedAddress(row);
      addresses.set(refused.key, refused);
    } else left.set(verdict, (left.get(verdict) ?? 0) + 1);
  }
  return { addresses, left };
}

/** Creates the list only when there is somebody to add. */
function addTo(path: string, entries: readonly Suppressed[], signal: AbortSignal): number {
  if (entries.length === 0) return 0;
  using list = openSuppressionList(path);
  let fresh = 0;
  for (let at = 0; at < entries.length; at += CHUNK) {
    signal.throwIfAborted();
    fresh += list.add(entries.slice(at, at + CHUNK));
  }
  return fresh;
}

function countNew(path: string, entries: readonly Suppressed[]): number {
  using list = readSuppressionList(path);
  return entries.filter(({ key }) => list?.find(key) === undefined).length;
}
