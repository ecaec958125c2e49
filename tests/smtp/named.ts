import assert from "node:assert/strict";
import { run } from "../support/process.ts";

/** A relay named mx.test, and how the name resolves. */
export interface ByName {
  readonly port: number;
  /** The result of the system's resolver: addresses, or an error code. */
  readonly resolved: readonly string[] | "ENOTFOUND" | "EAI_AGAIN";
  /** The result of the DNS if it is queried as well: that the name does not exist, or nothing. */
  readonly dns?: "none" | "silent";
  /** Addresses that refuse, besides those that do by themselves. */
  readonly refusing?: readonly string[];
}

/** The result. */
export interface Connected {
  /** Addresses, in the order in which they were tried. */
  readonly tried: readonly string[];
  /** "session", or the cause of the failure. */
  readonly end: string;
  readonly address?: string | undefined;
}

const here = (file: string) => new URL(file, import.meta.url).href;

/** Connects to each in turn. The system's resolver cannot be replaced within a process that has it, so this starts another. */
export async function connectByName(cases: readonly ByName[]): Promise<Connected[]> {
  const imports = { "node:dns": here("fake_dns.ts") };
  const map = `data:application/json,${encodeURIComponent(JSON.stringify({ imports }))}`;
  const { code, stdout, stderr } = await run(Deno.execPath(), [
    ...["run", "--quiet", "--no-check", "--no-config", "--allow-net", `--import-map=${map}`],
    here("connect_by_name.ts"),
  ], { stdin: JSON.stringify(cases) });
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}
