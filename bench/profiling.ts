import { join } from "node:path";
import { ownCommand } from "./contenders.ts";
import type { Mailing } from "./mailing.ts";
import { run } from "./process.ts";
import { readProfile } from "./profile.ts";
import { startSink } from "./sinks.ts";
import type { Table } from "./table.ts";

/** How many functions are listed by name. */
const NAMED = 15;

/** Sends with V8's sampling profiler enabled, and evaluates the profile. */
export async function takeProfile(
  mailing: Mailing,
  folder: string,
  mails: number,
): Promise<ReturnType<typeof readProfile>> {
  await using sink = await startSink();
  const command = ownCommand(mailing, mailing.list(mails), sink.port, mailing.ledger("profile"));
  const [verb = "run", ...args] = command.args;
  const output = join(folder, "profile");
  await run({ ...command, args: [verb, "--cpu-prof", `--cpu-prof-dir=${output}`, ...args] });
  const [file] = [...Deno.readDirSync(output)].filter(({ name }) => name.endsWith(".cpuprofile"));
  if (file === undefined) throw new Error("The profiler has left no profile");
  return readProfile(await Deno.readTextFile(join(output, file.name)));
}

export function profileTables(
  { groups, functions }: ReturnType<typeof readProfile>,
): readonly { readonly name: string; readonly title: string; readonly table: Table }[] {
  const table = (head: string, rows: typeof groups): Table => ({
    head: [head, "share of the busy time"],
    rows: rows.map(({ name, share }) => [name, `${(share * 100).toFixed(1)} %`]),
  });
  return [
    { name: "profile-parts", title: "Time by part", table: table("part", groups) },
    {
      name: "profile-functions",
      title: "Time by function, what it calls not included",
      table: table("function", functions.slice(0, NAMED)),
    },
  ];
}
