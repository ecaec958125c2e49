import assert from "node:assert/strict";
import { join } from "node:path";
import { type Rules, RuleServer } from "../pipeline/relays.ts";
import { type Ended, runProgram } from "./program.ts";

const TEMPLATE =
  "From: Acme <news@acme.test>\nSubject: Hello\n\nThis is the news for {{ Email }}.\n";

/** A campaign from a list, and its relay. */
export class ListSetting implements AsyncDisposable {
  readonly server: RuleServer;
  readonly #folder: string;

  private constructor(folder: string, rules: Rules) {
    this.#folder = folder;
    this.server = new RuleServer(rules);
  }

  static async make(names: readonly string[], rules: Rules = {}): Promise<ListSetting> {
    const folder = await Deno.makeTempDir({ prefix: "lists-" });
    await Deno.writeTextFile(join(folder, "mail.txt"), TEMPLATE);
    await Deno.writeTextFile(join(folder, "list.csv"), listText(names));
    return new ListSetting(folder, rules);
  }

  path(name: string): string {
    return join(this.#folder, name);
  }

  send(...more: readonly string[]): Promise<Ended & { readonly json: Json }> {
    return this.#send(more);
  }

  /** With a list on standard input. */
  sendPiped(
    list: string,
    ...more: readonly string[]
  ): Promise<Ended & { readonly json: Json }> {
    return this.#send(["--recipients", "-", ...more], list);
  }

  async #send(
    more: readonly string[],
    stdin?: string,
  ): Promise<Ended & { readonly json: Json }> {
    const ended = await runProgram([
      ...["send", "--campaign", "c", "--ledger", "c.ledger", "--template", "mail.txt"],
      ...["--smtp", `smtp://127.0.0.1:${this.server.port}?tls=off`, "--connections", "3"],
      ...["--progress", "none", "--yes", "--json"],
      ...(more.includes("--recipients") ? [] : ["--recipients", "list.csv"]),
      ...more,
    ], { cwd: this.#folder, ...(stdin !== undefined && { stdin }) });
    assert.equal(ended.signal, null, ended.stderr);
    return { ...ended, json: JSON.parse(ended.stdout || "{}") };
  }

  /** Another command about the same ledger. */
  run(command: string, ...more: readonly string[]): Promise<Ended> {
    return runProgram([command, "--ledger", "c.ledger", ...more], { cwd: this.#folder });
  }

  /** A command that has no ledger. */
  about(command: string, ...more: readonly string[]): Promise<Ended> {
    return runProgram([command, ...more], { cwd: this.#folder });
  }

  assertEachOnce(names: readonly string[]): void {
    assert.deepEqual([...this.server.accepted].sort(), names.map(addressOf).sort());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

export interface Json {
  readonly state: string;
  readonly [count: string]: unknown;
}

export const addressOf = (name: string): string => `${name}@x.test`;

export const listText = (names: readonly string[], note = ""): string =>
  `Email,Note\n${names.map((name) => `${addressOf(name)},${note}\n`).join("")}`;

export const users = (count: number, prefix = "user"): string[] =>
  Array.from({ length: count }, (_, at) => `${prefix}${at + 1}`);
