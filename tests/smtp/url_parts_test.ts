import assert from "node:assert/strict";
import { InputError } from "../../src/model/input_error.ts";
import { splitUrl } from "../../src/smtp/url/url_parts.ts";

function fault(url: string): string {
  try {
    splitUrl(url);
  } catch (error) {
    assert.ok(error instanceof InputError, String(error));
    return error.describe();
  }
  throw new Error(`Accepted: ${url}`);
}

Deno.test("splitUrl() splits a URL, and omits parts that it does not have", () => {
  assert.deepEqual(splitUrl("SMTP://ann:geheim@MX.test:25/?name=a%20b&tls&&ca=x=y"), {
    scheme: "smtp",
    user: "ann",
    password: "geheim",
    host: "mx.test",
    port: 25,
    query: [["name", "a b"], ["tls", ""], ["ca", "x=y"]],
  });
  const nobody = { user: undefined, password: undefined };
  assert.deepEqual(splitUrl("smtps://mx.test"), {
    scheme: "smtps",
    ...nobody,
    host: "mx.test",
    port: undefined,
    query: [],
  });
  for (const url of ["sandbox:?rate=1/s", "sandbox://?rate=1/s"]) {
    assert.deepEqual(splitUrl(url), {
      scheme: "sandbox",
      ...nobody,
      host: "",
      port: undefined,
      query: [["rate", "1/s"]],
    });
  }
});

Deno.test("splitUrl() accepts every valid port", () => {
  for (const port of [1, 587, 65_535]) assert.equal(splitUrl(`smtp://mx.test:${port}`).port, port);
  for (const port of ["0", "65536", "-1", "1e3", "0x19", "", "1234567890"]) {
    assert.match(fault(`smtp://mx.test:${port}`), /port (?:is not|must be) a number/);
  }
});

Deno.test("splitUrl() keeps an @ in a parameter if a user comes before the host", () => {
  assert.deepEqual(splitUrl("smtp://u@mx.test?ca=a@b.pem").query, [["ca", "a@b.pem"]]);
});

/** "/", "?" or "#" in a password end the host early: what follows them would otherwise be the host. */
for (const url of ["smtp://u:a/b@mx.test", "smtp://u:a?b@mx.test", "smtp://u:a#b@mx.test"]) {
  Deno.test(`splitUrl() refuses ${url} and says how to write it`, () => {
    assert.match(fault(url), /user or the password contains.*\n.*%2F.*%3F.*%23.*SMTP_PASSWORD/);
  });
}

Deno.test("splitUrl() refuses blanks and invisible characters anywhere", () => {
  for (const blank of [" ", "\t", "\u00a0", "\u0085", "\u2028", "\u2029"]) {
    for (
      const url of [
        `smtp://u:pass${blank}word@mx.test`,
        `smtp://u${blank}v@mx.test`,
        `smtp://mx.test?name=a${blank}b`,
        `${blank}smtp://mx.test`,
        `smtp://mx.test${blank}`,
      ]
    ) {
      assert.match(fault(url), /control character or a blank/);
    }
  }
});

Deno.test("splitUrl() refuses a host whose decoded form would end before it does", () => {
  for (const host of ["%2Fmx.test", "mx%2F.test", "a%40mx.test", "mx%3Fa", "mx%23a", "mx%5Ca"]) {
    assert.match(fault(`smtp://${host}`), /neither a name nor an address/);
  }
});

Deno.test("splitUrl() shows a host only if it looks like one, as it can be the end of a password", () => {
  assert.match(fault("smtp://mx..test"), /: mx\.\.test\n/);
  assert.doesNotMatch(fault("smtp://u:p@ss!w%40rd"), /ss!w/);
});

Deno.test("splitUrl() shows the forms of a URL along with what is wrong with its parts", () => {
  for (
    const url of [
      "smtp://@mx.test",
      "smtp://",
      "smtp://mx.test:x",
      "smtp://mx.test/path",
      "smtp://mx.test#part",
      "mailto:a@b.test",
      "gopher://mx.test",
      "smpt://mx.test",
    ]
  ) {
    assert.match(fault(url), /\n.*Write "smtp:\/\/user@host:587", "smtps:/);
  }
});
