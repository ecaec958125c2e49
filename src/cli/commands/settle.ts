import { Command, Option } from "@commander-js/extra-typings";
import { countOf } from "../../text/quantity.ts";
import { InputError } from "../../model/input_error.ts";
import { keyText } from "../../model/recipient.ts";
import type { ReplacementResult } from "../../ledger/by_hand/replacement.ts";
import type { HandResult } from "../../ledger/by_hand/settle_by_hand.ts";
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
  1  a recipient is not in doubt (or not in a given --state), or not in the ledger, or
     cannot be replaced, and was left as is
  2  wrong usage, no such ledger, or a run is using it: nothing was changed`;

/** `settle`: lets a person decide what became of recipients in doubt. */
export function settleCommand(run: Run): Command {
  const command = new Command("settle")
    .description(
      "Decide what became of recipients in doubt: sent, failed, or queued for another mail.",
    )
    .argument("[email...]", "recipients to settle")
    .addOption(new Option("--as <state>", "what became of them").choices(AS))
    .addOption(
      new Option(
        "--replaced-by <email>",
        "another recipient gets the mail of this one, whose address was wrong",
      ),
    )
    .addOption(
      new Option("--state <state>", "settle those in this state instead of in-doubt; repeatable")
        .argParser(flag.collect),
    )
    .addOption(new Option("--all", "settle everybody in doubt"))
    .addHelpText(
      "after",
      EXIT_CODES + "\n" + flag.examples(
        "settle ann@example.com --as sent",
        "settle --all --as queued",
        "settle bob@example.com --state failed --as sent",
        "settle bob@exmaple.com --replaced-by bob@example.com",
      ),
    )
    .action((emails, flags) =>
      run((context) => {
        const { replacedBy, ...typed } = flags;
        return replacedBy === undefined
          ? settle({ ...typed, emails }, flags as Flags, context)
          : replace({ ...typed, emails, replacedBy }, flags as Flags, context);
      })
    );
  return flag.withFlags(
    command,
    flag.FIND_LEDGER_FLAGS,
  );
}

/** The arguments and flags as typed. */
interface Typed {
  readonly emails: readonly string[];
  readonly as?: typeof AS[number];
  readonly state?: readonly string[];
  readonly all?: true;
}

async function settle(typed: Typed, flags: Flags, context: ProcessContext): Promise<ExitCode> {
  refuseNoChoice(typed);
  const { emails, as, state = ["in-doubt"] } = typed;
  if (as === undefined) {
    throw new InputError("Nothing says what became of the recipients", {
      hint: `Add --as ${AS.join(", --as ")} or --replaced-by.`,
    });
  }
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
    import("../../ledger/by_hand/settle_by_hand.ts"),
    import("../settings/values.ts"),
    import("../../text/escape.ts"),
  ]);
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
  const who = keyText(result.key);
  switch (result.kind) {
    case "settled":
      return `${who}: ${result.before} -> ${as}`;
    case "unknown":
      return `${who}: not in the ledger`;
    case "replaced":
      return `${who}: stays skipped: replaced by ${result.by}`;
    default:
      return `${who}: stays ${result.state}: not ${from.join(" or ")}`;
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

/** `settle OLD --replaced-by NEW`. */
async function replace(
  typed: Typed & { readonly replacedBy: string },
  flags: Flags,
  context: ProcessContext,
): Promise<ExitCode> {
  refuseOtherChoice(typed);
  const [{ openSources }, { resolveLedger }, { nameOf, readName }, ledgers, { escapeLine }] =
    await Promise.all([
      import("../settings/sources.ts"),
      import("../options/shared_options.ts"),
      import("../options/recipient_key.ts"),
      import("../../ledger/open.ts"),
      import("../../text/escape.ts"),
    ]);
  const [old = ""] = typed.emails;
  const by = nameOf({ text: typed.replacedBy, name: "--replaced-by", folder: "." });
  const key = readName(old);
  const ledger = resolveLedger(await openSources(flags, context));
  const result = await ledgers.replaceRecipient(ledger, { old, key, by });
  context.terminal.write(`${escapeLine(replacementLine(result, key ?? old, by))}\n`);
  return result.kind === "replaced" ? 0 : 1;
}

/** What became of it, for people. */
function replacementLine(result: ReplacementResult, old: string, by: string): string {
  switch (result.kind) {
    case "replaced":
      return `${old}: ${result.before} -> skipped: replaced by ${by}`;
    case "refused":
      return `${old}: stays ${result.state}: not failed, invalid or in-doubt`;
    case "several": {
      const name = result.which === "by" ? by : old;
      return `${old}: nothing changes: several recipients have the address ${name}. Give the key, too: '${name} KEY'.`;
    }
    case "no-key":
      return `${old}: nothing changes: its row is invalid and has no key. Correct it in the list, or remove it.`;
    case "itself":
      return `${old}: nothing changes: a recipient cannot replace itself`;
    case "passed-on":
      return `${old}: nothing changes: ${by} is itself replaced by ${result.to}. Give that address.`;
    case "unknown":
      return result.which === "by"
        ? `${old}: nothing changes: ${by} is not in the ledger. Correct the list and run send first.`
        : `${old}: not in the ledger. If the list no longer contains it, there is nothing to settle.`;
  }
}

/** @throws {InputError} unless one recipient is chosen, by address */
function refuseOtherChoice({ emails, as, state, all }: Typed): void {
  const other = Object.entries({ "--as": as, "--state": state, "--all": all })
    .find(([, value]) => value !== undefined);
  if (other === undefined && emails.length === 1) return;
  const found = other === undefined ? countOf(emails.length, "address", "addresses") : other[0];
  throw new InputError(`--replaced-by is about one recipient: found ${found}`, {
    hint: "Write: settle OLD --replaced-by NEW",
  });
}
