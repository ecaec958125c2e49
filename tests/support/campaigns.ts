import { join } from "node:path";
import assert from "node:assert/strict";
import { runProgram } from "./program.ts";

/** A campaign in its own folder: `count` recipients, p1@x.test and so on, and a short template. */
export class TestCampaign implements AsyncDisposable {
  readonly folder: string;
  readonly recipients: readonly string[];
  /** Options of `send`, without the relay. */
  readonly args: readonly string[];

  private constructor(folder: string, recipients: readonly string[]) {
    this.folder = folder;
    this.recipients = recipients;
    this.args = [
      ...["--campaign", "c", "--recipients", "list.csv", "--template", "mail.txt"],
      ...["--ledger", "c.ledger", "--progress", "none", "--yes"],
    ];
  }

  /** @param parent Where its folder is created; by default, the folder for temporary files. */
  static async make(count: number, parent?: string): Promise<TestCampaign> {
    const folder = await Deno.makeTempDir({
      prefix: "campaign-",
      ...(parent !== undefined && { dir: parent }),
    });
    const recipients = Array.from({ length: count }, (_, index) => `p${index + 1}@x.test`);
    const rows = recipients.map((address, index) => `Person ${index + 1},${address}\n`);
    await Deno.writeTextFile(join(folder, "list.csv"), `Name,Email\n${rows.join("")}`);
    const campaign = new TestCampaign(folder, recipients);
    await campaign.sendFrom("news@acme.test");
    return campaign;
  }

  /** Writes the template, with this From address. */
  async sendFrom(address: string): Promise<void> {
    await Deno.writeTextFile(
      join(this.folder, "mail.txt"),
      `From: Acme <${address}>\nSubject: Hello, {{ Name }}\n\nDear {{ Name }}, this is the news.\n`,
    );
  }

  /** The words of `send` through a relay. */
  sendTo(url: string, ...more: readonly string[]): readonly string[] {
    return ["send", ...this.args, "--smtp", url, ...more];
  }

  get ledger(): string {
    return join(this.folder, "c.ledger");
  }

  /** Addresses in the given states, from the program's own mouth. */
  async exported(...states: readonly string[]): Promise<readonly string[]> {
    return (await this.#export(states)).map(({ Email }) => Email);
  }

  /** All addresses by their state. */
  async byState(): Promise<ReadonlyMap<string, readonly string[]>> {
    const rows = await this.#export([]);
    return new Map(
      [...Map.groupBy(rows, ({ _state }) => _state)].map(([state, those]) => [
        state,
        those.map(({ Email }) => Email),
      ]),
    );
  }

  /** All recipients who, according to the ledger, have received a mail or may have. */
  handedOver(): Promise<readonly string[]> {
    return this.exported("sent", "in-doubt", "handed-over");
  }

  async #export(states: readonly string[]): Promise<{ Email: string; _state: string }[]> {
    const { code, stdout, stderr } = await runProgram([
      ...["export", "--ledger", "c.ledger", "--format", "jsonl"],
      ...states.flatMap((state) => ["--state", state]),
    ], { cwd: this.folder });
    assert.equal(code, 0, stderr);
    return stdout.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** The comparison of what the server accepted with what the ledger says. */
export interface Reckoning {
  readonly twice: readonly string[];
  /** Neither taken by the server nor in doubt. */
  readonly missing: readonly string[];
  /** Sent by the ledger, and the server does not know of it. */
  readonly claimedSent: readonly string[];
  readonly inDoubt: readonly string[];
  readonly sent: readonly string[];
}

/** Compares the server's log with the ledger, when everybody is settled. */
export async function reckon(
  campaign: TestCampaign,
  accepted: readonly string[],
): Promise<Reckoning> {
  const states = await campaign.byState();
  const [inDoubt, sent] = [states.get("in-doubt") ?? [], states.get("sent") ?? []];
  const taken = new Set(accepted);
  const doubted = new Set(inDoubt);
  const seen = new Set<string>();
  return {
    twice: accepted.filter((address) => seen.size === seen.add(address).size),
    missing: campaign.recipients.filter((address) => !taken.has(address) && !doubted.has(address)),
    claimedSent: sent.filter((address) => !taken.has(address)),
    inDoubt,
    sent,
  };
}

/** Everybody got one mail, or is named as in doubt. */
export function assertNobodyLostOrTwice(reckoning: Reckoning): void {
  const { twice, missing, claimedSent } = reckoning;
  assert.deepEqual({ twice, missing, claimedSent }, { twice: [], missing: [], claimedSent: [] });
}
