import assert from "node:assert/strict";
import { disconnectOf } from "../../src/smtp/wire/disconnect.ts";

/** An error as Node's functions throw it. */
const withCode = (code: string) =>
  Object.assign(new Error(`getaddrinfo ${code} mx.test`), { code });

Deno.test("disconnectOf() distinguishes a name service that does not answer from a name that does not exist, by the code", () => {
  assert.equal(disconnectOf(withCode("EAI_AGAIN")).cause, "name-service");
  assert.equal(disconnectOf(withCode("ENOTFOUND")).cause, "unreachable");
  // What the error says decides nothing.
  assert.equal(disconnectOf(new Error("getaddrinfo EAI_AGAIN mx.test")).cause, "closed");
});

const { errors } = Deno;

for (
  const [error, cause] of [
    [new errors.ConnectionRefused("x"), "refused"],
    [new errors.PermissionDenied("x"), "refused"],
    [new errors.NotCapable("x"), "refused"],
    [new errors.AddrNotAvailable("x"), "unreachable"],
    [new errors.NetworkUnreachable("x"), "unreachable"],
    [new errors.NotFound("x"), "unreachable"],
    [withCode("EHOSTUNREACH"), "unreachable"],
    [withCode("ENETUNREACH"), "unreachable"],
    [withCode("EADDRNOTAVAIL"), "unreachable"],
    [new errors.TimedOut("x"), "timeout"],
    [withCode("ETIMEDOUT"), "timeout"],
    [withCode("EMFILE"), "exhausted"],
    [withCode("ENFILE"), "exhausted"],
    [new errors.ConnectionReset("x"), "closed"],
    [new errors.BrokenPipe("x"), "closed"],
    [new errors.UnexpectedEof("x"), "closed"],
    [withCode("ECONNRESET"), "closed"],
    // The code says more than the class.
    [Object.assign(new errors.NotFound("x"), { code: "EAI_AGAIN" }), "name-service"],
  ] as const
) {
  const shown = "code" in error ? error.code : error.name;
  Deno.test(`disconnectOf() reads ${cause} from ${shown}`, () => {
    assert.deepEqual(disconnectOf(error), { cause, detail: error.message, tlsReason: undefined });
  });
}

Deno.test("disconnectOf() uses the given cause for an unknown error", () => {
  assert.equal(disconnectOf(new Error("what?"), "unreachable").cause, "unreachable");
  assert.deepEqual(disconnectOf("no error at all"), {
    cause: "closed",
    detail: "no error at all",
    tlsReason: undefined,
  });
});

/** The errors of rustls as Deno reports them. */
for (
  const [text, reason] of [
    ["invalid peer certificate: Expired", "expired"],
    ["invalid peer certificate: certificate expired: verification time 1", "expired"],
    ["invalid peer certificate: NotValidYet", "not-yet-valid"],
    ["invalid peer certificate: certificate not valid yet: verification time 1", "not-yet-valid"],
    ["certificate is not yet valid", "not-yet-valid"],
    ["invalid peer certificate: NotValidForName", "wrong-name"],
    ['invalid peer certificate: certificate not valid for name "mx.test"', "wrong-name"],
    ["invalid peer certificate: UnknownIssuer", "unknown-authority"],
    ["received fatal alert: UnknownCA", "unknown-authority"],
    ["invalid peer certificate: Other(OtherError(CaUsedAsEndEntity))", "unknown-authority"],
    ["invalid peer certificate: BadSignature", "unknown-authority"],
    ["invalid peer certificate: Revoked", "revoked"],
    ["received corrupt message of type InvalidContentType", "other"],
  ] as const
) {
  Deno.test(`disconnectOf() gives ${reason} as the reason of "${text}"`, () => {
    const expected = { cause: "tls", detail: text, tlsReason: reason };
    assert.deepEqual(disconnectOf(new errors.InvalidData(text)), expected);
    assert.deepEqual(disconnectOf(new Error(text), "tls"), expected);
  });
}
