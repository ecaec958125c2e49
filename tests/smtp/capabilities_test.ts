import assert from "node:assert/strict";
import { capabilitiesOf, NO_CAPABILITIES } from "../../src/smtp/session/capabilities.ts";

Deno.test("capabilitiesOf() reads every extension that matters here", () => {
  const found = capabilitiesOf([
    "mx.test greets you",
    "PIPELINING",
    "SIZE 10240000",
    "STARTTLS",
    "AUTH PLAIN LOGIN CRAM-MD5",
    "ENHANCEDSTATUSCODES",
    "8BITMIME",
    "SMTPUTF8",
    "CHUNKING",
    "LIMITS MAILMAX=20 RCPTMAX=100",
    "X-UNKNOWN",
  ]);
  assert.deepEqual(found, {
    esmtp: true,
    pipelining: true,
    eightBitMime: true,
    smtpUtf8: true,
    chunking: true,
    startTls: true,
    enhancedStatusCodes: true,
    sizeOffered: true,
    maxSize: 10_240_000,
    auth: new Set(["PLAIN", "LOGIN", "CRAM-MD5"]),
    mailMax: 20,
    rcptMax: 100,
  });
});

Deno.test("capabilitiesOf() ignores the case of keywords, and never mistakes the server's name for one", () => {
  const found = capabilitiesOf(["PIPELINING", "pipelining ", "auth plain"]);
  assert.equal(found.pipelining, true);
  assert.deepEqual(found.auth, new Set(["PLAIN"]));
  assert.equal(capabilitiesOf(["PIPELINING"]).pipelining, false);
});

Deno.test("capabilitiesOf() merges the old AUTH= line with the new one", () => {
  const found = capabilitiesOf(["mx", "AUTH=LOGIN", "AUTH PLAIN"]);
  assert.deepEqual(found.auth, new Set(["LOGIN", "PLAIN"]));
});

Deno.test("capabilitiesOf() sets no limit for a bare SIZE, SIZE 0 or a SIZE that is not a number", () => {
  const lines = ["", " 0", " abc", " -5", " +5", " 1e3", " 0x10", " 1.5", ` ${"9".repeat(21)}`]
    .map((value) => `SIZE${value}`);
  for (const line of lines) {
    const found = capabilitiesOf(["mx", line]);
    assert.equal(found.sizeOffered, true);
    assert.equal(found.maxSize, undefined, line);
  }
});

Deno.test("NO_CAPABILITIES offers nothing", () => {
  assert.equal(NO_CAPABILITIES.esmtp, false);
  assert.equal(NO_CAPABILITIES.pipelining, false);
  assert.equal(NO_CAPABILITIES.sizeOffered, false);
  assert.equal(NO_CAPABILITIES.auth.size, 0);
});
