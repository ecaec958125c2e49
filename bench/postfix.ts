import { join } from "node:path";
import type { Absent } from "./contenders.ts";
import { freePort, has, listening, run } from "./process.ts";
import type { Target } from "./sinks.ts";

const NAME = "Postfix";

/**
 * A second Postfix instance beside the system's: it accepts every mail, queues it on disk as usual, and discards it.
 *
 * It needs root, because Postfix's master does.
 */
export async function startPostfix(parent: string): Promise<Target | Absent> {
  if (!await has("postfix")) return { name: NAME, reason: "not installed" };
  if (Deno.uid() !== 0) return { name: NAME, reason: "needs root" };
  const folder = await Deno.makeTempDir({ dir: parent, prefix: "postfix-" });
  const port = freePort();
  await configure(folder, port);
  const control = (verb: string) => run({ program: "postfix", args: ["-c", folder, verb] });
  await control("start");
  await listening(port);
  return {
    name: NAME,
    port,
    async [Symbol.asyncDispose]() {
      await control("stop");
    },
  };
}

async function configure(folder: string, port: number): Promise<void> {
  // Postfix's own users must be able to reach the folders below it.
  for (let path = folder; path.includes("email-dispatcher-bench-"); path = join(path, "..")) {
    await Deno.chmod(path, 0o755);
  }
  const [queue, data] = [join(folder, "queue"), join(folder, "data")];
  await Deno.mkdir(queue);
  await Deno.mkdir(data);
  await run({ program: "chown", args: ["postfix", data] });
  await Deno.writeTextFile(
    join(folder, "main.cf"),
    [
      "compatibility_level = 3.6",
      `queue_directory = ${queue}`,
      `data_directory = ${data}`,
      `maillog_file = ${join(folder, "mail.log")}`,
      `maillog_file_prefixes = ${folder}`,
      "myhostname = sink.example",
      "mydestination =",
      "inet_interfaces = 127.0.0.1",
      "inet_protocols = ipv4",
      "mynetworks = 127.0.0.0/8",
      "smtpd_relay_restrictions = permit_mynetworks, reject",
      "default_transport = discard:",
      "relay_transport = discard:",
      "alias_maps =",
      "alias_database =",
      // The benchmark is one client with many mails: no client limits, and no pause when the incoming queue is full.
      "in_flow_delay = 0",
      "smtpd_peername_lookup = no",
      "",
    ].join("\n"),
  );
  await Deno.writeTextFile(
    join(folder, "master.cf"),
    [
      `127.0.0.1:${port} inet n - n - - smtpd`,
      "pickup unix n - n 60 1 pickup",
      "cleanup unix n - n - 0 cleanup",
      "qmgr unix n - n 300 1 qmgr",
      "rewrite unix - - n - - trivial-rewrite",
      "bounce unix - - n - 0 bounce",
      "defer unix - - n - 0 bounce",
      "trace unix - - n - 0 bounce",
      "flush unix n - n 1000? 0 flush",
      "proxymap unix - - n - - proxymap",
      "anvil unix - - n - 1 anvil",
      "scache unix - - n - 1 scache",
      "discard unix - - n - - discard",
      "error unix - - n - - error",
      "retry unix - - n - - error",
      "postlog unix-dgram n - n - 1 postlogd",
      "",
    ].join("\n"),
  );
}
