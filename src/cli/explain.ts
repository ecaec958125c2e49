import type { CommanderError } from "@commander-js/extra-typings";
import { InputError } from "../model/input_error.ts";
import { type Refusal, refusalJson } from "../report/refusal.ts";
import { StorageError } from "../sqlite/storage_error.ts";
import { escapeLine, jsonLine, maskPasswords } from "../text/escape.ts";
import { CampaignFailure } from "./campaign_failure.ts";
import { OutputError, type ProcessContext } from "./process_context.ts";

/** Longest line of an error, in UTF-16 units: a hint can list all columns of a wide list. */
const LONGEST_LINE = 2_000;

/** What is reported about an error: its text for people, unless it is shown already, and what programs get. */
interface Explanation extends Omit<Refusal, "campaign"> {
  readonly text: string;
}

/**
 * Reports what went wrong on stderr, on one line if possible, and with `--json` also as an object on stdout. Returns the
 * exit code.
 */
export async function explain(
  thrown: unknown,
  { args, json }: { readonly args: readonly string[]; readonly json: boolean },
  context: ProcessContext,
): Promise<2 | 3> {
  const inCampaign = thrown instanceof CampaignFailure;
  const error = inCampaign ? thrown.cause : thrown;
  const campaign = inCampaign ? thrown.campaign : undefined;
  if (error instanceof OutputError) {
    context.terminal.write(escapeLines(`error: ${error.message}\n`));
    return 3;
  }
  const explanation = explanationOf(error, args, context.signal);
  context.terminal.write(escapeLines(explanation.text));
  return json ? await writeRefusal({ ...explanation, campaign }, context) : explanation.exitCode;
}

/** Reports a command line that cannot be used; its text is on stderr already. */
export async function explainUsage(
  error: CommanderError,
  json: boolean,
  context: ProcessContext,
): Promise<2 | 3> {
  if (!json) return 2;
  const [reason = "", ...more] = error.message.replace(/^error: /, "").split("\n");
  const hint = more.join("\n").replace(/^\((.*)\)$/, "$1");
  return await writeRefusal({
    ...NOTHING_MORE,
    campaign: undefined,
    exitCode: 2,
    kind: "usage",
    reason,
    hint: hint === "" ? undefined : hint,
  }, context);
}

const NOTHING_MORE = { hint: undefined, place: undefined, running: undefined };

function explanationOf(
  error: unknown,
  args: readonly string[],
  signal: AbortSignal,
): Explanation {
  if (error instanceof InputError) {
    const { kind, message: reason, hint, place } = error;
    const text = `${place ? "" : "error: "}${error.describe()}\n`;
    return { text, exitCode: 2, kind, reason, hint, place, running: undefined };
  }
  if (error instanceof StorageError) {
    // Only a ledger that cannot be opened gets here: a run that loses its ledger ends with a summary.
    const { kind, message: reason, hint, heldBy: running } = error;
    const text = `error: ${reason}${hint === undefined ? "" : `\n  ${hint}`}\n`;
    return { text, exitCode: 2, kind, reason, hint, place: undefined, running };
  }
  if (signal.aborted && error === signal.reason) {
    return {
      ...NOTHING_MORE,
      text: "Stopped early; run again to continue\n",
      exitCode: 3,
      kind: "signal",
      reason: "Stopped by a signal",
      hint: "Run again to continue.",
    };
  }
  const reason = `${messageOf(error)} (unexpected)`;
  return { ...NOTHING_MORE, text: crashText(error, args), exitCode: 3, kind: "internal", reason };
}

async function writeRefusal(refusal: Refusal, context: ProcessContext): Promise<2 | 3> {
  const { reason, hint } = refusal;
  const shown = {
    ...refusal,
    reason: maskPasswords(reason),
    hint: hint === undefined ? undefined : maskPasswords(hint),
  };
  try {
    await context.stdout.write(jsonLine(refusalJson(shown)));
    return refusal.exitCode;
  } catch (fault) {
    if (!(fault instanceof OutputError)) throw fault;
    context.terminal.write(escapeLines(`error: ${fault.message}\n`));
    return 3;
  }
}

/** The message for an unexpected error; its stack only with `-v`, as only developers need it. */
export function crashText(error: unknown, args: readonly string[]): string {
  const verbose = args.some((arg) => /^(--verbose|-v+)$/.test(arg));
  const stack = error instanceof Error ? error.stack : undefined;
  if (verbose && stack !== undefined) return `error: ${stack}\n`;
  return `error: ${messageOf(error)} (unexpected; -v shows where)\n`;
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return message.split("\n")[0]!;
}

/** Safe for a terminal, and without the password of a URL that was typed in the wrong place. */
export function escapeLines(text: string): string {
  return maskPasswords(text).split("\n").map((line) => escapeLine(line, LONGEST_LINE)).join("\n");
}
