import type { CampaignOptions } from "./options/campaign_options.ts";
import type { ChosenRow } from "../preview/choice.ts";

/** Where a command writes messages, each on one line. */
export interface MessageWriter {
  /** Writes nothing with `--quiet`. */
  tell(text: string): void;
  complain(text: string): void;
}

/** The place of a row: `emails.csv:3`. */
export function whereOf({ recipients }: CampaignOptions, { entry }: ChosenRow): string {
  return `${recipients}:${entry.line}`;
}
