import { Command, Option } from "@commander-js/extra-typings";
import type { State } from "../../model/state.ts";
import type { ExportFormat } from "../../report/export.ts";
import { InputError } from "../../model/input_error.ts";
import type { ExitCode } from "../../model/exit_code.ts";
import * as flag from "../settings/flags.ts";
import type { Run } from "../run.ts";
import type { Flags } from "../settings/sources.ts";
import type { ProcessContext } from "../process_context.ts";

const FORMATS = ["csv", "jsonl"] as const;

/** `export`: one row per recipient, with what became of them. */
export function exportCommand(run: Run): Command {
  const command = new Command("export")
    .description("Print one row per recipient with its state. 'send' can read the CSV as a list.")
    .addOption(
      new Option("--state <state>", "only recipients in this state; repeatable")
        .argParser(flag.collect),
    )
    .addOption(
      new Option("--format <format>", "csv or jsonl").choices(FORMATS).default("csv" as const),
    )
    .addOption(
      new Option(
        "--spreadsheet",
        "CSV for a spreadsheet: no cell is run as a formula, but 'send' cannot read it as a list",
      ),
    )
    .addHelpText(
      "after",
      flag.examples(
        "export > all.csv",
        "export --state failed --state invalid > to-fix.csv",
        "export --spreadsheet > to-look-at.csv",
        "export --format jsonl | head",
      ),
    )
    .action((flags) =>
      run((context) => {
        const { state = [], format, spreadsheet = false } = flags;
        return exportRows(state, { format, spreadsheet }, flags as Flags, context);
      })
    );
  return flag.withFlags(
    command,
    flag.FIND_LEDGER_FLAGS,
  );
}

async function exportRows(
  states: readonly string[],
  format: ExportFormat,
  flags: Flags,
  context: ProcessContext,
): Promise<ExitCode> {
  if (format.spreadsheet && format.format !== "csv") {
    throw new InputError("--spreadsheet is for CSV: found '--format jsonl'", {
      hint: "Omit --spreadsheet: JSON Lines contain no formulas.",
    });
  }
  const [
    { openSources },
    { resolveLedger },
    { parseChoice },
    { STATES },
    { openLedgerReader },
    { exportText },
  ] = await Promise.all([
    import("../settings/sources.ts"),
    import("../options/shared_options.ts"),
    import("../settings/values.ts"),
    import("../../model/state.ts"),
    import("../../ledger/open.ts"),
    import("../../report/export.ts"),
  ]);
  const { stdout } = context;
  const sources = await openSources(flags, context);
  const chosen = states.map((text): State =>
    parseChoice({ text, name: "--state", folder: "." }, STATES)
  );
  await using reader = await openLedgerReader(resolveLedger(sources));
  const rows = reader.rows(chosen.length === 0 ? undefined : chosen);
  for await (const text of exportText(reader.facts.columns, rows, format)) {
    await stdout.write(text);
    if (stdout.closed) break;
  }
  return 0;
}
