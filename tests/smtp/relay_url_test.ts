import assert from "node:assert/strict";
import { InputError } from "../../src/model/input_error.ts";
import { type Relay, Secret } from "../../src/model/relay.ts";
import { parseRelay, passwordInUrl, type RelayContext } from "../../src/smtp/url/relay_url.ts";

const PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
const KEY = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";

const context: RelayContext = {
  password: new Secret("from-environment"),
  readTextFile: (path) => {
    if (path === "ca.pem" || path === "cert.pem") return PEM;
    if (path === "key.pem") return KEY;
    if (path === "text.txt") return "no PEM at all";
    throw new Error(`No such file: ${path}`);
  },
  hostname: () => "host.example.com",
};

function parse(url: string, changes: Partial<RelayContext> = {}): Relay {
  return parseRelay(url, { ...context, ...changes });
}

function fault(url: string, changes: Partial<RelayContext> = {}): string {
  try {
    parse(url, changes);
  } catch (error) {
    assert.ok(error instanceof InputError, String(error));
    return error.describe();
  }
  throw new Error(`Accepted: ${url}`);
}

Deno.test("parseRelay() reads smtp:// as STARTTLS, required, on port 587", () => {
  const relay = parse("smtp://ann@smtp.example.com");
  assert.equal(relay.name, "smtp.example.com:587");
  assert.equal(relay.host, "smtp.example.com");
  assert.equal(relay.port, 587);
  assert.equal(relay.security, "starttls");
  assert.equal(relay.helo, "host.example.com");
  assert.equal(relay.auth?.user, "ann");
  assert.equal(relay.auth?.password.reveal(), "from-environment");
  assert.equal(relay.auth?.mechanism, undefined);
  assert.equal(relay.weight, 1);
  assert.equal(relay.connections, undefined);
  assert.equal(relay.rate, undefined);
  assert.equal(relay.sandbox, false);
});

Deno.test("parseRelay() reads smtps:// as TLS on port 465", () => {
  const relay = parse("smtps://smtp.example.com");
  assert.equal(relay.port, 465);
  assert.equal(relay.security, "tls");
  assert.equal(relay.auth, undefined);
  assert.equal(parse("SMTPS://x.test?tls=required").security, "tls");
});

Deno.test("parseRelay() reads every parameter", () => {
  const relay = parse(
    "smtps://x.test:2465/?ca=ca.pem&cert=cert.pem&key=key.pem&name=me.test&weight=2&rate=14/s&connections=5",
  );
  assert.equal(relay.port, 2465);
  assert.equal(relay.ca, PEM);
  assert.equal(relay.certificate?.cert, PEM);
  assert.equal(relay.certificate?.key.reveal(), KEY);
  assert.equal(relay.helo, "me.test");
  assert.equal(relay.weight, 2);
  assert.deepEqual(relay.rate, { count: 14, perMs: 1_000 });
  assert.equal(relay.connections, 5);
  for (const auth of ["plain", "login", "cram-md5", "xoauth2"]) {
    assert.equal(parse(`smtp://u@x.test?auth=${auth}`).auth?.mechanism, auth);
  }
  for (const name of ["chunking", "pipelining"] as const) {
    assert.equal(parse("smtp://x.test")[name], true);
    assert.equal(parse(`smtp://x.test?${name}=on`)[name], true);
    assert.equal(parse(`smtp://x.test?${name}=off`)[name], false);
  }
  assert.equal(parse("smtp://x.test?tls=off").security, "off");
  assert.equal(parse("smtp://x.test?tls=opportunistic").security, "opportunistic");
});

Deno.test("parseRelay() decodes user and password, and the URL's password goes before the environment's", () => {
  const relay = parse("smtp://ann%40example.com:p%40ss%2Fw%3A%3Frd%25@x.test");
  assert.equal(relay.auth?.user, "ann@example.com");
  assert.equal(relay.auth?.password.reveal(), "p@ss/w:?rd%");
  assert.equal(parse("smtp://u@v:p:q@r@x.test").auth?.user, "u@v");
  assert.equal(parse("smtp://u@v:p:q@r@x.test").auth?.password.reveal(), "p:q@r");
});

Deno.test("parseRelay() accepts addresses and names of every kind as the host", () => {
  assert.equal(parse("smtp://[::1]:25?tls=off").host, "[::1]");
  assert.equal(parse("smtp://[2001:DB8::1]").name, "[2001:db8::1]:587");
  assert.equal(parse("smtp://192.0.2.1").host, "192.0.2.1");
  assert.equal(parse("smtp://münchen.test").host, "xn--mnchen-3ya.test");
  assert.equal(parse("smtp://MX.Example.COM.").host, "mx.example.com");
});

Deno.test("parseRelay() reads sandbox:", () => {
  assert.deepEqual(parse("sandbox:"), {
    name: "sandbox:",
    host: "127.0.0.1",
    port: 0,
    security: "off",
    helo: "host.example.com",
    auth: undefined,
    ca: undefined,
    certificate: undefined,
    chunking: true,
    pipelining: true,
    weight: 1,
    connections: undefined,
    rate: undefined,
    sandbox: true,
  });
  assert.deepEqual(parse("sandbox:?rate=5/m").rate, { count: 5, perMs: 60_000 });
  assert.match(fault("sandbox:buffer"), /neither host nor path/);
  assert.match(fault("sandbox:?tls=off"), /unknown parameter "tls"/);
});

Deno.test("parseRelay() uses no name that says nothing to others", () => {
  assert.equal(parse("smtp://x.test", { hostname: () => "laptop" }).helo, undefined);
  assert.equal(parse("smtp://x.test", { hostname: () => "my laptop.local" }).helo, undefined);
  const throws = () => {
    throw new Deno.errors.NotCapable("no");
  };
  assert.equal(parse("smtp://x.test", { hostname: throws }).helo, undefined);
});

Deno.test("parseRelay() allows a login in clear text only with this machine", () => {
  for (const host of ["localhost", "127.0.0.1", "127.1.2.3", "[::1]", "mail.localhost"]) {
    assert.equal(parse(`smtp://u@${host}?tls=off`).auth?.user, "u");
  }
  for (const host of ["x.test", "localhost.x.test", "127.0.0.1.x.test", "10.0.0.1"]) {
    assert.match(fault(`smtp://u@${host}?tls=off`), /password in clear/);
  }
});

for (
  const [url, pattern] of [
    ["", /smtp:\/\/user@host:587/],
    ["localhost:25", /does not begin with smtp:/],
    ["smtp:localhost", /does not begin with smtp:/],
    ["smpt://x.test", /unknown scheme "smpt"\n.*Did you mean "smtp"/],
    ["http://x.test", /unknown scheme "http"/],
    ["smtp://", /names no host/],
    ["smtp://:25", /names no host/],
    ["smtp://@x.test", /no user before it/],
    ["smtp://x.test:70000", /from 1 to 65535: found 70000/],
    ["smtp://x.test:0", /from 1 to 65535: found 0/],
    ["smtp://x.test:smtp", /port is not a number/],
    ["smtp://x.test/path", /has a path/],
    ["smtp://x.test#y", /after "#"/],
    ["smtp://x..test", /neither a name nor an address/],
    ["smtp://[::g]", /neither a name nor an address/],
    ["smtp://x.test?tsl=off", /unknown parameter "tsl"\n.*Did you mean "tls"/],
    ["smtp://x.test?frobnicate=1", /unknown parameter "frobnicate"\n.*Known parameters: tls, ca/],
    ["smtp://x.test?tls=off&tls=required", /given twice/],
    ["smtp://x.test?tls", /tls has no value/],
    ["smtp://x.test?tls=of", /tls must be one of.*\n.*Did you mean "off"/],
    ["smtps://x.test?tls=off", /smtps:\/\/ uses TLS/],
    ["smtp://u@x.test?auth=plian", /auth must be one of.*\n.*Did you mean "plain"/],
    ["smtp://x.test?auth=plain", /auth needs a user\n.*smtp:\/\/user@host/],
    ["smtp://x.test?name=a%20b", /neither a domain nor an address literal/],
    ["smtp://x.test?weight=0", /weight must be a whole number from 1/],
    ["smtp://x.test?connections=NaN", /connections must be a whole number/],
    ["smtp://x.test?connections=-1", /connections must be a whole number/],
    ["smtp://x.test?rate=10/fortnight", /rate of the SMTP URL.*\n.*14\/s/],
    ["smtp://x.test?ca=missing.pem", /missing\.pem: Cannot read the file of ca/],
    ["smtp://x.test?ca=text.txt", /text\.txt: Cannot use ca as its .* certificate\n.*BEGIN CERT/],
    ["smtps://x.test?cert=cert.pem&key=cert.pem", /contains no PEM private key/],
    ["smtps://x.test?cert=cert.pem", /cert and key must be given together/],
    ["smtp://x.test?cert=cert.pem&key=key.pem", /work with smtps:\/\/ only/],
    ["smtp://x.test?tls=off&ca=ca.pem", /ca cannot be combined with tls=off/],
    ["smtp://x.test?tls=off&cert=cert.pem&key=key.pem", /cert cannot be combined with tls=off/],
    ["smtps://x.test?key=key.pem", /cert and key must be given together/],
    ["smtp://x.test?chunking=no", /chunking must be on or off: found "no"/],
    ["smtp://x.test?pipeline=off", /unknown parameter "pipeline"\n.*Did you mean "pipelining"/],
    ["smtp://u%zz@x.test", /percent sign/],
  ] as const
) {
  Deno.test(`parseRelay() refuses ${JSON.stringify(url)} and says why`, () => {
    assert.match(fault(url), pattern);
  });
}

Deno.test("parseRelay() requires a password if there is a user", () => {
  assert.match(
    fault("smtp://ann@x.test", { password: undefined }),
    /"ann".*no password\n.*SMTP_PASSWORD/,
  );
});

Deno.test("parseRelay() refuses CR, LF, NUL and blanks in every part, as they are and percent-encoded", () => {
  for (
    const attack of ["\r", "\n", "\r\n", "\0", "\t", "\x7f", "%0d", "%0A", "%00", "%0d%0aRSET"]
  ) {
    for (
      const url of [
        `smtp://x${attack}y.test`,
        `smtp://u${attack}v@x.test`,
        `smtp://u:p${attack}q@x.test`,
        `smtp://x.test:2${attack}5`,
        `smtp://x.test?name=a${attack}b.test`,
        `smtp://x.test?t${attack}ls=off`,
        `smtp://x.test?ca=a${attack}b`,
        `sandbox:?name=a${attack}b`,
        `${attack}smtp://x.test`,
        `smtp://x.test${attack}`,
      ]
    ) {
      fault(url);
    }
  }
  fault("smtp://u@x.test", { password: new Secret("a\0b") });
  fault("smtp://u@x.test", { password: new Secret("a\r\nb") });
});

Deno.test("no error of parseRelay() holds the password, wherever the URL breaks", () => {
  const secret = "s3cr3tp4ss";
  const around = ["", "/", "?", "#", "@", ":", "%", "%zz", "&", "=", " ", "\n", "[", "]"];
  const ends = ["@x.test", "@x.test:70000", "@", "@x..test", "@x.test/p", "@x.test?tls=off", ""];
  const starts = ["smtp://", "smpt://", "smtp:", "", "smtps://", "sandbox:"];
  for (const start of starts) {
    for (const before of around) {
      for (const after of around) {
        for (const end of ends) {
          const url = `${start}ann:${before}${secret}${after}${end}`;
          try {
            parse(url);
          } catch (error) {
            assert.ok(error instanceof InputError);
            assert.ok(!`${error.describe()} ${error.stack} ${error.cause}`.includes(secret), url);
          }
        }
      }
    }
  }
});

Deno.test("passwordInUrl() returns whether the URL itself contains one", () => {
  assert.equal(passwordInUrl("smtp://u:p@x.test"), true);
  assert.equal(passwordInUrl("smtp://u@x.test:25"), false);
  assert.equal(passwordInUrl("smtp://u:@x.test"), false);
  assert.equal(passwordInUrl("sandbox:"), false);
  assert.equal(passwordInUrl("nonsense"), false);
});
