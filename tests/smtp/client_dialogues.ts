import { BODY } from "./fixtures.ts";

// Parts of the transcripts that tests of SmtpClient have in common.

export const hello = (...extensions: string[]): string => `
  S: 220 mx.test
  C: EHLO client.test
  S: 250-mx.test
  ${extensions.map((extension) => `S: 250-${extension}`).join("\n")}
  S: 250 HELP
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
export const CHUNKS = `${hello("PIPELINING", "CHUNKING")}
  C: MAIL FROM:<s@a.test>
  C: RCPT TO:<a@b.test>
  C: BDAT ${BODY.length} LAST
  C#${BODY.length}
`;
