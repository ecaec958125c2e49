import type { SourcePlace } from "../../../model/input_error.ts";

/** An expression that chooses rows, as the user gave it. */
export interface Where {
  readonly expression: string;
  /** Where it was given, unless by its flag. */
  readonly place?: SourcePlace | undefined;
  /** As in `MailSettings`. */
  readonly timezone?: string | undefined;
  readonly dateFormat?: string | undefined;
}

/**
 * Tells conditions apart: with the same identity and the same list, the same rows are chosen. Undefined if that depends on the
 * time as well.
 */
export function identityOf({ expression, timezone, dateFormat }: Where): string | undefined {
  if (/(["'])(?:now|today)\1/.test(expression)) return undefined;
  return JSON.stringify([expression, timezone ?? "UTC", dateFormat ?? null]);
}
