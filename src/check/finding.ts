import type { InputError, SourcePlace } from "../model/input_error.ts";
import type { ExitCode } from "../model/exit_code.ts";

/**
 * How bad a finding is.
 *
 * - `error`: nothing can be sent, or all of it would be refused
 * - `warning`: it can be sent, but part of it, or of its effect, would be lost
 * - `note`: worth knowing; nothing needs to be done
 */
export type Level = "error" | "warning" | "note";

/** Where something was found: in a file, in the DNS, at a relay. */
export type Where = SourcePlace | { readonly dns: string } | { readonly relay: string };

/** Something that was found before sending. */
export interface Finding {
  readonly level: Level;
  /** What was checked, such as `spf.lookups`; the same in every version. */
  readonly check: string;
  /** What was found, with the value. */
  readonly what: string;
  /** Why it matters, with its source: a section of an RFC or a provider's rule. */
  readonly why: string;
  /** How to fix it. */
  readonly fix: string;
  readonly where: Where | undefined;
}

/** Makes a finding at a certain place. */
export type MakeFinding = (
  level: Level,
  check: string,
  what: string,
  why: string,
  fix: string,
) => Finding;

/** Returns what makes the findings at a place. */
export function findingsAt(where: Where): MakeFinding {
  return (level, check, what, why, fix) => ({ level, check, what, why, fix, where });
}

/** How many findings of one check are kept: a list can have millions of bad rows. The counts include all. */
const MAX_PER_CHECK = 10_000;

const LEVELS: readonly Level[] = ["error", "warning", "note"];

/** What has been found, in that order; a long list of bad rows does not take more memory. */
export class Findings {
  readonly #kept: Finding[] = [];
  readonly #counts = new Map<string, number>();
  readonly #levels: Record<Level, number> = { error: 0, warning: 0, note: 0 };

  add(finding: Finding): void {
    const count = (this.#counts.get(finding.check) ?? 0) + 1;
    this.#counts.set(finding.check, count);
    this.#levels[finding.level]++;
    if (count <= MAX_PER_CHECK) this.#kept.push(finding);
  }

  /** The findings, errors first. */
  all(): readonly Finding[] {
    return LEVELS.flatMap((level) => this.#kept.filter((finding) => finding.level === level));
  }

  /** How many findings a check has, including those that were not kept. */
  countOf(check: string): number {
    return this.#counts.get(check) ?? 0;
  }

  /** How many findings there are of each level. */
  get levels(): Readonly<Record<Level, number>> {
    return this.#levels;
  }
}

/** The finding of a list, a template or another input that cannot be used at all. */
export function inputFinding(error: InputError): Finding {
  return {
    level: "error",
    check: "input",
    what: error.message,
    why: "Nothing can be sent until this is fixed",
    fix: adviceOf(error.hint ?? "Correct it, and check again"),
    where: error.place,
  };
}

/** A hint as the advice of a finding, which has no final full stop. */
export function adviceOf(hint: string): string {
  return hint.replace(/\.$/, "");
}

/**
 * Returns 2 if it cannot be sent, 1 if rows are invalid, or if there are warnings and `strict` is set; otherwise 0.
 */
export function exitCodeOfFindings(
  levels: Readonly<Record<Level, number>>,
  { invalid, strict }: { readonly invalid: number; readonly strict: boolean },
): ExitCode {
  if (levels.error > 0) return 2;
  return invalid > 0 || (strict && levels.warning > 0) ? 1 : 0;
}
