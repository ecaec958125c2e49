import { join } from "node:path";
import type { Pair } from "./certificates.ts";

const SERVICES = [
  "pickup unix n - n 60 1 pickup",
  "cleanup unix n - n - 0 cleanup",
  "qmgr unix n - n 300 1 qmgr",
  "tlsmgr unix - - n - 1 tlsmgr",
  "rewrite unix - - n - - trivial-rewrite",
  "bounce unix - - n - 0 bounce",
  "defer unix - - n - 0 bounce",
  "trace unix - - n - 0 bounce",
  "proxymap unix - - n - - proxymap",
  "discard unix - - n - - discard",
  "error unix - - n - - error",
  "retry unix - - n - - error",
  "anvil unix - - n - 1 anvil",
  "postlog unix-dgram n - n - 1 postlogd",
];

/** What `main.cf` says unless a test says otherwise: all mail that is taken is thrown away. */
const SETTINGS = {
  compatibility_level: "3.6",
  command_directory: "/usr/sbin",
  daemon_directory: "/usr/lib/postfix/sbin",
  inet_interfaces: "127.0.0.1",
  inet_protocols: "ipv4",
  myhostname: "mx.acme.test",
  mydestination: "",
  mynetworks: "",
  default_transport: "discard",
  smtpd_delay_reject: "no",
  smtpd_relay_restrictions: "permit_sasl_authenticated, reject_unauth_destination",
};

/** A Postfix of its own, in a temporary folder: one port with STARTTLS, one with TLS from the first byte. Takes root. */
export class PostfixRelay implements AsyncDisposable {
  readonly folder: string;
  readonly port: number;
  readonly tlsPort: number;

  private constructor(folder: string, port: number, tlsPort: number) {
    this.folder = folder;
    this.port = port;
    this.tlsPort = tlsPort;
  }

  /** @param settings Lines of `main.cf` in addition. */
  static async start(
    pair: Pair,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<PostfixRelay> {
    const folder = await Deno.makeTempDir({ prefix: "postfix-" });
    await Deno.chmod(folder, 0o755);
    const at = (name: string) => join(folder, name);
    for (const name of ["queue", "data"]) await Deno.mkdir(at(name));
    await run("chown", "postfix", at("data"));
    await Deno.writeTextFile(at("cert.pem"), pair.cert);
    await Deno.writeTextFile(at("key.pem"), pair.key);
    const main = {
      ...SETTINGS,
      queue_directory: at("queue"),
      data_directory: at("data"),
      maillog_file: at("mail.log"),
      maillog_file_prefixes: folder,
      smtpd_tls_cert_file: at("cert.pem"),
      smtpd_tls_key_file: at("key.pem"),
      smtpd_tls_security_level: "may",
      ...settings,
    };
    const [port, tlsPort] = [freePort(), freePort()];
    await Deno.writeTextFile(
      at("main.cf"),
      Object.entries(main).map(([name, value]) => `${name} = ${value}\n`).join(""),
    );
    const listeners = [
      `127.0.0.1:${port} inet n - n - - smtpd`,
      `127.0.0.1:${tlsPort} inet n - n - - smtpd -o smtpd_tls_wrappermode=yes`,
    ];
    await Deno.writeTextFile(at("master.cf"), `${[...listeners, ...SERVICES].join("\n")}\n`);
    await run("postfix", "-c", folder, "start");
    return new PostfixRelay(folder, port, tlsPort);
  }

  /** What it has written into its log. */
  log(): Promise<string> {
    return Deno.readTextFile(join(this.folder, "mail.log"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run("postfix", "-c", this.folder, "stop");
    await Deno.remove(this.folder, { recursive: true });
  }
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

async function run(command: string, ...args: string[]): Promise<void> {
  const { success, stderr, stdout } = await new Deno.Command(command, { args }).output();
  const said = new TextDecoder().decode(stderr) + new TextDecoder().decode(stdout);
  if (!success) throw new Error(`${command} ${args.join(" ")}: ${said}`);
}
