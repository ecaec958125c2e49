import { join } from "node:path";
import { type Certificates, makeCertificates } from "../support/certificates.ts";
import { output } from "../support/process.ts";
import { killTree, killWholeTree, runningIn } from "../support/process_tree.ts";
import { until } from "../support/until.ts";
import { freePorts, listening, type MailServer, serverPath } from "./mail_server.ts";

/** The services of the private instance, each on a port of its own. */
export interface Ports {
  /** For this machine, without a login; offers STARTTLS. */
  readonly open: number;
  /** TLS from the first byte. */
  readonly implicit: number;
  /** Accepts mail only after a login, over TLS. */
  readonly login: number;
  /** Its certificate is for another host. */
  readonly otherName: number;
}

export const USER = { name: "ann", password: "correct horse" };

/** A real Postfix, for root: its own configuration, queue and mailboxes in a temporary folder; mail for x.test stays there. */
export class Postfix implements MailServer {
  readonly ports: Ports;
  /** PEM file of the authority that signed its certificates. */
  readonly ca: string;
  readonly #folder: string;

  private constructor(folder: string, ports: Ports) {
    this.#folder = folder;
    this.ports = ports;
    this.ca = join(folder, "ca.pem");
  }

  /** @param settings Lines of main.cf in addition to, or instead of, those below. */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<Postfix> {
    const folder = await Deno.makeTempDir({ prefix: "postfix-" });
    // Its processes run as another user.
    await Deno.chmod(folder, 0o755);
    const [open, implicit, login, otherName] = freePorts(4) as [number, number, number, number];
    const postfix = new Postfix(folder, { open, implicit, login, otherName });
    await writeSetup(folder, postfix.ports, await makeCertificates());
    const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
    await Deno.writeTextFile(join(folder, "main.cf"), lines.join(""), { append: true });
    await postfix.start();
    return postfix;
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.ports.open}?tls=off`;
  }

  async start(): Promise<void> {
    await run("postfix", "-c", this.#folder, "start");
    await listening(this.ports.login);
  }

  async kill(): Promise<void> {
    await killWholeTree(await this.#master());
    await this.#ended(killTree);
  }

  /** Aborts it, as an administrator in a hurry does: every process gets SIGTERM. Resolves when all of them have ended. */
  async abort(): Promise<void> {
    await run("postfix", "-c", this.#folder, "abort");
    await this.#ended(() => {});
  }

  /** Its master may have started one more process just before it ended, which has the ports as well. */
  async #ended(onLeft: (pid: number) => void): Promise<void> {
    const queue = await Deno.realPath(join(this.#folder, "queue"));
    await until("Postfix has ended", () => {
      const left = runningIn(queue);
      left.forEach(onLeft);
      return left.length === 0;
    });
  }

  async progress(): Promise<number> {
    const inbox = join(this.#folder, "mail", "inbox", "new");
    return (await Array.fromAsync(Deno.readDir(inbox)).catch(() => [])).length;
  }

  async taken(): Promise<readonly string[]> {
    await until("Postfix has delivered its queue", async () => {
      if (await this.#queued() === 0) return true;
      // Mail that it could not deliver when it was killed is due much later.
      await run("postfix", "-c", this.#folder, "flush");
      await new Promise((next) => setTimeout(next, 200));
      return false;
    });
    // A mail that was delivered twice because of a kill was accepted only once: it has one name in the queue.
    const named = (await this.delivered()).map((mail) => {
      const recipient = /^Delivered-To: (.*)$/m.exec(mail)![1]!;
      return `${recipient} ${/\sid (\w+)/.exec(mail)![1]!}`;
    });
    return [...new Set(named)].map((name) => name.split(" ")[0]!);
  }

  /** The mails that have arrived. */
  async delivered(): Promise<readonly string[]> {
    const inbox = join(this.#folder, "mail", "inbox", "new");
    const names = await Array.fromAsync(Deno.readDir(inbox)).catch(() => []);
    return await Promise.all(names.map(({ name }) => Deno.readTextFile(join(inbox, name))));
  }

  /** Waits until this many mails have arrived. */
  async arrived(count: number): Promise<readonly string[]> {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const mails = await this.delivered();
      if (mails.length >= count || Date.now() > deadline) return mails;
      await new Promise((next) => setTimeout(next, 50));
    }
  }

  async log(): Promise<string> {
    return await Deno.readTextFile(join(this.#folder, "log"));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run("postfix", "-c", this.#folder, "stop").catch(() => this.kill());
    await Deno.remove(this.#folder, { recursive: true });
  }

  /** The process id of its master, the parent of all its processes. */
  async #master(): Promise<number> {
    return Number(await Deno.readTextFile(join(this.#folder, "queue", "pid", "master.pid")));
  }

  /** Mails that it has accepted and not delivered. */
  async #queued(): Promise<number> {
    const queues = ["incoming", "active", "deferred"].map((name) =>
      countFiles(join(this.#folder, "queue", name))
    );
    return (await Promise.all(queues)).reduce((sum, count) => sum + count, 0);
  }
}

/** Counts the files below a folder, without those deleted meanwhile. A mail that is being received has other permissions. */
async function countFiles(folder: string): Promise<number> {
  let count = 0;
  for (const { name, isDirectory } of await Array.fromAsync(Deno.readDir(folder)).catch(() => [])) {
    const path = join(folder, name);
    if (isDirectory) count += await countFiles(path);
    else if (((await Deno.lstat(path).catch(() => undefined))?.mode ?? 0) & 0o100) count++;
  }
  return count;
}

async function writeSetup(folder: string, ports: Ports, made: Certificates): Promise<void> {
  const at = (name: string) => join(folder, name);
  for (const name of ["queue", "data", "mail", "sasl"]) await Deno.mkdir(at(name));
  await Deno.writeTextFile(at("ca.pem"), made.ca);
  await Deno.writeTextFile(at("good.pem"), made.good.key + made.good.cert, { mode: 0o600 });
  await Deno.writeTextFile(at("other.pem"), made.otherName.key + made.otherName.cert, {
    mode: 0o600,
  });
  await Deno.writeTextFile(
    at("sasl/smtpd.conf"),
    [
      "pwcheck_method: auxprop",
      "auxprop_plugin: sasldb",
      `sasldb_path: ${at("sasl/users")}`,
      "mech_list: PLAIN LOGIN CRAM-MD5",
    ].join("\n"),
  );
  await run(
    "sh",
    "-c",
    'printf %s "$1" | saslpasswd2 -c -p -f "$2" -u mx.test "$3"',
    "sh",
    USER.password,
    at("sasl/users"),
    USER.name,
  );
  // The programs that clean up after a killed one write to the log as Postfix's user.
  await Deno.writeTextFile(at("log"), "");
  await run("chown", "-R", "postfix", at("data"), at("mail"), at("sasl"), at("log"));
  await Deno.writeTextFile(at("main.cf"), await mainCf(folder));
  await Deno.writeTextFile(at("master.cf"), masterCf(folder, ports));
}

async function mainCf(folder: string): Promise<string> {
  const id = async (flag: string) => (await run("id", flag, "postfix")).trim();
  return `
compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
maillog_file = ${folder}/log
maillog_file_prefixes = ${folder}
myhostname = mx.test
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
virtual_mailbox_domains = x.test
virtual_mailbox_base = ${folder}/mail
virtual_mailbox_maps = static:inbox/
virtual_uid_maps = static:${await id("-u")}
virtual_gid_maps = static:${await id("-g")}
smtpd_tls_chain_files = ${folder}/good.pem
smtpd_tls_security_level = may
smtpd_sasl_path = smtpd
smtpd_sasl_local_domain = mx.test
cyrus_sasl_config_path = ${folder}/sasl
smtpd_tls_auth_only = yes
`;
}

function masterCf(folder: string, ports: Ports): string {
  const service = (name: string, type: string, priv: string, most: string, ...command: string[]) =>
    `${name} ${type} ${priv} - n - ${most} ${command.join("\n  -o ")}`;
  const smtpd = (port: number, ...options: string[]) =>
    service(`127.0.0.1:${port}`, "inet", "n", "-", "smtpd", ...options);
  return [
    smtpd(ports.open),
    smtpd(ports.implicit, "smtpd_tls_wrappermode=yes"),
    smtpd(
      ports.login,
      "smtpd_sasl_auth_enable=yes",
      "smtpd_tls_security_level=encrypt",
      "mynetworks=192.0.2.1/32",
      "smtpd_relay_restrictions=permit_sasl_authenticated,reject",
      "smtpd_recipient_restrictions=permit_sasl_authenticated,reject",
    ),
    smtpd(ports.otherName, `smtpd_tls_chain_files=${folder}/other.pem`),
    service("pickup", "unix", "n", "1", "pickup"),
    service("cleanup", "unix", "n", "0", "cleanup"),
    service("qmgr", "unix", "n", "1", "qmgr"),
    service("tlsmgr", "unix", "-", "1", "tlsmgr"),
    service("rewrite", "unix", "-", "-", "trivial-rewrite"),
    ...["bounce", "defer", "trace"].map((name) => service(name, "unix", "-", "0", "bounce")),
    ...["error", "retry"].map((name) => service(name, "unix", "-", "-", "error")),
    service("proxymap", "unix", "-", "-", "proxymap"),
    "virtual unix - n n - - virtual",
    service("anvil", "unix", "-", "1", "anvil"),
    service("postlog", "unix-dgram", "n", "1", "postlogd"),
    "",
  ].join("\n");
}

async function run(command: string, ...args: readonly string[]): Promise<string> {
  return await output(command, args, { env: { ...Deno.env.toObject(), PATH: serverPath() } });
}
