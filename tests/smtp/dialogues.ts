import { BODY } from "./fixtures.ts";

// Parts of the transcripts that tests of SmtpClient have in common.

export const hello = (...extensions: string[]): string => `
  S: 220 mx.test
  C: EHLO client.test
  S: 250-mx.test
  ${extensions.map((extension) => `S: 250-${extension}`).join("\n")}
  S: 250 HELP
`;
export const BYE = `
  C: QUIT
  S: 221 bye
`;
export const ENVELOPE = (who: string): string => `
  C: MAIL FROM:<s@a.test>
  C: RCPT TO:<${who}@b.test>
  C: DATA
`;
export const LET_IN = `
  S: 250 ok
  S: 250 ok
  S: 354 go
`;
export const GROUPS = `${hello("PIPELINING")}${ENVELOPE("a")}`;
export const UP_TO_BODY = `${GROUPS}${LET_IN}`;
export const LENGTH = BODY.length;
export const CHUNK = (who: string): string => `
  C: MAIL FROM:<s@a.test>
  C: RCPT TO:<${who}@b.test>
  C: BDAT ${LENGTH} LAST
  C#${LENGTH}
`;
/** Chunks of several mails, with RSET between them. */
export const WINDOW = (...who: readonly string[]): string => who.map(CHUNK).join("C: RSET");
/** The replies to a chunk. */
export const OK = `
  S: 250 ok
  S: 250 ok
  S: 250 queued
`;
export const CHUNKS = `${hello("PIPELINING", "CHUNKING")}${CHUNK("a")}`;
