import type { CampaignOptions } from "../options/campaign_options.ts";
import type { ChosenRow } from "../../preview/choice.ts";

/** What is said, each time on one line. */
export interface Voice {
  /** Left out by `--quiet`. */
  tell(text: string): void;
  complain(text: string): void;
}

/** Where a row stands: `emails.csv:3`. */
export function whereOf({ recipients }: CampaignOptions, { entry }: ChosenRow): string {
  return `${recipients}:${entry.line}`;
}
