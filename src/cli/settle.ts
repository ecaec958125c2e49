import { Command, Option } from "@commander-js/extra-typings";
import type { ExitCode } from "../report/summary.ts";
import * as flag from "./flags.ts";
import type { Run } from "./program.ts";
import type { Flags } from "./sources.ts";
import type { Surroundings } from "./surroundings.ts";

const AS = ["sent", "failed", "queued"] as const;

/** `settle`: a person decides what became of recipients in doubt. */
export function settleCommand(run: Run): Command {
  const command = new Command("settle")
    .description(
      "Decide what became of recipients in doubt: sent, failed, or queued for another mail.",
    )
    .argument("<email...>", "recipients to settle")
    .addOption(new Option("--as <state>", "what became of them").choices(AS).makeOptionMandatory())
    .addHelpText(
      "after",
      flag.examples(
        "settle ann@example.com --as sent",
        "settle ann@example.com bob@example.com --as queued",
        "export --state in-doubt     (lists them)",
      ),
    )
    .action((emails, flags) =>
      run((surroundings) => settle(emails, flags.as, flags as Flags, surroundings))
    );
  return flag.withFlags(
    command as unknown as Command,
    flag.CONFIG_FLAGS,
    flag.CAMPAIGN_FLAGS,
    flag.LEDGER_FLAGS,
    flag.LIST_NAME_FLAGS,
  );
}

async function settle(
  emails: readonly string[],
  as: typeof AS[number],
  flags: Flags,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const [{ openSources }, { resolveLedger, keyOf }, { settleByHand }, { escapeLine }] =
    await Promise.all([
      import("./sources.ts"),
      import("./shared_options.ts"),
      import("../record/settle_by_hand.ts"),
      import("../report/escape.ts"),
    ]);
  const sources = await openSources(flags, surroundings);
  const keys = emails.map((text) => keyOf({ text, name: "settle", folder: "." }));
  const ledger = resolveLedger(sources);
  let refused = 0;
  for (const result of settleByHand(ledger, keys, as)) {
    if (result.kind !== "settled") refused++;
    const said = result.kind === "settled"
      ? `${result.key}: ${result.before} -> ${as}`
      : result.kind === "refused"
      ? `${result.key}: stays ${result.state}, that is no matter of doubt`
      : `${result.key}: not in the ledger`;
    surroundings.terminal.write(`${escapeLine(said)}\n`);
  }
  return refused === 0 ? 0 : 1;
}
