import type { Plan } from "../report/plan.ts";
import { InputError } from "../model/input_error.ts";
import { countOf } from "../text/quantity.ts";
import type { Terminal } from "./process_context.ts";

/** How often an unclear answer is asked again before it counts as no. */
const PATIENCE = 3;

/** The question below the plan. */
export function questionOf(plan: Pick<Plan, "owed" | "outbox">): string {
  const what = plan.owed === undefined ? "the mails" : countOf(plan.owed, "mail");
  const where = plan.outbox === undefined ? "" : " to the sandbox";
  return `Send ${what}${where} now? [y/N] `;
}

/** What a typed line means; the end of the input is a no, as is an empty line. */
export function answerOf(line: string | undefined): "yes" | "no" | "unclear" {
  const word = line?.trim().toLowerCase() ?? "";
  if (word === "y" || word === "yes") return "yes";
  return word === "" || word === "n" || word === "no" ? "no" : "unclear";
}

/** Asks whether to go on; false also where the signal says stop. */
export async function askToSend(
  plan: Pick<Plan, "owed" | "outbox">,
  terminal: Pick<Terminal, "write" | "readLine">,
  signal: AbortSignal,
): Promise<boolean> {
  for (let round = 0; round < PATIENCE; round++) {
    terminal.write(questionOf(plan));
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
  /** The list comes on standard input, where nobody can answer then. */
  readonly listOnStdin: boolean;
}

/**
 * Asks whether to send, where a terminal is there. Without one (cron, CI) nobody has to be asked. Whether a standard stream is a
 * terminal decides. That the process has one behind them (/dev/tty) says nothing: so has `nohup … &` after its user has left, and a
 * CI agent that was started from a shell. Which of its jobs is in the foreground the runtime does not tell, and up to Deno 2.5 it
 * opens that device only to a program that may do everything.
 *
 * @throws {InputError} where somebody is at a terminal and cannot be asked on it: nothing is sent that nobody agreed to
 */
export async function mayContinue(
  plan: Pick<Plan, "owed" | "outbox">,
  { yes, listOnStdin }: Asking,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<boolean> {
  if (yes) return true;
  if (terminal.canAsk && !listOnStdin) return await askToSend(plan, terminal, signal);
  if (!terminal.isAttended) return true;
  const why = terminal.canAsk
    ? "standard input is the list"
    : terminal.isTerminal
    ? "standard input is not the terminal"
    : "standard error is not the terminal";
  throw new InputError(`Cannot ask whether to send as ${why}`, {
    hint: "add --yes to send without being asked",
  });
}

/** A function that gives the lines of a terminal one by one; the stream is opened by the first call. */
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
