import assert from "node:assert/strict";
import { breakOf } from "../../src/smtp/break.ts";

/** An error as Node's functions throw it. */
const withCode = (code: string) =>
  Object.assign(new Error(`getaddrinfo ${code} mx.test`), { code });

Deno.test("breakOf() tells a name service that does not answer from a name that is not there, by the code", () => {
  assert.equal(breakOf(withCode("EAI_AGAIN")).cause, "name-service");
  assert.equal(breakOf(withCode("ENOTFOUND")).cause, "unreachable");
  // What the error says decides nothing.
  assert.equal(breakOf(new Error("getaddrinfo EAI_AGAIN mx.test")).cause, "closed");
});
