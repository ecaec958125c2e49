import type { Plan } from "../report/plan.ts";
import { changedContentError, changesText } from "../campaign/content/changes/changed_content.ts";
import { InputError } from "../model/input_error.ts";
import { escapeLine } from "../text/escape.ts";
import { countOf } from "../text/quantity.ts";
import type { Terminal } from "./process_context.ts";

/** How often the question is repeated after an unclear answer, before that counts as no. */
const PATIENCE = 3;

/** The question below the plan. */
export function questionOf(plan: Pick<Plan, "toSend" | "outbox">): string {
  const what = plan.toSend === undefined ? "the mails" : countOf(plan.toSend, "mail");
  const where = plan.outbox === undefined ? "" : " to the sandbox";
  return `Send ${what}${where} now? [y/N] `;
}

/** What a typed line means; an empty line and the end of the input mean no. */
export function answerOf(line: string | undefined): "yes" | "no" | "unclear" {
  const word = line?.trim().toLowerCase() ?? "";
  if (word === "y" || word === "yes") return "yes";
  return word === "" || word === "n" || word === "no" ? "no" : "unclear";
}

/** Asks a question; false also if the signal aborts. */
export async function ask(
  question: string,
  terminal: Pick<Terminal, "write" | "readLine">,
  signal: AbortSignal,
): Promise<boolean> {
  for (let round = 0; round < PATIENCE; round++) {
    terminal.write(question);
    const line = await terminal.readLine(signal);
    if (line === undefined) terminal.write("\n");
    const answer = answerOf(line);
    if (answer !== "unclear") return answer === "yes";
    terminal.write("Please answer yes or no.\n");
  }
  return false;
}

/** What decides whether a person is asked before mails go out. */
export interface Asking {
  readonly yes: boolean;
  /** A changed template is meant for a campaign that was done. */
  readonly yesChanged: boolean;
  /** The list comes on standard input, so that nobody can answer there. */
  readonly listOnStdin: boolean;
}

/**
 * Asks whether to send if there is a terminal. Without one (cron, CI) nobody has to be asked. What decides is whether a
 * standard stream is a terminal. A controlling terminal (/dev/tty) says nothing: `nohup … &` still has one after its user has
 * gone, and so has a CI agent that was started from a shell. The runtime does not tell which job is in the foreground, and up
 * to Deno 2.5 it opens that device only to a program with all permissions.
 *
 * @throws {InputError} if somebody is at a terminal but cannot be asked there: nothing is sent without consent; or if
 * nobody can be asked about a changed template
 */
export async function mayContinue(
  plan: Asked,
  asking: Asking,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<boolean> {
  const canAsk = terminal.canAsk && !asking.listOnStdin;
  if (plan.changedSinceDone.length > 0 && !asking.yesChanged) {
    if (!canAsk) throw changedContentError(plan);
    if (!await ask(changeQuestionOf(plan), terminal, signal)) return false;
  }
  if (asking.yes || plan.toSend === 0) return true;
  if (canAsk) return await ask(questionOf(plan), terminal, signal);
  if (!terminal.isAttended) return true;
  const why = terminal.canAsk
    ? "standard input is the list"
    : terminal.isTerminal
    ? "standard input is not the terminal"
    : "standard error is not the terminal";
  throw new InputError(`Cannot ask whether to send because ${why}`, {
    kind: "usage",
    hint: "Add --yes to send without being asked.",
  });
}

/** What a question is about. */
export type Asked = Pick<Plan, "campaign" | "toSend" | "outbox" | "changedSinceDone">;

/** The question about a campaign that was done. */
export function changeQuestionOf({ campaign, changedSinceDone }: Asked): string {
  return `Campaign ${escapeLine(campaign)} was done, and ${
    escapeLine(changesText(changedSinceDone))
  } since.\nRecipients who got its mail get no other; a new mailing needs a new id.\nContinue the old one? [y/N] `;
}

/** Returns a function that gives the lines of a terminal one by one; the first call opens the stream. */
export function lineReader(open: () => ReadableStream<Uint8Array>): Terminal["readLine"] {
  let reader: ReadableStreamDefaultReader<string> | undefined;
  let typed = "";
  return async (signal) => {
    reader ??= open().pipeThrough<string>(new TextDecoderStream()).getReader();
    const { promise: stopped, resolve } = Promise.withResolvers<
      { value?: undefined; done: true }
    >();
    const stop = () => resolve({ done: true });
    if (signal.aborted) stop();
    signal.addEventListener("abort", stop, { once: true });
    try {
      while (!typed.includes("\n")) {
        const { value, done } = await Promise.race([reader.read(), stopped]);
        if (done) return undefined;
        typed += value;
      }
    } finally {
      signal.removeEventListener("abort", stop);
    }
    const end = typed.indexOf("\n");
    const line = typed.slice(0, end).replace(/\r$/, "");
    typed = typed.slice(end + 1);
    return line;
  };
}
