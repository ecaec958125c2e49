import { basename, dirname, join } from "node:path";
import { InputError } from "../../model/input_error.ts";
import { namesSandbox } from "./relays.ts";
import type { Sources } from "../settings/sources.ts";

/** Where ledgers are unless the user names one: a trial in the sandbox has its own, beside its outbox. */
export interface DefaultLedgers {
  readonly real: string;
  readonly sandbox: string;
}

/** Both ledgers of a campaign. */
export function defaultLedgers(
  campaign: string,
  folder: string,
  outbox: string,
): DefaultLedgers {
  // "mails/" and "mails/." are the folder "mails".
  const besideOutbox = basename(outbox) === "." ? dirname(dirname(outbox)) : dirname(outbox);
  return {
    real: join(folder, `${campaign}.ledger`),
    sandbox: join(besideOutbox, `${campaign}.sandbox.ledger`),
  };
}

/** The ledger of a run: its relays decide. */
export function ledgerToSend(sources: Sources, { real, sandbox }: DefaultLedgers): string {
  return relayKind(sources) === "sandbox" ? sandbox : real;
}

/**
 * The ledger that `status`, `export`, `settle` and `bounces` read: the one that `send` would use with these settings. If they
 * name no relay, it is the real one; the trial's only if there is no other.
 *
 * @throws {InputError} if that one is missing and the other is not: `send` used another relay, perhaps given by a flag
 */
export function ledgerToRead(sources: Sources, { real, sandbox }: DefaultLedgers): string {
  const kind = relayKind(sources);
  if (kind === "none") return !exists(real) && exists(sandbox) ? sandbox : real;
  const [chosen, other] = kind === "sandbox" ? [sandbox, real] : [real, sandbox];
  if (exists(chosen) || !exists(other)) return chosen;
  const of = { [real]: "through a real relay", [sandbox]: "through the sandbox" };
  throw new InputError(
    `Cannot open the ledger of a run ${
      of[chosen]
    } because there is none: found no file '${chosen}'`,
    { kind: "ledger", hint: `To use the ledger of the run ${of[other]}, give --ledger ${other}.` },
  );
}

function relayKind(sources: Sources): "none" | "sandbox" | "real" {
  try {
    return namesSandbox(sources);
  } catch (error) {
    // A URL with a variable that is not set does not name the sandbox.
    if (error instanceof InputError) return "real";
    throw error;
  }
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch (error) {
    return !(error instanceof Deno.errors.NotFound);
  }
}
