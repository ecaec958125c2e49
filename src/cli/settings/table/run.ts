import { settings } from "../setting.ts";

/** One run of a command. */
export const RUN = settings("Run", {
  "dry-run": { help: "make every mail, show the plan, send nothing" },
  "strict": {
    help: "send nothing if a single row is invalid; exit 2",
    key: "strict",
    type: "switch",
  },
  "yes": { short: "y", help: "send without asking" },
  "yes-changed": { help: "continue a campaign that was done with a changed template" },
});

/** What a command prints. */
export const OUTPUT = settings("Output", {
  "json": { help: "the result as JSON on standard output" },
  "progress": {
    argument: "<how>",
    help: "auto, bar, plain or none",
    default: "auto",
    key: "progress",
  },
  "log": { argument: "<file>", help: "append events to this file", key: "log" },
  "log-format": {
    argument: "<format>",
    help: "text or json",
    default: "text",
    key: "log_format",
  },
  "quiet": { short: "q", help: "print nothing but errors" },
  "verbose": { short: "v", help: "show the reply to each mail; -vv: details" },
});

/** What `check` looks at. */
export const CHECK = settings("Check", {
  "offline": { help: "do not connect to anything: check list, template and mails only" },
  "dns": {
    argument: "<host:port>",
    help: "DNS server to ask, by IP address",
    default: "the system's",
  },
});

/** What `preview` shows. */
export const PREVIEW = settings("Preview", {
  "row": {
    argument: "<n>",
    help: "row n of the list, counted from 1 without the header",
    repeatable: true,
  },
  "email": { argument: "<address>", help: "the row with this address", repeatable: true },
  "sample": {
    argument: "<n>",
    help: "n rows spread over the list, with the longest and the emptiest values",
  },
  "output": {
    argument: "<dir>",
    help: "write .eml files and index.html there",
    default: "print one mail",
  },
});

/** Mails to your own inbox. */
export const TEST_MAILS = settings("Test mails", {
  "send-to": {
    argument: "<address>",
    help: "send the chosen mails there, marked as tests; the ledger is not used",
  },
});
