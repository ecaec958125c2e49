import type { SendOptions } from "./send_options.ts";
import { Signer, threadsFor } from "../compose/dkim/signer.ts";

/** Starts what signs the mails; undefined if they are sent unsigned. */
export function openSigner(
  { dkim, threads }: SendOptions,
  connections: number,
): Signer | undefined {
  if (dkim === undefined) return undefined;
  const cores = navigator.hardwareConcurrency;
  return new Signer(dkim, { threads: threads ?? threadsFor(dkim, cores, connections) });
}
