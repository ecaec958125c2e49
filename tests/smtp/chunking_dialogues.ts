import { BODY } from "./fixtures.ts";

// Parts of the transcripts that tests of CHUNKING have in common.

export const HELLO = `
  S: 220 mx.test
  C: EHLO client.test
  S: 250-mx.test
  S: 250-PIPELINING
  S: 250 CHUNKING
`;
export const LENGTH = BODY.length;
export const CHUNK = (who: string): string => `
  C: MAIL FROM:<s@a.test>
  C: RCPT TO:<${who}@b.test>
  C: BDAT ${LENGTH} LAST
  C#${LENGTH}
`;
export const BYE = `
  C: QUIT
  S: 221 bye
`;
export const OK = `
  S: 250 ok
  S: 250 ok
  S: 250 queued
`;
