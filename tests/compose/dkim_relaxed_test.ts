import assert from "node:assert/strict";
import fc from "fast-check";
import { relaxedField } from "../../src/compose/dkim/dkim_header.ts";
import { readPrivateKeys, signatureOf } from "../../src/compose/dkim/dkim_key.ts";
import { relax, relaxedBody, relaxedHeader } from "../../src/compose/dkim/relaxed.ts";
import { latin1 } from "../support/latin1.ts";

function bodyOf(text: string): string {
  return String.fromCharCode(...relaxedBody(latin1(text)));
}

/** RFC 6376, 3.4.4, line by line. */
function reference(text: string): string {
  const lines = text.split("\r\n").map((line) => line.replace(/[\t ]+/g, " ").replace(/ $/, ""));
  while (lines.at(-1) === "") lines.pop();
  return lines.map((line) => `${line}\r\n`).join("");
}

Deno.test("relaxedHeader() and relaxedBody() give the results of RFC 6376's example (3.4.5)", () => {
  assert.deepEqual(relaxedHeader("A: X\r\nB : Y\t\r\n\tZ  \r\n"), [
    { name: "a", line: "a:X" },
    { name: "b", line: "b:Y Z" },
  ]);
  assert.equal(bodyOf(" C \r\nD \t E\r\n\r\n\r\n"), " C\r\nD E\r\n");
});

Deno.test("relaxedBody() is empty if there is only white space (RFC 6376, 3.4.4)", () => {
  for (const text of ["", "\r\n", "\r\n\r\n", " \t\r\n \r\n", "  "]) assert.equal(bodyOf(text), "");
  assert.equal(bodyOf("no end"), "no end\r\n");
});

Deno.test("relaxedBody() follows RFC 6376, for any lines", () => {
  const text = fc.array(fc.constantFrom(" ", "\t", "\r\n", "a", ".", "\xA0", "\r\n\r\n"), {
    maxLength: 40,
  });
  fc.assert(fc.property(text, (parts) => {
    assert.equal(bodyOf(parts.join("")), reference(parts.join("")));
  }));
});

Deno.test("relaxedBody() accepts a mail larger than those before", () => {
  const line = `${"x".repeat(76)}\r\n`;
  assert.equal(relaxedBody(latin1(line.repeat(1_000))).length, 78_000);
});

Deno.test("relaxedHeader() keeps octets that only look like white space", () => {
  assert.deepEqual(relaxedHeader("To: \xC3\xA0\xC2\x85\xC2\xA0\r\n"), [
    { name: "to", line: "to:\xC3\xA0\xC2\x85\xC2\xA0" },
  ]);
});

// RFC 8463, appendix A.
const ED25519 = "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g";
const RSA = `
MIICXQIBAAKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi
Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqM
KrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB
AoGAH0cxOhFZDgzXWhDhnAJDw5s4roOXN4OhjiXa8W7Y3rhX3FJqmJSPuC8N9vQm
6SVbaLAE4SG5mLMueHlh4KXffEpuLEiNp9Ss3O4YfLiQpbRqE7Tm5SxKjvvQoZZe
zHorimOaChRL2it47iuWxzxSiRMv4c+j70GiWdxXnxe4UoECQQDzJB/0U58W7RZy
6enGVj2kWF732CoWFZWzi1FicudrBFoy63QwcowpoCazKtvZGMNlPWnC7x/6o8Gc
uSe0ga2xAkEA8C7PipPm1/1fTRQvj1o/dDmZp243044ZNyxjg+/OPN0oWCbXIGxy
WvmZbXriOWoSALJTjExEgraHEgnXssuk7QJBALl5ICsYMu6hMxO73gnfNayNgPxd
WFV6Z7ULnKyV7HSVYF0hgYOHjeYe9gaMtiJYoo0zGN+L3AAtNP9huqkWlzECQE1a
licIeVlo1e+qJ6Mgqr0Q7Aa7falZ448ccbSFYEPD6oFxiOl9Y9se9iYHZKKfIcst
o7DUw1/hz2Ck4N5JrgUCQQCyKveNvjzkkd8HjYs0SwM0fPjK16//5qDZ2UiDGnOe
uEzxBDAr518Z8VFbR41in3W4Y3yCDgQlLlcETrS+zYcL`;
const MAIL = [
  "From: Joe SixPack <joe@football.example.com>",
  "To: Suzie Q <suzie@shopping.example.net>",
  "Subject: Is dinner ready?",
  "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)",
  "Message-ID: <20030712040037.46341.5F8J@football.example.com>",
  "",
  "Hi.",
  "",
  "We lost the game.  Are you hungry yet?",
  "",
  "Joe.",
  "",
].join("\r\n");

/** The signature of RFC 8463's mail, for a DKIM-Signature field as printed there. */
function signatureFor(pem: string, field: readonly string[]): string {
  const { fields } = relax(latin1(MAIL));
  const lines = fields.map(({ line }) => `${line}\r\n`).join("");
  const key = readPrivateKeys(pem, "The key")[0]!;
  const data = lines + relaxedField(`DKIM-Signature: ${field.join("\r\n ")}`);
  return signatureOf(key, latin1(data)).toBase64();
}

Deno.test("relax() and signatureOf() reproduce the signatures of RFC 8463, appendix A.3", () => {
  const bodyHash = "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=";
  assert.equal(relax(latin1(MAIL)).bodyHash, bodyHash);
  assert.equal(
    signatureFor(`-----BEGIN PRIVATE KEY-----\n${ED25519}\n-----END PRIVATE KEY-----`, [
      "v=1; a=ed25519-sha256; c=relaxed/relaxed;",
      "d=football.example.com; i=@football.example.com;",
      "q=dns/txt; s=brisbane; t=1528637909; h=from : to :",
      "subject : date : message-id : from : subject : date;",
      `bh=${bodyHash};`,
      "b=",
    ]),
    "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11BusFa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==",
  );
  assert.equal(
    signatureFor(`-----BEGIN RSA PRIVATE KEY-----${RSA}\n-----END RSA PRIVATE KEY-----`, [
      "v=1; a=rsa-sha256; c=relaxed/relaxed;",
      "d=football.example.com; i=@football.example.com;",
      "q=dns/txt; s=test; t=1528637909; h=from : to : subject :",
      "date : message-id : from : subject : date;",
      `bh=${bodyHash};`,
      "b=",
    ]),
    "F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tF" +
      "OeS9mPYQTnGdaSGsgeefOsk2JzdA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=",
  );
});
