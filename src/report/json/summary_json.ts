import type { ExitCode } from "../../model/exit_code.ts";
import { RETRYABLE, type StopKind } from "../../model/stop_kind.ts";
import { sentPerSecond, type Summary } from "../summary.ts";
import { type TallyJson, tallyJson } from "./tally_json.ts";

/** What `send --json` ends with; counts are of the whole ledger, except `duration_s` and `per_second`. */
export interface SummaryJson extends TallyJson {
  readonly campaign: string;
  readonly state: Summary["state"];
  /** Seconds, to the millisecond. */
  readonly duration_s: number;
  /** Mails accepted in this run a second, to a tenth. */
  readonly per_second: number;
  /** Rows that no run has chosen; null: unknown. */
  readonly not_chosen: number | null;
  readonly exit_code: ExitCode;
  /** `host:port`, several of them with commas between, or `sandbox:`. */
  readonly relay: string;
  /** Of a dry run: the list as `check` counts it, and how many would get a mail now; null: unknown. */
  readonly plan?: {
    readonly rows: number;
    readonly not_chosen: number;
    readonly recipients: number;
    readonly invalid: number;
    readonly duplicates: number;
    readonly to_send: number | null;
    /** What the mails are made from that has changed although the campaign was done. */
    readonly changed_since_done: readonly string[];
  };
  /** Why it ended early, the next step, and what that is about; null if it did not. */
  readonly reason: string | null;
  readonly hint: string | null;
  readonly kind: StopKind | null;
  /** Whether the same command, started again by itself, can continue. */
  readonly retryable: boolean | null;
}

/** The summary as the one JSON object that `--json` promises, fields in the order of the documentation. */
export function summaryJson(summary: Summary): SummaryJson {
  return {
    campaign: summary.campaign,
    state: summary.state,
    ...tallyJson(summary.tally, summary.suppressed),
    duration_s: rounded(summary.durationMs / 1_000, 3),
    per_second: rounded(sentPerSecond(summary), 1),
    not_chosen: summary.notChosen ?? null,
    exit_code: summary.exitCode,
    relay: summary.relays.join(", "),
    ...planJson(summary),
    reason: summary.stop?.reason ?? null,
    hint: summary.stop?.hint ?? null,
    kind: summary.stop?.kind ?? null,
    retryable: summary.stop === undefined ? null : RETRYABLE[summary.stop.kind],
  };
}

function planJson({ planned }: Summary): Pick<SummaryJson, "plan"> {
  if (planned?.scan === undefined) return {};
  const { rows, notChosen = 0, recipients, invalid, duplicates } = planned.scan;
  const counts = { rows, not_chosen: notChosen, recipients, invalid, duplicates };
  const { toSend = null, changedSinceDone } = planned;
  return { plan: { ...counts, to_send: toSend, changed_since_done: changedSinceDone } };
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
