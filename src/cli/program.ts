import { Command, CommanderError } from "@commander-js/extra-typings";
import manifest from "../../deno.json" with { type: "json" };
import { escapeLine, maskPasswords } from "../text/escape.ts";
import { StorageError } from "../sqlite/storage_error.ts";
import { InputError } from "../model/input_error.ts";
import type { ExitCode } from "../model/exit_code.ts";
import { bouncesCommand } from "./commands/bounces.ts";
import { checkCommand } from "./commands/check.ts";
import { exportCommand } from "./commands/export.ts";
import { examples } from "./settings/flags.ts";
import { previewCommand } from "./commands/preview.ts";
import { sandboxCommand } from "./commands/sandbox.ts";
import { sendCommand } from "./commands/send.ts";
import { settleCommand } from "./commands/settle.ts";
import { statusCommand } from "./commands/status.ts";
import { OutputError, type ProcessContext } from "./process_context.ts";
import { unsubscribeCommand } from "./commands/unsubscribe.ts";
import type { Run } from "./run.ts";

/** The commands, in the order of the help. */
const COMMANDS: readonly ((run: Run) => Command)[] = [
  sendCommand,
  checkCommand,
  previewCommand,
  statusCommand,
  settleCommand,
  exportCommand,
  bouncesCommand,
  unsubscribeCommand,
  sandboxCommand,
];

/** Longest line of an error, in UTF-16 units: a hint can list all columns of a wide list. */
const LONGEST_LINE = 2_000;

/** Runs the command line `args` (without the program's name) and returns the exit code. Never throws. */
export async function runProgram(
  args: readonly string[],
  context: ProcessContext,
): Promise<ExitCode> {
  let code: ExitCode = 0;
  let help = "";
  const program = makeProgram(async (body) => {
    code = await body(context);
  });
  for (const command of withSubcommands(program)) {
    command.exitOverride().configureOutput({
      writeOut: (text) => help += text,
      writeErr: (text) => context.terminal.write(escapeLines(text)),
      getOutHelpWidth: () => context.terminal.columns(),
      getErrHelpWidth: () => context.terminal.columns(),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
  }
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) return explain(error, args, context);
    try {
      if (help !== "") await context.stdout.write(help);
    } catch (fault) {
      return explain(fault, args, context);
    }
    return error.exitCode === 0 ? 0 : 2;
  }
}

/** Reports what went wrong, on one line if possible, and returns the exit code. */
function explain(error: unknown, args: readonly string[], context: ProcessContext): ExitCode {
  const { terminal, signal } = context;
  if (error instanceof InputError) {
    terminal.write(escapeLines(`${error.place ? "" : "error: "}${error.describe()}\n`));
    return 2;
  }
  if (error instanceof StorageError) {
    // Only a ledger that cannot be opened gets here: a run that loses its ledger ends with a summary.
    const hint = error.hint === undefined ? "" : `\n  ${error.hint}`;
    terminal.write(escapeLines(`error: ${error.message}${hint}\n`));
    return 2;
  }
  if (error instanceof OutputError) {
    terminal.write(escapeLines(`error: ${error.message}\n`));
    return 3;
  }
  if (signal.aborted && error === signal.reason) {
    terminal.write("Stopped early; run again to continue\n");
    return 3;
  }
  terminal.write(escapeLines(crashText(error, args)));
  return 3;
}

/** The message for an unexpected error; its stack only with `-v`, as only developers need it. */
export function crashText(error: unknown, args: readonly string[]): string {
  const verbose = args.some((arg) => /^(--verbose|-v+)$/.test(arg));
  const stack = error instanceof Error ? error.stack : undefined;
  if (verbose && stack !== undefined) return `error: ${stack}\n`;
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return `error: ${message.split("\n")[0]} (unexpected; -v shows where)\n`;
}

function makeProgram(run: Run): Command {
  const program = new Command("email-dispatcher")
    .description("Reads recipients from a CSV file and sends each one a personal e-mail over SMTP.")
    .version(manifest.version, "-V, --version", "show the version")
    .helpOption("-h, --help", "show this help")
    .helpCommand("help [command]", "show the help of a command")
    .showSuggestionAfterError()
    .addHelpText(
      "after",
      examples(
        "send --recipients emails.csv --template email.md --smtp sandbox:",
        "check --recipients emails.csv --template email.md",
        "preview --row 1",
        "send --help",
      ),
    );
  for (const make of COMMANDS) {
    const command = make(run);
    for (const one of withSubcommands(command)) {
      const name = one === command ? one.name() : `${command.name()} ${one.name()}`;
      one.helpOption("-h, --help", "show this help")
        .showHelpAfterError(`See 'email-dispatcher ${name} --help' for its flags.`);
    }
    program.addCommand(command);
  }
  return program.showHelpAfterError("See 'email-dispatcher --help' for the commands.");
}

/** A command and its subcommands. */
function withSubcommands(command: Command): Command[] {
  return [command, ...(command.commands as Command[]).flatMap(withSubcommands)];
}

/** Safe for a terminal, and without the password of a URL that was typed in the wrong place. */
function escapeLines(text: string): string {
  return maskPasswords(text).split("\n").map((line) => escapeLine(line, LONGEST_LINE)).join("\n");
}
