import { Command, Option } from "@commander-js/extra-typings";
import type { LedgerRow } from "../../ledger/ledger.ts";
import type { State } from "../../model/state.ts";
import type { ExportFormat } from "../../report/export.ts";
import { InputError } from "../../model/input_error.ts";
import type { ExitCode } from "../../model/exit_code.ts";
import * as flag from "../settings/flags.ts";
import type { Run } from "../run.ts";
import type { Flags, Sources } from "../settings/sources.ts";
import type { ProcessContext } from "../process_context.ts";

const FORMATS = ["csv", "jsonl"] as const;

const EXAMPLES = flag.examples(
  "export > all.csv",
  "export --state failed --state invalid > to-fix.csv",
  "export --since 2h > lately.csv",
  "export --spreadsheet > to-look-at.csv",
);

const WITH_COPIES = new Option(
  "--with-copies",
  "a row for each copy of a mail too, with its address in _copy_to",
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
    .addOption(WITH_COPIES)
    .addHelpText("after", EXAMPLES)
    .action((flags) =>
      run((context) => {
        const { state = [], since, format, spreadsheet = false } = flags;
        const written = { format, spreadsheet, copies: "withCopies" in flags };
        return exportRows({ states: state, since }, written, flags as Flags, context);
      })
    );
  return flag.withFlags(
    command,
    flag.EXPORT_WHERE_FLAGS,
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
  const recent = from === undefined ? all : changedSince(all, from);
  const { columns } = reader.facts;
  const { rows, faults } = await chosenBy(sources, columns, recent);
  for await (const text of exportText(columns, rows, format)) {
    await stdout.write(text);
    if (stdout.closed) break;
  }
  return await reportFaults(faults, context);
}

/** Rows of which the condition cannot be judged. */
interface Faults {
  count: number;
  /** The first of them. */
  readonly named: { readonly line: number; readonly reason: string }[];
}

/** How many of them are named. */
const FAULTS_NAMED = 5;

/** The rows that the condition chooses, and those that it cannot judge, once the rows are read. */
async function chosenBy(
  sources: Sources,
  columns: readonly string[],
  rows: AsyncIterable<LedgerRow>,
): Promise<{ readonly rows: AsyncIterable<LedgerRow>; readonly faults: Faults }> {
  const { resolveExportWhere } = await import("../options/where.ts");
  const where = resolveExportWhere(sources);
  const faults: Faults = { count: 0, named: [] };
  if (where === undefined) return { rows, faults };
  const [{ compileCondition }, { chosenRows, exportColumns }] = await Promise.all([
    import("../../compose/template/syntax/condition.ts"),
    import("../../report/export.ts"),
  ]);
  const condition = compileCondition(where, { names: exportColumns(columns), email: 0 });
  const onFault = ({ line }: LedgerRow, reason: string): void => {
    if (faults.count++ < FAULTS_NAMED) faults.named.push({ line, reason });
  };
  return { rows: chosenRows(columns, rows, condition, onFault), faults };
}

/** They are not exported, so a program that reads the export must learn of them. */
async function reportFaults(
  { count, named }: Faults,
  { terminal }: ProcessContext,
): Promise<ExitCode> {
  if (count === 0) return 0;
  const [{ escapeLine }, { countText }] = await Promise.all([
    import("../../text/escape.ts"),
    import("../../text/quantity.ts"),
  ]);
  for (const { line, reason } of named) {
    terminal.write(`line ${line}: Not exported: ${escapeLine(reason)}\n`);
  }
  const more = count - named.length;
  if (more > 0) terminal.write(`and ${countText(more)} more\n`);
  return 1;
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
