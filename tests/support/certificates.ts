import { output } from "./process.ts";

/** A certificate and its key, PEM. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** A test authority and certificates signed by it and by others; created for each test run, valid for two days. */
export interface Certificates {
  /** The authority to trust. */
  readonly ca: string;
  /** For localhost and 127.0.0.1, signed by the authority. */
  readonly good: Pair;
  /** The same names, run out long ago. */
  readonly expired: Pair;
  /** The same names, valid from a day to come. */
  readonly notYetValid: Pair;
  /** Signed by the authority for another host. */
  readonly otherName: Pair;
  /** The same names, self-signed. */
  readonly selfSigned: Pair;
  /** For a client, signed by the authority. */
  readonly client: Pair;
}

const LOCAL = "subjectAltName=DNS:localhost,IP:127.0.0.1";
const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** Makes them with the `openssl` command. */
export async function makeCertificates(): Promise<Certificates> {
  const folder = await Deno.makeTempDir({ prefix: "certificates-" });
  const at = (name: string) => `${folder}/${name}`;
  const read = async (name: string): Promise<Pair> => ({
    cert: await Deno.readTextFile(at(`${name}.pem`)),
    key: await Deno.readTextFile(at(`${name}.key`)),
  });
  const selfSigned = (name: string, ...extensions: string[]) =>
    openssl(
      "req",
      "-x509",
      ...KEY,
      "-keyout",
      at(`${name}.key`),
      "-out",
      at(`${name}.pem`),
      "-days",
      "2",
      "-subj",
      `/CN=${name}`,
      ...extensions.flatMap((extension) => ["-addext", extension]),
    );
  const signed = async (name: string, extension: string, ...dates: string[]) => {
    await openssl(
      "req",
      ...KEY,
      "-keyout",
      at(`${name}.key`),
      "-out",
      at(`${name}.csr`),
      "-subj",
      `/CN=${name}`,
    );
    await Deno.writeTextFile(at(`${name}.ext`), `${extension}\n`);
    await openssl(
      "ca",
      "-batch",
      "-config",
      at("ca.conf"),
      "-in",
      at(`${name}.csr`),
      "-out",
      at(`${name}.pem`),
      "-extfile",
      at(`${name}.ext`),
      "-notext",
      ...dates,
    );
  };
  try {
    await selfSigned("ca");
    await selfSigned("alone", LOCAL);
    await Deno.writeTextFile(at("ca.conf"), authorityConfig(folder));
    await Deno.writeTextFile(at("index.txt"), "");
    await signed("good", LOCAL, "-days", "2");
    await signed("expired", LOCAL, "-startdate", "20200101000000Z", "-enddate", "20200102000000Z");
    await signed("future", LOCAL, "-startdate", "20480101000000Z", "-enddate", "20480102000000Z");
    await signed("other", "subjectAltName=DNS:other.test", "-days", "2");
    await signed(
      "client",
      "extendedKeyUsage=clientAuth\nsubjectAltName=DNS:client.test",
      "-days",
      "2",
    );
    return {
      ca: await Deno.readTextFile(at("ca.pem")),
      good: await read("good"),
      expired: await read("expired"),
      notYetValid: await read("future"),
      otherName: await read("other"),
      selfSigned: await read("alone"),
      client: await read("client"),
    };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function authorityConfig(folder: string): string {
  return [
    "[ca]",
    "default_ca = ours",
    "[ours]",
    `database = ${folder}/index.txt`,
    `new_certs_dir = ${folder}`,
    `certificate = ${folder}/ca.pem`,
    `private_key = ${folder}/ca.key`,
    "default_md = sha256",
    "rand_serial = yes",
    "unique_subject = no",
    "policy = any",
    "[any]",
    "commonName = supplied",
  ].join("\n");
}

async function openssl(...args: string[]): Promise<void> {
  await output("openssl", args);
}
