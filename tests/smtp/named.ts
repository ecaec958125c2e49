import assert from "node:assert/strict";
import { run } from "../support/process.ts";

/** A relay named mx.test, and what the name stands for. */
export interface ByName {
  readonly port: number;
  /** What the system's resolver says: addresses, or the code of an error. */
  readonly resolved: readonly string[] | "ENOTFOUND" | "EAI_AGAIN";
  /** What the DNS says where it is asked as well: that there is no such name, or nothing. */
  readonly dns?: "none" | "silent";
  /** Addresses that refuse, besides those that do by themselves. */
  readonly refusing?: readonly string[];
}

/** What came of it. */
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
