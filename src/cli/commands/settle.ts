import { Command, Option } from "@commander-js/extra-typings";
import { InputError } from "../../model/input_error.ts";
import type { HandResult } from "../../ledger/settle_by_hand.ts";
import type { State } from "../../model/state.ts";
import type { ExitCode } from "../../model/exit_code.ts";
import * as flag from "../settings/flags.ts";
import type { Run } from "../run.ts";
import type { Flags } from "../settings/sources.ts";
import type { ProcessContext } from "../process_context.ts";

const AS = ["sent", "failed", "queued"] as const;

const EXIT_CODES = `
Exit codes:
  0  everybody chosen is settled
  1  a recipient is not in doubt (or not in a given --state), or not in the ledger, and was left as is
  2  wrong usage, no such ledger, or a run is using it: nothing was changed`;

/** `settle`: lets a person decide what became of recipients in doubt. */
export function settleCommand(run: Run): Command {
  const command = new Command("settle")
    .description(
      "Decide what became of recipients in doubt: sent, failed, or queued for another mail.",
    )
    .argument("[email...]", "recipients to settle")
    .addOption(new Option("--as <state>", "what became of them").choices(AS).makeOptionMandatory())
    .addOption(
      new Option("--state <state>", "settle those in this state instead of in-doubt; repeatable")
        .argParser(
          flag.collect,
        ),
    )
    .addOption(new Option("--all", "settle everybody in doubt"))
    .addHelpText(
      "after",
      EXIT_CODES + "\n" + flag.examples(
        "settle ann@example.com --as sent",
        "settle --all --as queued",
        "settle bob@example.com --state failed --as sent",
        "export --state in-doubt     # lists them",
      ),
    )
    .action((emails, flags) =>
      run((context) => settle({ ...flags, emails }, flags as Flags, context))
    );
  return flag.withFlags(
    command,
    flag.FIND_LEDGER_FLAGS,
  );
}

/** The arguments and flags as typed. */
interface Typed {
  readonly emails: readonly string[];
  readonly as: typeof AS[number];
  readonly state?: readonly string[];
  readonly all?: true;
}

async function settle(typed: Typed, flags: Flags, context: ProcessContext): Promise<ExitCode> {
  refuseNoChoice(typed);
  const [
    { openSources },
    { resolveLedger },
    { nameOf },
    { settleByHand },
    { SETTLED_BY_HAND },
    { parseChoice },
    { escapeLine },
  ] = await Promise.all([
    import("../settings/sources.ts"),
    import("../options/shared_options.ts"),
    import("../options/recipient_key.ts"),
    import("../../ledger/open.ts"),
    import("../../ledger/settle_by_hand.ts"),
    import("../settings/values.ts"),
    import("../../text/escape.ts"),
  ]);
  const { emails, as, state = ["in-doubt"] } = typed;
  const from = state.map((text): State =>
    parseChoice({ text, name: "--state", folder: "." }, SETTLED_BY_HAND)
  );
  const sources = await openSources(flags, context);
  const ledger = resolveLedger(sources);
  const say = (text: string) => context.terminal.write(`${escapeLine(text)}\n`);
  const keys = emails.length > 0
    ? emails.map((text) => nameOf({ text, name: "settle", folder: "." }))
    : await keysIn(ledger, from);
  const exact = emails.length === 0;
  const results = await settleByHand(ledger, { keys, to: as, from, exact });
  if (keys.length === 0) say(`Nobody is ${from.join(" or ")}`);
  for (const result of results) say(lineOf(result, as, from));
  return results.every(({ kind }) => kind === "settled") ? 0 : 1;
}

/** What became of one recipient, for people. */
function lineOf(result: HandResult, as: State, from: readonly State[]): string {
  switch (result.kind) {
    case "settled":
      return `${result.key}: ${result.before} -> ${as}`;
    case "unknown":
      return `${result.key}: not in the ledger`;
    default:
      return `${result.key}: stays ${result.state}: not ${from.join(" or ")}`;
  }
}

/** @throws {InputError} unless the recipients are chosen, and in one way only */
function refuseNoChoice({ emails, state, all }: Typed): void {
  if (all && (emails.length > 0 || state !== undefined)) {
    throw new InputError(
      `--all means everybody in doubt: found ${state === undefined ? "addresses" : "--state"} too`,
      { hint: "Give only one of them." },
    );
  }
  if (emails.length > 0 || state !== undefined || all) return;
  throw new InputError("No recipient is chosen", {
    hint: "Give addresses, --state STATE, or --all for everybody in doubt.",
  });
}

/** Everybody in these states, as the next run will find them. */
async function keysIn(ledger: string, states: readonly State[]): Promise<string[]> {
  const { openLedgerReader } = await import("../../ledger/open.ts");
  await using reader = await openLedgerReader(ledger);
  const keys: string[] = [];
  for await (const { key } of reader.rows(states)) {
    if (key !== undefined) keys.push(key);
  }
  return keys;
}
