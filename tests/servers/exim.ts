import { join } from "node:path";
import { output, type Running, SERVER_DEADLINE_MS, start } from "../support/process.ts";
import { killWholeTree } from "../support/process_tree.ts";
import { freePorts, listening, type MailServer, serverPath } from "./mail_server.ts";

export interface EximSettings {
  readonly chunking: boolean;
  /** More lines of its main configuration. */
  readonly lines?: readonly string[];
  /** A regular expression for local parts that it does not know. */
  readonly unknown?: string;
}

/** A real Exim, for root: its own configuration and queue in a temporary folder. Mails stay in its queue. */
export class Exim implements MailServer {
  readonly #folder: string;
  readonly #port: number;
  #daemon: Running | undefined;

  private constructor(folder: string, port: number) {
    this.#folder = folder;
    this.#port = port;
  }

  static async start(settings: EximSettings): Promise<Exim> {
    const folder = await Deno.makeTempDir({ prefix: "exim-" });
    // Its processes run as another user.
    await Deno.chmod(folder, 0o755);
    const exim = new Exim(folder, freePorts(1)[0]!);
    await Deno.writeTextFile(join(folder, "conf"), configuration(folder, settings), {
      mode: 0o644,
    });
    for (const name of ["spool", "log"]) {
      await Deno.mkdir(join(folder, name));
      await output("chown", ["Debian-exim", join(folder, name)]);
    }
    await exim.start();
    return exim;
  }

  get url(): string {
    return `smtp://127.0.0.1:${this.#port}?tls=off`;
  }

  async start(): Promise<void> {
    const at = (name: string) => join(this.#folder, name);
    this.#daemon = start(
      "exim4",
      ["-C", at("conf"), "-bdf", "-oX", `127.0.0.1:${this.#port}`, "-oP", at("pid")],
      { env: { PATH: serverPath() }, deadlineMs: SERVER_DEADLINE_MS },
    );
    await listening(this.#port);
  }

  async kill(): Promise<void> {
    if (this.#daemon === undefined) return;
    await killWholeTree(this.#daemon.pid);
    await this.#daemon.ended;
    this.#daemon = undefined;
  }

  /** What it has logged so far. */
  async log(): Promise<string> {
    return await Deno.readTextFile(join(this.#folder, "log", "mainlog")).catch(() => "");
  }

  async progress(): Promise<number> {
    return (await this.log()).split(" <= ").length - 1;
  }

  async taken(): Promise<readonly string[]> {
    const input = join(this.#folder, "spool", "input");
    const names = (await Array.fromAsync(Deno.readDir(input))).map(({ name }) => name);
    return (await Promise.all(
      // The header's file exists once the mail is complete, before the reply.
      names.filter((name) => name.endsWith("-H")).map((name) =>
        Deno.readTextFile(join(input, name)).then(recipientsOf)
      ),
    )).flat();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

/** Of a -H file: a line with their number, then a line each ("Format of spool files" in Exim's specification). */
function recipientsOf(header: string): string[] {
  const lines = header.split("\n");
  const at = lines.findIndex((line, at) => /^\d+$/.test(line) && lines[at + 1]?.includes("@"));
  return lines.slice(at + 1, at + 1 + Number(lines[at]));
}

function configuration(folder: string, { chunking, lines = [], unknown }: EximSettings): string {
  return `
primary_hostname = mx.test
spool_directory = ${folder}/spool
log_file_path = ${folder}/log/%slog
keep_environment =
host_lookup =
rfc1413_query_timeout = 0s
tls_advertise_hosts =
queue_only = true
smtp_accept_max = 100
smtp_accept_queue_per_connection = 0
${chunking ? "chunking_advertise_hosts = *" : "chunking_advertise_hosts ="}
acl_smtp_rcpt = rcpt
acl_smtp_data = data
${lines.join("\n")}
begin acl
rcpt:
${unknown === undefined ? "" : `  deny local_parts = ${unknown}\n    message = no such user`}
  accept
data:
  accept
begin routers
all:
  driver = accept
  transport = none
begin transports
none:
  driver = appendfile
  file = /dev/null
`;
}
