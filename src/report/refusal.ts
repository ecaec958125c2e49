import type { SourcePlace } from "../model/input_error.ts";
import { RETRYABLE, type StopKind } from "../model/stop_kind.ts";

/** Why a command ended without a result: nothing was begun, or what it has done is in the ledger. */
export interface Refusal {
  /** Undefined if it was not known yet. */
  readonly campaign: string | undefined;
  readonly exitCode: 2 | 3;
  readonly kind: StopKind;
  readonly reason: string;
  readonly hint: string | undefined;
  readonly place: SourcePlace | undefined;
  /** The process that is using the ledger. */
  readonly running:
    | { readonly pid: number; readonly host: string; readonly since: string }
    | undefined;
}

/** The refusal as the one JSON object that `--json` promises, fields in the order of the documentation. */
export function refusalJson(
  { campaign, exitCode, kind, reason, hint, place, running }: Refusal,
): Record<string, unknown> {
  return {
    campaign: campaign ?? null,
    state: exitCode === 2 ? "refused" : "stopped",
    exit_code: exitCode,
    kind,
    reason,
    hint: hint ?? null,
    retryable: RETRYABLE[kind],
    file: place?.file ?? null,
    line: place?.line ?? null,
    column: place?.column ?? null,
    running: running ?? null,
  };
}
