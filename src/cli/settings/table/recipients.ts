import { settings } from "../setting.ts";

/** The campaign itself. */
export const CAMPAIGN = settings("Campaign", {
  "campaign": {
    argument: "<id>",
    help: "name of the campaign; {date} in it is the day",
    default: "the list's file name",
    key: "id",
  },
  "date": {
    argument: "<day>",
    help: "day that {date} in the campaign's name stands for, such as 2026-11-27",
    default: "today in the time zone",
  },
  "ledger": {
    argument: "<file>",
    help: "where each recipient's state is recorded; {date} in it is the day",
    default: "<campaign>.ledger beside the config",
    key: "ledger",
  },
});

/** Who gets a mail. */
export const RECIPIENTS = settings("Recipients", {
  "recipients": {
    argument: "<file>",
    help: "CSV with a header line, or JSON Lines; - reads standard input",
    key: "recipients",
  },
  "email-column": {
    argument: "<name>",
    help: "column with the address",
    default: "detected by its name",
    key: "email_column",
  },
  "key": {
    argument: "<column>",
    help: "column that tells apart several mails to one address, such as an invoice number",
    default: "none, one mail for each address",
    key: "key",
  },
  "encoding": {
    argument: "<name>",
    help: "encoding of the list, such as windows-1252",
    default: "utf-8",
    key: "encoding",
  },
  "delimiter": {
    argument: "<char>",
    help: "what separates the cells: , ; tab",
    default: "detected",
    key: "delimiter",
  },
  "date-format": {
    argument: "<format>",
    help: "how the list writes dates: %d/%m/%Y, or excel for numbers",
    key: "date_format",
  },
  "where": {
    argument: "<expr>",
    help: `only rows for which it is true: 'country == "AT" and plan != blank'`,
    key: "where",
  },
  "only": { argument: "<email>", help: "mail only this recipient", repeatable: true },
  "limit": { argument: "<n>", help: "stop after n recipients" },
  "offset": { argument: "<n>", help: "skip the first n rows of the list" },
  "shard": { argument: "<i/n>", help: "only part i of n of the list, by a hash of the address" },
  "suppress": {
    argument: "<file>",
    help: "file of addresses to leave out: CSV, or one per line",
    repeatable: true,
    key: "suppress",
    type: "texts",
  },
  "suppression-list": {
    argument: "<file>",
    help: "list of those who unsubscribed, shared by campaigns",
    default: "suppressed.db beside the config",
    key: "unsubscribe.list",
  },
  "retry": {
    argument: "<who>",
    help: "try recipients again: failed, invalid, in-doubt, or an address",
    repeatable: true,
  },
  "drop-missing": { help: "skip waiting recipients who are no longer in the list" },
  "snapshot": {
    help: "send from a copy, so that the list can be rewritten meanwhile",
    key: "snapshot",
    type: "switch",
  },
});
