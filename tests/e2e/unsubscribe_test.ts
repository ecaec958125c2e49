import assert from "node:assert/strict";
import { join } from "node:path";
import { makeToken, TokenSecret } from "../../src/compose/unsubscribe/unsubscribe_token.ts";
import { readSuppressionList } from "../../src/suppression/suppression_list.ts";
import { inFolder } from "../support/folder.ts";
import {
  programCommand,
  type Running,
  type RunOptions,
  runProgram,
  start,
  startProgram,
} from "../support/program.ts";

const SECRET = "0123456789abcdef0123456789abcdef";
const secret = new TokenSecret(SECRET, "UNSUBSCRIBE_SECRET");
const BASE = ["--base-url", "https://news.example.com"];
const env = { UNSUBSCRIBE_SECRET: SECRET };
const COMMANDS = ["serve", "add", "remove", "list", "import"];

const tokenOf = (key: string) => makeToken(secret, { campaign: "spring", key });

/** A server under test, and its origin. */
async function started(
  cwd: string,
  listen = "127.0.0.1:0",
): Promise<{ server: Running; origin: string }> {
  const args = ["unsubscribe", "serve", "--listen", listen, ...BASE];
  const server = startProgram(args, { cwd, env });
  const [, origin] = await server.seen(/ at (http:\/\/\S+);/);
  return { server, origin: origin! };
}

/** Sends a one-click request as a mail service does; returns the status, or undefined if the answer was incomplete. */
async function oneClick(url: string): Promise<number | undefined> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body: "List-Unsubscribe=One-Click",
      redirect: "manual",
    });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return undefined;
  }
}

function entered(cwd: string): string[] {
  using list = readSuppressionList(join(cwd, "suppressed.db"));
  return list === undefined ? [] : [...list.entries()].map(({ key }) => key).sort();
}

async function listed(options: RunOptions): Promise<Record<string, string | null>[]> {
  const { code, stdout, stderr } = await runProgram(["unsubscribe", "list", "--json"], options);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

Deno.test("unsubscribe and its commands have help with examples, and reject typing errors with a suggestion", async () => {
  for (const args of [[], ...COMMANDS.map((name) => [name])]) {
    const { code, stdout, stderr } = await runProgram(["unsubscribe", ...args, "--help"]);
    assert.equal(code, 0);
    assert.equal(stderr, "");
    assert.match(stdout, /^Usage: email-dispatcher unsubscribe/);
    const examples = stdout.split("Examples:")[1]?.match(/^ {2}email-dispatcher /gm)?.length ?? 0;
    assert(examples >= 2 && examples <= 4, `${args}: ${examples} examples`);
  }
  const table: [args: string[], stderr: RegExp][] = [
    [[], /^Usage: email-dispatcher unsubscribe/],
    [["srve"], /unknown command 'srve'\n\(Did you mean serve\?\)/],
    [["serve", "--lisen", "1"], /unknown option '--lisen'\n\(Did you mean --listen\?\)/],
    [["add"], /missing required argument 'email'/],
  ];
  for (const [args, expected] of table) {
    const { code, stdout, stderr } = await runProgram(["unsubscribe", ...args]);
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, expected);
  }
});

Deno.test("unsubscribe add, list, remove and import maintain the list, with data on stdout and documented exit codes", async () => {
  const file = "Name,Email\nZoe,zoe@x.test\nBad,bad@\nAnn,ANN@x.test\n";
  await inFolder({ "left.csv": file, "good.txt": "cid@x.test\n" }, async (cwd) => {
    const run = async (...args: string[]) => {
      const { code, stdout, stderr } = await runProgram(["unsubscribe", ...args], { cwd });
      return { code, stdout, stderr };
    };
    assert.equal((await run("list")).code, 2);
    assert.equal((await run("remove", "ann@x.test")).code, 2);
    const refused = await run("add", "ann@x.test", "ann@");
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /Address has no domain/);
    assert.deepEqual(entered(cwd), []);

    const added = await run("add", "Ann@X.test", "+bob@x.test", "--reason", "=by phone");
    assert.deepEqual(added, {
      code: 0,
      stdout: "",
      stderr: "ann@x.test: added\n+bob@x.test: added\n",
    });
    assert.match((await run("add", "ann@x.test")).stderr, /already on the list/);
    const imported = await run("import", "left.csv");
    assert.equal(imported.code, 1);
    assert.match(
      imported.stderr,
      /^left\.csv:3: Address has no domain.*\n1 address added, 1 already on the list/,
    );
    assert.equal((await run("import", "good.txt")).code, 0);
    assert.equal((await run("import", "gone.txt")).code, 2);

    const csv = (await run("list")).stdout;
    const [header, ...rows] = csv.trimEnd().split("\r\n");
    assert.equal(header, "email,at,campaign,source,reason");
    assert.deepEqual(rows.map((row) => row.replace(/,\d{4}-[^,]*Z,/, ",AT,")).sort(), [
      "+bob@x.test,AT,,hand,'=by phone",
      "ann@x.test,AT,,hand,'=by phone",
      "cid@x.test,AT,,import,",
      "zoe@x.test,AT,,import,",
    ]);
    assert.deepEqual((await listed({ cwd })).map(({ email }) => email).sort(), entered(cwd));

    const removed = await run("remove", "zoe@x.test", "nobody@x.test");
    assert.equal(removed.code, 1);
    assert.match(removed.stderr, /zoe@x\.test: removed from the list\nnobody@x\.test: not on/);
    assert.equal((await run("remove", "cid@x.test")).code, 0);
    assert.deepEqual(entered(cwd), ["+bob@x.test", "ann@x.test"]);
  });
});

Deno.test("Processes that add addresses at the same time, to a list that does not exist yet, lose none", async () => {
  await inFolder({}, async (cwd) => {
    const runs = await Promise.all(
      Array.from(
        { length: 4 },
        (_, index) =>
          runProgram(["unsubscribe", "add", `a${index}@x.test`, `b${index}@x.test`], { cwd }),
      ),
    );
    for (const { code, stderr } of runs) assert.equal(code, 0, stderr);
    assert.equal(entered(cwd).length, 8);
  });
});

Deno.test("unsubscribe serve exits with 2 if a setting cannot be used, leaves nothing behind and shows no secret", async () => {
  await inFolder({ "short.txt": "geheim\n" }, async (cwd) => {
    const table: [args: string[], env: Record<string, string>, stderr: RegExp][] = [
      [[], env, /^error: No base URL is given\n/],
      [["--base-url", "http://x.test"], env, /^error: --base-url must be an https URL/],
      [BASE, {}, /^error: No secret is given/],
      [BASE, { UNSUBSCRIBE_SECRET: "geheim" }, /must be at least 32 bytes: found 6/],
      [BASE, { UNSUBSCRIBE_SECRET_FILE: "short.txt" }, /must be at least 32 bytes: found 6/],
      [BASE, { UNSUBSCRIBE_SECRET_FILE: "gone.txt" }, /gone\.txt: .*no such file/],
      [[...BASE, "--trust-proxy", "x"], env, /--trust-proxy must be a whole number from 0 to 10/],
      [[...BASE, "--listen", "x"], env, /--listen must be an address/],
    ];
    for (const [args, env, expected] of table) {
      const { code, stdout, stderr } = await runProgram(["unsubscribe", "serve", ...args], {
        cwd,
        env,
      });
      assert.match(stderr, expected);
      assert.doesNotMatch(stderr, /geheim/);
      assert.equal(code, 2);
      assert.equal(stdout, "");
    }
    assert.deepEqual((await Array.fromAsync(Deno.readDir(cwd))).map(({ name }) => name), [
      "short.txt",
    ]);
  });
});

Deno.test("unsubscribe serve exits with 2 if its port is in use, and names it", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  await inFolder({}, async (cwd) => {
    const args = ["unsubscribe", "serve", "--listen", `127.0.0.1:${port}`, ...BASE];
    const { code, stderr } = await runProgram(args, { cwd, env });
    assert.equal(code, 2, stderr);
    assert.match(
      stderr,
      new RegExp(`^error: Cannot listen on 127\\.0\\.0\\.1:${port}: the port is in use`),
    );
  });
});

Deno.test("A thousand simultaneous one-click requests, with scanners and forgeries among them, add exactly the right addresses", async () => {
  await inFolder({}, async (cwd) => {
    const { server, origin } = await started(cwd);
    const keys = Array.from({ length: 1_000 }, (_, index) => `p${index}@x.test`);
    const answers = await Promise.all(keys.map((key) => oneClick(`${origin}/u/${tokenOf(key)}`)));
    assert.deepEqual(answers, keys.map(() => 200));
    const others = await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const token = tokenOf(`q${index}@x.test`);
        const forged = await oneClick(`${origin}/u/${token.slice(1)}`);
        const response = await fetch(`${origin}/u/${token}`);
        await response.arrayBuffer();
        return [forged, response.status];
      }),
    );
    assert.deepEqual(others, others.map(() => [200, 200]));
    server.kill("SIGTERM");
    const { code, stdout, stderr } = await server.ended;
    assert.equal(code, 0, stderr);
    assert.equal(stdout, "");
    assert.match(stderr, /\n1000 recipients unsubscribed\n$/);
    assert.deepEqual(entered(cwd), keys.sort());
    const [first] = await listed({ cwd });
    assert.equal(first!.campaign, "spring");
    assert.equal(first!.source, "one-click");
    assert(Date.now() - Date.parse(first!.at!) < 600_000);
  });
});

for (const signal of ["SIGTERM", "SIGKILL"] as const) {
  Deno.test(`A restart after ${signal} loses nobody whose unsubscription was confirmed`, async () => {
    await inFolder({}, async (cwd) => {
      let { server, origin } = await started(cwd);
      const keys = Array.from({ length: 300 }, (_, index) => `p${index}@x.test`);
      const told: string[] = [];
      const ask = async (key: string) => {
        if (await oneClick(`${origin}/u/${tokenOf(key)}`) !== 200) return;
        if (told.push(key) === 50) server.kill(signal);
      };
      // Eight at a time, so that some come before the signal, some with it and some after.
      const queue = [...keys];
      const worker = async () => {
        for (let key = queue.shift(); key !== undefined; key = queue.shift()) await ask(key);
      };
      await Promise.all(Array.from({ length: 8 }, worker));
      const { code } = await server.ended;
      if (signal === "SIGTERM") assert.equal(code, 0);
      assert(told.length >= 50 && told.length < keys.length, `${told.length} were told`);
      const first = entered(cwd);
      assert.deepEqual(told.filter((key) => !first.includes(key)), []);
      assert.deepEqual(first.filter((key) => !keys.includes(key)), []);

      ({ server, origin } = await started(cwd));
      await Promise.all(keys.map((key) => oneClick(`${origin}/u/${tokenOf(key)}`)));
      server.kill("SIGTERM");
      await server.ended;
      assert.deepEqual(entered(cwd), keys.sort());
    });
  });
}

Deno.test("unsubscribe serve ends on a signal even if a client keeps its connection open", async () => {
  await inFolder({}, async (cwd) => {
    const { server, origin } = await started(cwd);
    const { port } = new URL(origin);
    using idle = await Deno.connect({ hostname: "127.0.0.1", port: Number(port) });
    await idle.write(new TextEncoder().encode("GET /health HTTP/1.1\r\nHost: x\r\n\r\n"));
    await idle.read(new Uint8Array(1_000));
    server.kill("SIGINT");
    assert.equal((await server.ended).code, 0);
  });
});

Deno.test({
  name:
    "unsubscribe serve survives running out of file descriptors, reports it once, and then answers requests",
  ignore: Deno.build.os === "windows",
  async fn() {
    await inFolder({}, async (cwd) => {
      const program = programCommand();
      const args = ["unsubscribe", "serve", "--listen", "127.0.0.1:0", ...BASE];
      const server = start(
        "/bin/sh",
        ["-c", 'ulimit -n 100; exec "$0" "$@"', program.command, ...program.args, ...args],
        { cwd, env: { ...program.env, ...env } },
      );
      const [, origin] = await server.seen(/ at (http:\/\/\S+);/);
      const { port } = new URL(origin!);
      const stuck = await Promise.all(
        Array.from(
          { length: 300 },
          () => Deno.connect({ hostname: "127.0.0.1", port: Number(port) }),
        ),
      );
      try {
        await server.seen(/error: .*Too many open files/);
        const keys = Array.from({ length: 20 }, (_, index) => `p${index}@x.test`);
        const answers = await Promise.all(
          keys.map((key) => oneClick(`${origin}/u/${tokenOf(key)}`)),
        );
        assert.deepEqual(answers, keys.map(() => 200));
      } finally {
        for (const conn of stuck) conn.close();
      }
      server.kill("SIGTERM");
      const { code, stderr } = await server.ended;
      assert.equal(code, 0, stderr);
      assert.equal(stderr.match(/Too many open files/g)?.length, 1, stderr);
    });
  },
});
