/** What the program may do: SMTP, its files, the variables of the documentation, and its host's name for EHLO. */
export const PERMISSIONS = [
  "--no-prompt",
  "--allow-net",
  "--allow-read",
  "--allow-write",
  "--allow-env",
  "--allow-sys=hostname",
];
