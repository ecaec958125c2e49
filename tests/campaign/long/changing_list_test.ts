import assert from "node:assert/strict";
import type { SendOptions } from "../../../src/campaign/send_options.ts";
import type { Summary } from "../../../src/report/summary.ts";
import { RuleServer } from "../../pipeline/relays.ts";
import { output } from "../../support/process.ts";
import { Campaign } from "../campaign.ts";

// What other programs do to the list while it is sent.

/** 3,000 rows of this length are more than a run copies into memory. */
const WIDE = "x".repeat(1_500);

function listText(names: readonly string[], filler = ""): string {
  return `Email,Filler\n${names.map((name) => `${name}@x.test,${filler}\n`).join("")}`;
}

const people = (count: number, prefix = "customer.number.") =>
  Array.from({ length: count }, (_, at) => `${prefix}${String(at + 1).padStart(5, "0")}`);

/** A campaign whose list `change` changes once `after` mails have been accepted. */
class Disturbed implements AsyncDisposable {
  readonly campaign = new Campaign(0);
  readonly server: RuleServer;
  #change: (() => void) | undefined;

  constructor(text: string, after: number, change: (path: string) => void) {
    Deno.writeTextFileSync(this.list, text);
    this.#change = () => change(this.list);
    this.server = new RuleServer({
      body: ({ server }) => {
        if (server.accepted.length < after) return undefined;
        this.#change?.();
        this.#change = undefined;
        return undefined;
      },
    });
  }

  list = this.campaign.folder.file("list.csv");

  get accepted(): readonly string[] {
    return this.server.accepted;
  }

  send(options: Partial<SendOptions> = {}): Promise<Summary> {
    return this.campaign.send([this.server.port], options);
  }

  /** Each of them got exactly one mail, and nobody else got any. */
  assertEachOnce(names: readonly string[]): void {
    assert.deepEqual([...this.accepted].sort(), names.map((name) => `${name}@x.test`).sort());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.campaign[Symbol.dispose]();
    await this.server[Symbol.asyncDispose]();
  }
}

for (const [size, count, filler] of [["small", 300, ""], ["large", 3_000, WIDE]] as const) {
  const names = people(count);

  Deno.test(`A ${size} list whose rows are reordered while it is sent loses nobody`, async () => {
    await using run = new Disturbed(listText(names, filler), count / 5, (path) => {
      Deno.writeTextFileSync(path, listText(names.toReversed(), filler));
    });
    const first = await run.send();
    assert.equal(first.exitCode, 3);
    assert.match(first.stop!.reason, /The list '.*list\.csv' (has )?changed/);
    const second = await run.send();
    assert.deepEqual([second.exitCode, second.state], [0, "done"]);
    run.assertEachOnce(names);
  });

  Deno.test(`A ${size} list that is rewritten while it is sent mails nobody who is in neither version`, async () => {
    const longer = names.toSpliced(3, 1, "customer.number.xx00004");
    await using run = new Disturbed(listText(names, filler), count / 5, (path) => {
      // As \`cat new.csv > list.csv\` does: emptied, then filled bit by bit.
      Deno.writeTextFileSync(path, "");
      const text = listText(longer, filler);
      Deno.writeTextFileSync(path, text.slice(0, text.length / 2), { append: true });
      Deno.writeTextFileSync(path, text.slice(text.length / 2), { append: true });
    });
    assert.equal((await run.send()).exitCode, 3);
    assert.equal((await run.send()).exitCode, 0);
    run.assertEachOnce([...names, "customer.number.xx00004"]);
  });

  Deno.test(`A ${size} list that is truncated while it is sent is not reported as done`, async () => {
    await using run = new Disturbed(listText(names, filler), count / 5, (path) => {
      Deno.truncateSync(path, Math.floor(listText(names, filler).length * 0.7) + 7);
    });
    const { exitCode, state } = await run.send();
    assert.deepEqual([exitCode, state], [3, "stopped"]);
    const rest = listText(names, filler);
    Deno.writeTextFileSync(run.list, rest);
    assert.equal((await run.send()).exitCode, 0);
    run.assertEachOnce(names);
  });

  Deno.test(`A ${size} list that is replaced by a new file while it is sent, and put back, loses nobody`, async () => {
    await using run = new Disturbed(listText(names, filler), count / 5, (path) => {
      Deno.renameSync(path, `${path}.old`);
      Deno.writeTextFileSync(path, listText(people(20, "other."), filler));
    });
    assert.equal((await run.send()).exitCode, 3);
    Deno.renameSync(`${run.list}.old`, run.list);
    assert.equal((await run.send()).exitCode, 0);
    run.assertEachOnce(names);
  });

  Deno.test(`A ${size} list that is overwritten while it is sent, and restored, loses nobody`, async () => {
    const text = listText(names, filler);
    await using run = new Disturbed(text, count / 5, (path) => {
      Deno.writeTextFileSync(path, text.replaceAll("customer", "CUSTOMER"));
    });
    assert.equal((await run.send()).exitCode, 3);
    Deno.writeTextFileSync(run.list, text);
    assert.equal((await run.send()).exitCode, 0);
    run.assertEachOnce(names);
  });

  Deno.test(`A ${size} list that is rewritten with the same rows while it is sent is sent to its end`, async () => {
    const text = listText(names, filler);
    await using run = new Disturbed(text, count / 5, (path) => {
      Deno.writeTextFileSync(path, "");
      Deno.writeTextFileSync(path, text);
    });
    assert.equal((await run.send()).exitCode, 0);
    run.assertEachOnce(names);
  });
}

Deno.test("--snapshot sends a large list as it was, and says at the end that it has changed", async () => {
  const names = people(3_000);
  const next = [...names.slice(0, 2_990), "new.one", "new.two"];
  await using run = new Disturbed(listText(names, WIDE), 500, (path) => {
    Deno.writeTextFileSync(path, listText(next, WIDE));
  });
  const first = await run.send({ snapshot: true });
  assert.match(first.stop!.reason, /has changed since it was read/);
  run.assertEachOnce(names);
  const second = await run.send({ snapshot: true });
  assert.equal(second.exitCode, 0);
  run.assertEachOnce([...names, "new.one", "new.two"]);
  const left = [...Deno.readDirSync(run.campaign.folder.path)].map(({ name }) => name);
  assert.deepEqual(left.filter((name) => name.startsWith(".list-")), [], "no copy is left behind");
});

for (
  const [what, change] of [
    ["becomes a directory", (path: string) => {
      Deno.removeSync(path);
      Deno.mkdirSync(path);
    }],
    ["becomes a pipe that nobody writes to", (path: string) => {
      Deno.removeSync(path);
      Deno.renameSync(`${path}.pipe`, path);
    }],
    ["loses its folder, which becomes a file", (path: string) => {
      const folder = path.replace(/\/[^/]*$/, "");
      Deno.renameSync(folder, `${folder}-moved`);
      Deno.writeTextFileSync(folder, "");
    }],
  ] as const
) {
  for (const copyUpTo of [undefined, -1]) {
    const how = copyUpTo === undefined ? "a copy of it is sent" : "it is sent";
    Deno.test(`A list that ${what} while ${how} ends the run cleanly`, async () => {
      const names = people(200);
      await using run = new Disturbed(listText(names), 50, change);
      const folder = run.campaign.folder.file("lists");
      Deno.mkdirSync(folder);
      Deno.renameSync(run.list, `${folder}/list.csv`);
      run.list = `${folder}/list.csv`;
      await output("mkfifo", [`${run.list}.pipe`]);
      const { exitCode, tally } = await run.send({ recipients: run.list, copyUpTo });
      assert([0, 3].includes(exitCode), `exit ${exitCode}`);
      assert.equal(tally.sent, run.accepted.length);
      assert.equal(exitCode === 0, run.accepted.length === 200 && what.includes("folder"));
    });
  }
}

Deno.test({
  name: "A signal while the list is checked for the last time ends the run with its summary",
  // The pending read is not awaited: from a disk that does not answer, it would never end.
  sanitizeOps: false,
  fn: async () => {
    const names = people(20);
    await using run = new Disturbed(listText(names), 5, (path) => {
      Deno.writeTextFileSync(path, "");
      Deno.truncateSync(path, 2 ** 31);
    });
    const sending = run.send();
    while (run.accepted.length < 20) await new Promise((next) => setTimeout(next, 5));
    await new Promise((next) => setTimeout(next, 50));
    run.campaign.stop();
    const { exitCode, tally } = await sending;
    assert.deepEqual([exitCode, tally.sent], [3, 20]);
  },
});

Deno.test("A list whose path leads nowhere is refused", async () => {
  using campaign = new Campaign(3);
  Deno.symlinkSync("loop", campaign.folder.file("loop"));
  for (const path of [`${campaign.folder.file("list.csv")}/x.csv`, campaign.folder.file("loop")]) {
    await assert.rejects(campaign.send([1], { recipients: path }), { name: "InputError" });
  }
});

Deno.test("A list that changes before the plan is confirmed is not sent as it was", async () => {
  const names = people(50);
  await using run = new Disturbed(listText(names), Infinity, () => {});
  const confirm = () => {
    Deno.writeTextFileSync(run.list, listText(names.slice(10)));
    return Promise.resolve(true);
  };
  const first = await run.campaign.send([run.server.port], {}, { confirm });
  assert.deepEqual([first.exitCode, first.sentNow], [3, 0]);
  assert.match(first.stop!.reason, /has changed since it was read/);
  assert.equal((await run.send()).exitCode, 0);
  run.assertEachOnce(names.slice(10));
});

Deno.test("A list whose size and modification time are restored after a change is not reported as done", async () => {
  const names = people(100);
  await using run = new Disturbed(listText(names), 10, (path) => {
    const { mtime } = Deno.statSync(path);
    Deno.writeTextFileSync(path, listText(names.with(99, "customer.number.XXXXX")));
    Deno.utimeSync(path, mtime!, mtime!);
  });
  Deno.utimeSync(run.list, 1_700_000_000, 1_700_000_000);
  assert.equal((await run.send()).exitCode, 3);
  assert.equal((await run.send()).exitCode, 0);
  assert(run.accepted.includes("customer.number.XXXXX@x.test"));
});

Deno.test("A list that is deleted while a copy of it is sent is sent to its end", async () => {
  const names = people(100);
  await using run = new Disturbed(listText(names), 10, (path) => Deno.removeSync(path));
  assert.equal((await run.send()).exitCode, 0);
  run.assertEachOnce(names);
});

Deno.test("A shortened list with the same ledger drops nobody who is waiting; they are named, and a flag drops them", async () => {
  const waiting = ["p1", "p2", "p3", "p4", "p5"].map((name) => `${name}@x.test`);
  let busy = true;
  await using server = new RuleServer({
    rcpt: ({ recipient }) =>
      busy && waiting.includes(recipient!) ? "450 4.2.1 mailbox busy" : undefined,
  });
  for (const dropMissing of [false, true]) {
    using campaign = new Campaign(0);
    const list = campaign.folder.file("list.csv");
    const all = Array.from({ length: 20 }, (_, at) => `p${at + 1}`);
    Deno.writeTextFileSync(list, listText(all));
    busy = true;
    const first = await campaign.send([server.port], { wait: false, firstRetryMs: 1 });
    assert.deepEqual([first.exitCode, first.tally.deferred], [3, 5]);
    busy = false;
    Deno.writeTextFileSync(list, listText(all.slice(5)));
    const second = await campaign.send([server.port], { dropMissing });
    assert.deepEqual(campaign.told.plans[1]!.missing, { count: 5, examples: waiting.slice(0, 3) });
    if (dropMissing) {
      assert.deepEqual([second.exitCode, second.tally.skipped], [0, 5]);
      continue;
    }
    assert.deepEqual([second.exitCode, second.tally.deferred], [3, 5]);
    assert.match(
      second.stop!.reason,
      /^5 recipients are waiting \(p1@x\.test, p2@x\.test, p3@x\.test and 2 more\) and not in '/,
    );
    assert.match(second.stop!.hint!, /--drop-missing/);
    // The next plan names them again, and a list that has them sends to them.
    await campaign.send([server.port]);
    assert.equal(campaign.told.plans[2]!.missing.count, 5);
    Deno.writeTextFileSync(list, listText(all));
    assert.equal((await campaign.send([server.port])).exitCode, 0);
    assert.deepEqual(await campaign.states(), { sent: 20 });
  }
});
