import { Command, Option } from "@commander-js/extra-typings";
import type { LedgerRow } from "../../ledger/ledger.ts";
import type { State } from "../../model/state.ts";
import type { ExportFormat } from "../../report/export.ts";
import { InputError } from "../../model/input_error.ts";
import type { ExitCode } from "../../model/exit_code.ts";
import * as flag from "../settings/flags.ts";
import type { Run } from "../run.ts";
import type { Flags } from "../settings/sources.ts";
import type { ProcessContext } from "../process_context.ts";

const FORMATS = ["csv", "jsonl"] as const;

const EXAMPLES = flag.examples(
  "export > all.csv",
  "export --state failed --state invalid > to-fix.csv",
  "export --since 2h > lately.csv",
  "export --spreadsheet > to-look-at.csv",
);

/** `export`: one row per recipient, with what became of them. */
export function exportCommand(run: Run): Command {
  const command = new Command("export")
    .description("Print one row per recipient with its state. 'send' can read the CSV as a list.")
    .addOption(
      new Option("--state <state>", "only recipients in this state; repeatable")
        .argParser(flag.collect),
    )
    .addOption(
      new Option(
        "--since <time>",
        "only recipients whose last change is no older: 2026-11-02T09:00, 18:30, 2h or 7d",
      ),
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
      EXAMPLES,
    )
    .action((flags) =>
      run((context) => {
        const { state = [], since, format, spreadsheet = false } = flags;
        const chosen = { states: state, since };
        return exportRows(chosen, { format, spreadsheet }, flags as Flags, context);
      })
    );
  return flag.withFlags(
    command,
    flag.FIND_LEDGER_FLAGS,
  );
}

/** Which rows are exported, as typed. */
interface Chosen {
  readonly states: readonly string[];
  readonly since: string | undefined;
}

async function exportRows(
  { states, since }: Chosen,
  format: ExportFormat,
  flags: Flags,
  context: ProcessContext,
): Promise<ExitCode> {
  refuseUnusable(format);
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
  const from = since === undefined ? undefined : await momentOf(since);
  await using reader = await openLedgerReader(resolveLedger(sources));
  const all = reader.rows(chosen.length === 0 ? undefined : chosen);
  const rows = from === undefined ? all : changedSince(all, from);
  for await (const text of exportText(reader.facts.columns, rows, format)) {
    await stdout.write(text);
    if (stdout.closed) break;
  }
  return 0;
}

/** @throws {InputError} unless it has passed */
async function momentOf(text: string): Promise<number> {
  const [{ parsePastTime }, { wallTime }] = await Promise.all([
    import("../settings/moment.ts"),
    import("../../time/clock.ts"),
  ]);
  return parsePastTime({ text, name: "--since", folder: "." }, wallTime());
}

/** @throws {InputError} */
function refuseUnusable({ format, spreadsheet }: ExportFormat): void {
  if (!spreadsheet || format === "csv") return;
  throw new InputError("--spreadsheet is for CSV: found '--format jsonl'", {
    hint: "Omit --spreadsheet: JSON Lines contain no formulas.",
  });
}

/** The rows whose last change is no older; a row that nothing has happened to yet has none. */
async function* changedSince(
  rows: AsyncIterable<LedgerRow>,
  from: number,
): AsyncGenerator<LedgerRow> {
  for await (const row of rows) {
    if (row.at !== undefined && row.at >= from) yield row;
  }
}
