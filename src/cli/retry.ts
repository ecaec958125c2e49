import type { Retry } from "../record/ledger.ts";
import { InputError } from "../report/input_error.ts";
import { keyOf } from "./shared_options.ts";
import type { Sources } from "./sources.ts";

const STATES = ["failed", "invalid"] as const;
const IN_DOUBT = "in-doubt";

/** `--retry` as resolved. */
export interface ResolvedRetry extends Retry {
  /** `in-doubt`: what `--in-doubt resend` says. */
  readonly resend: boolean;
}

/** Who is to be tried again. @throws {InputError} for what is no state and no address, and beside another choice */
export function resolveRetry(sources: Sources): ResolvedRetry {
  const given = sources.all("retry");
  const other = given.length === 0 ? undefined : sources.one("only") ?? sources.one("offset");
  if (other !== undefined) {
    throw new InputError(`${given[0]!.name} and ${other.name} exclude each other`, {
      hint: `to try some of them again, name them: ${given[0]!.name} ann@example.com`,
    });
  }
  const words: readonly string[] = [...STATES, IN_DOUBT];
  return {
    states: STATES.filter((state) => given.some(({ text }) => text === state)),
    keys: given.filter(({ text }) => !words.includes(text)).map(keyOf),
    resend: given.some(({ text }) => text === IN_DOUBT),
  };
}
