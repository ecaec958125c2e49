import { Command, CommanderError } from "@commander-js/extra-typings";
import manifest from "../../deno.json" with { type: "json" };
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
import { escapeLines, explain, explainUsage } from "./explain.ts";
import type { ProcessContext } from "./process_context.ts";
import { stopCommand } from "./commands/stop.ts";
import { unsubscribeCommand } from "./commands/unsubscribe.ts";
import type { Run } from "./run.ts";

/** The commands, in the order of the help. */
const COMMANDS: readonly ((run: Run) => Command)[] = [
  sendCommand,
  checkCommand,
  previewCommand,
  statusCommand,
  stopCommand,
  settleCommand,
  exportCommand,
  bouncesCommand,
  unsubscribeCommand,
  sandboxCommand,
];

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
  const json = wantsJson(program, args, context);
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) return await explain(error, { args, json }, context);
    try {
      if (help !== "") await context.stdout.write(help);
    } catch (fault) {
      return await explain(fault, { args, json }, context);
    }
    return error.exitCode === 0 ? 0 : await explainUsage(error, json, context);
  }
}

/** Returns whether the result was asked for as JSON, even if the command line cannot be used. */
function wantsJson(program: Command, args: readonly string[], context: ProcessContext): boolean {
  const typed = args.slice(0, args.includes("--") ? args.indexOf("--") : undefined);
  if (typed.includes("--json")) return true;
  if (!/^(?:true|1|yes|on)$/i.test(context.env("EMAIL_DISPATCHER_JSON") ?? "")) return false;
  const command = program.commands.find((one) => one.name() === typed[0]);
  return withSubcommands(command as Command | undefined ?? program)
    .some(({ options }) => options.some(({ long }) => long === "--json"));
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
