import type { ContentOptions } from "../../compose/content_options.ts";
import type { ListOptions } from "../../list/list_options.ts";

/** The options of a command that reads a list and a template. */
export type CampaignOptions = ListOptions & ContentOptions;
