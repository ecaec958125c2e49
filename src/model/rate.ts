import { InputError } from "./input_error.ts";
import type { Rate } from "./relay.ts";

/** How a rate is written. */
export const RATE_FORMS = 'Write it as "14/s", "500/m" or "10000/h".';

const UNITS = new Map([["s", 1_000], ["m", 60_000], ["h", 3_600_000]]);

/**
 * Parses "14/s", "500/m" or "10000/h": mails per second, minute or hour. Fractions are allowed ("0.5/s").
 *
 * @param what Where the text comes from, for the error: "--rate", "rate of the SMTP URL".
 * @throws InputError naming the accepted forms.
 */
export function parseRate(text: string, what = "--rate"): Rate {
  const [, digits, unit] = /^(\d{1,9}(?:\.\d{1,6})?)\/([smh])$/.exec(text.trim()) ?? [];
  const count = Number(digits);
  const perMs = UNITS.get(unit ?? "");
  if (perMs === undefined || !(count > 0)) {
    throw new InputError(
      `Cannot use ${what} because it is not a rate above 0: found ${show(text)}`,
      {
        hint: RATE_FORMS,
      },
    );
  }
  return { count, perMs };
}

/** Converts a rate to mails per second; undefined means no limit. */
export function perSecondOf(rate: Rate | undefined): number | undefined {
  return rate && rate.count * 1_000 / rate.perMs;
}

function show(text: string): string {
  return JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text);
}
