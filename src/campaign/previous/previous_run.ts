import type { SendOptions } from "../send_options.ts";
import { InputError } from "../../model/input_error.ts";
import type { KeySet } from "../../keys/key_set.ts";
import type { CampaignFacts } from "../../ledger/ledger.ts";
import type { Missing } from "../../ledger/returning.ts";
import { ledgerExists, openLedgerReader } from "../../ledger/open.ts";
import type { LedgerReader } from "../../ledger/reader.ts";
import { mainKeyOf } from "../../model/recipient.ts";
import type { State } from "../../model/state.ts";
import { countText } from "../../text/quantity.ts";
import type { Tally } from "../../model/tally.ts";

/** What an earlier run left in the ledger, read before anything is opened to send. */
export interface PreviousRun {
  readonly facts: CampaignFacts;
  readonly tally: Tally;
  /** How many of the skipped are suppressed. */
  readonly suppressed: number;
  /** How many of the recipients to be tried again are in each state. */
  readonly again: ReadonlyMap<State, number>;
  /** Some waiting recipients were not in the last list. */
  readonly waitsElsewhere: boolean;
  /** Returns the number of rows of the last list that no run has reached; undefined: unknown. Reads the whole ledger. */
  readonly notReached: () => Promise<number | undefined>;
  /** Returns the number of recipients of a list before that one whom no run has reached, at least. */
  readonly leftBehind: () => Promise<number>;
}

/**
 * Reads the ledger of an earlier run, if there is one.
 *
 * A ledger belongs to one part of the list permanently. If a copy of it were used for another part, recipients waiting in it
 * would be mailed from two machines.
 *
 * @throws {StorageError} if the file is not a ledger of ours, or is one of a newer version
 * @throws {InputError} if a recipient to be tried again was already sent a mail, or if the ledger belongs to another part of the list, or to a trial in the sandbox while a real relay is used
 */
export async function readPreviousRun(
  { ledger, shard, relays, retry }: Pick<SendOptions, "ledger" | "shard" | "relays" | "retry">,
): Promise<PreviousRun | undefined> {
  try {
    Deno.statSync(ledger);
  } catch {
    return undefined; // No ledger yet; one that cannot be read is reported when it is opened to send.
  }
  if (!await ledgerExists(ledger)) return undefined;
  await using reader = await openLedgerReader(ledger);
  const { facts } = reader;
  // A run that waited for its time, or died before it began, has left a ledger without a campaign.
  if (facts.campaign === "") return undefined;
  const tally = await reader.tally();
  const [before, now] = [facts.shard ?? "1/1", shardName(shard)];
  if (tally.total > 0 && before !== now) {
    throw new InputError(
      `The ledger is about part ${before} of the list, and --shard says ${now}: found '${ledger}'`,
      {
        kind: "ledger",
        hint: "Give each part its own ledger with --ledger FILE.",
      },
    );
  }
  if (tally.total > 0) await refuseTrial(ledger, reader, relays.some(({ sandbox }) => sandbox));
  const isRetry = retry.states.length + retry.keys.length > 0;
  const again = isRetry ? await reader.countRetried(retry) : new Map<State, number>();
  if ((again.get("sent") ?? 0) > 0) {
    const sent = await reader.findSent(retry.keys);
    if (sent !== undefined) throw mailed(sent);
  }
  return {
    facts,
    tally,
    suppressed: tally.skipped === 0 ? 0 : await reader.countSuppressed(),
    again,
    waitsElsewhere: tally.queued + tally.deferred > 0 && await reader.waitsElsewhere(),
    ...askedLater(ledger),
  };
}

/** What is only asked if it matters, as it takes reading the whole ledger. */
function askedLater(ledger: string): Pick<PreviousRun, "notReached" | "leftBehind"> {
  const ask = async <T>(question: (reader: LedgerReader) => Promise<T>): Promise<T> => {
    await using reader = await openLedgerReader(ledger);
    return await question(reader);
  };
  return {
    notReached: () => ask(async (reader) => (await reader.rowsLeft()).notReached),
    leftBehind: () => ask((reader) => reader.countLeftBehind()),
  };
}

function mailed(key: string): InputError {
  return new InputError(`--retry mails nobody twice: found '${key}', whose mail was accepted`, {
    kind: "usage",
    hint: "Omit that address. To mail everybody again, give the campaign a new id.",
  });
}

/** Nobody received the mails that the sandbox accepted, so no ledger serves both the sandbox and a real relay. */
async function refuseTrial(
  ledger: string,
  reader: LedgerReader,
  sandbox: boolean,
): Promise<void> {
  const { trial } = reader.facts;
  if (trial === sandbox) return;
  const taken = trial === undefined ? await reader.takenBy() : undefined;
  if (taken !== undefined && (sandbox ? taken.real : taken.sandbox) === 0) return;
  if (sandbox) {
    throw new InputError(
      `Cannot use the ledger of a real campaign for a trial in the sandbox: found '${ledger}'`,
      {
        kind: "ledger",
        hint: "Omit --ledger, or name another file: the sandbox has its own ledger.",
      },
    );
  }
  throw new InputError(
    `Cannot use the ledger of a trial in the sandbox for a real relay: found '${ledger}'`,
    {
      kind: "ledger",
      hint: taken !== undefined && taken.real > 0
        ? `A real relay accepted ${
          countText(taken.real)
        } of its mails: 'export --state sent' names each mail's relay in _relay. Send to the others as a campaign of their own.`
        : "Delete or rename it, or name another file with --ledger.",
    },
  );
}

/** How many recipients of an earlier list are named when a person must decide about them. */
const EXAMPLES = 3;

/** Recipients waiting in the ledger who have no row in a list. */
export async function missingFrom(
  ledger: string,
  { tally }: PreviousRun,
  keys: Pick<KeySet, "has">,
): Promise<Missing> {
  let count = 0;
  const examples: string[] = [];
  if (tally.queued + tally.deferred === 0) return { count, examples };
  await using reader = await openLedgerReader(ledger);
  for await (const waiting of reader.waiting()) {
    for (const { key, address } of waiting) {
      if (keys.has(mainKeyOf(key))) continue;
      if (count++ < EXAMPLES) examples.push(address);
    }
  }
  return { count, examples };
}

/** Names a part of the list, such as "1/4"; the whole list is "1/1". */
export function shardName(shard: SendOptions["shard"]): string {
  return shard === undefined ? "1/1" : `${shard.index}/${shard.count}`;
}
