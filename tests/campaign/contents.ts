import { type Content, openContent } from "../../src/campaign/content/content.ts";
import type { PreviousRun } from "../../src/campaign/previous/previous_run.ts";
import type { SendOptions } from "../../src/campaign/send_options.ts";
import type { Campaign } from "./campaign.ts";
import { tally } from "../support/report_examples.ts";

/** What a run with this content leaves in the ledger for the next one. */
export function knownFrom({ facts }: Content, waitsElsewhere = false): PreviousRun {
  const notReached = () => Promise.resolve(0);
  return {
    facts,
    tally: tally(),
    suppressed: 0,
    again: new Map(),
    waitsElsewhere,
    notReached,
    leftBehind: notReached,
  };
}

/** The content of a campaign, to be disposed of. */
export async function openContentOf(
  campaign: Campaign,
  changes: Partial<SendOptions> = {},
  known?: PreviousRun,
  stdin: ReadableStream<Uint8Array> = new ReadableStream(),
): Promise<Content> {
  return await openContent(await campaign.options([25], changes), {
    reporter: campaign.reporter,
    signal: new AbortController().signal,
    stdin,
    confirm: () => Promise.resolve(true),
    onReload: () => ({ [Symbol.dispose]: () => {} }),
  }, known);
}
