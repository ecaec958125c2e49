import { settings } from "../setting.ts";

/** Where the mails go, and how fast. */
export const RELAY = settings("Relay", {
  "smtp": {
    argument: "<url>",
    help: "smtp://user@host:587, smtps://user@host:465 or sandbox: (mail goes to a folder)",
    repeatable: true,
    key: "smtp",
    type: "texts",
    variable: "SMTP_URL",
    secret: true,
  },
  "connections": {
    argument: "<n>",
    help: "SMTP connections at once, 1 to 1000",
    default: "10",
    key: "connections",
    type: "count",
  },
  "max-per-connection": {
    argument: "<n>",
    help: "mails on one connection before a new one is opened",
    default: "0, no limit",
    key: "max_per_connection",
    type: "count",
  },
  "rate": {
    argument: "<rate>",
    help: "maximum sending rate: 14/s, 500/m, 10000/h",
    default: "no limit",
    key: "rate",
  },
  "window": {
    argument: "<n>",
    help: "mails under way on one connection",
    default: "as the server allows",
    key: "window",
    type: "count",
  },
  "listen": {
    argument: "<host:port>",
    help: "address the sandbox listens on",
    default: "127.0.0.1:1025",
  },
  "outbox": {
    argument: "<dir>",
    help: "folder that the sandbox writes mails to",
    default: "outbox beside the config",
    key: "outbox",
  },
});

/** When mails go out, and when they are tried again. */
export const RETRIES = settings("Retries and time", {
  "retries": {
    argument: "<n>",
    help: "tries after the first, if the server says 'later'",
    default: "5",
    key: "retry.retries",
    type: "count",
  },
  "retry-for": {
    argument: "<time>",
    help: "how long after the first try to keep trying: 90s, 4h, 2d",
    default: "4h",
    key: "retry.for",
  },
  "retry-first": {
    argument: "<time>",
    help: "longest pause before the first retry",
    default: "5s",
    key: "retry.first",
    noFlag: true,
  },
  "patience": {
    argument: "<time>",
    help: "stop when a relay has accepted no mail for this long",
    default: "1h",
    key: "retry.patience",
  },
  "no-wait": { help: "do not wait for retries that are due later; exit 3" },
  "in-doubt": {
    argument: "<what>",
    help: "hold or resend mails whose fate is unknown",
    default: "hold",
    key: "retry.in_doubt",
  },
  "wait": {
    help: "wait for retries that are due later",
    default: "true",
    key: "retry.wait",
    type: "switch",
    variable: false,
    noFlag: true,
  },
  "start-at": {
    argument: "<time>",
    help: "send the first mail no earlier than 2026-11-02T09:00 or 18:30",
    key: "start_at",
    type: "moment",
  },
  "until": {
    argument: "<time>",
    help: "start no more mails after this time; exit 3 if some are left",
    key: "until",
    type: "moment",
  },
});
