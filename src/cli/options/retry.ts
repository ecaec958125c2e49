import type { Retry } from "../../ledger/returning.ts";
import { InputError } from "../../model/input_error.ts";
import { nearest } from "../../text/nearest.ts";
import { nameOf } from "./recipient_key.ts";
import type { Sources } from "../settings/sources.ts";
import { type Given, unusable } from "../settings/values.ts";

const STATES = ["failed", "invalid"] as const;
const IN_DOUBT = "in-doubt";
const WORDS: readonly string[] = [...STATES, IN_DOUBT];

/** `--retry` as resolved. */
export interface ResolvedRetry extends Retry {
  /** `in-doubt`: what `--in-doubt resend` says. */
  readonly resend: boolean;
  /** The name of the setting; undefined if it is not given. */
  readonly askedBy: string | undefined;
}

/** Resolves whom to try again. @throws {InputError} for what is neither a state nor an address, and together with another choice */
export function resolveRetry(sources: Sources): ResolvedRetry {
  const given = sources.all("retry");
  const other = given.length === 0 ? undefined : sources.one("only") ?? sources.one("offset");
  if (other !== undefined) {
    throw new InputError(`${given[0]!.name} and ${other.name} cannot be used together`, {
      hint: `To try some of them again, name them: ${given[0]!.name} ann@example.com.`,
    });
  }
  return {
    states: STATES.filter((state) => given.some(({ text }) => text === state)),
    keys: given.filter(({ text }) => !WORDS.includes(text)).map(keyNamed),
    askedBy: given[0]?.name,
    resend: given.some(({ text }) => text === IN_DOUBT),
  };
}

/** The key of an address. A value without `@` was meant as a state. */
function keyNamed(given: Given): string {
  if (given.text.includes("@")) return nameOf(given);
  const meant = nearest(given.text, WORDS);
  throw unusable(
    given,
    "failed, invalid, in-doubt or an e-mail address",
    meant && `Did you mean '${meant}'?`,
  );
}
