import assert from "node:assert/strict";
import { join } from "node:path";
import { writePortable } from "../../build/portable.ts";
import { output } from "../support/process.ts";
import { type Running, type RunOptions, start } from "../support/program.ts";

/** Stands in for Deno: prints the program and its arguments, or does what its first argument says. */
const RUNTIME = `#!/bin/sh
[ "$1" = --version ] && exit
while [ "\${1#-}" != "$1" ] || [ "$1" = run ]; do shift; done
program=$1; shift
case "\${1:-}" in
exit) exit "$2" ;;
wait) trap 'echo stopped; exit 3' TERM; echo ready; while :; do sleep 0.05; done ;;
stdin) cat ;;
umask) umask ;;
*) echo "$program"; cat "$program"; for argument; do echo "<$argument>"; done ;;
esac
`;
const PROGRAM = { "main.js": "the program\n", "chunk-1.js": "", "chunk-2.js": "é\0\n" };

/** A portable form in a folder of its own, with a home beside it. */
async function withPortable(
  action: (place: {
    folder: string;
    home: string;
    run: (args: readonly string[], options?: RunOptions) => Running;
  }) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const home = join(folder, "home");
    const temporary = join(folder, "tmp");
    for (const made of [home, temporary, join(folder, "bundle")]) await Deno.mkdir(made);
    for (const [name, text] of Object.entries(PROGRAM)) {
      await Deno.writeTextFile(join(folder, "bundle", name), text);
    }
    await Deno.writeTextFile(join(folder, "runtime"), RUNTIME);
    const file = join(folder, "email-dispatcher");
    const bundle = { folder: join(folder, "bundle"), names: Object.keys(PROGRAM) };
    await writePortable(bundle, join(folder, "runtime"), file);
    const env = { PATH: "/usr/bin:/bin", HOME: home, TMPDIR: temporary };
    await action({
      folder,
      home,
      run: (args, options = {}) =>
        start(file, args, { ...options, env: { ...env, ...options.env } }),
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function cacheOf(home: string): string {
  return join(home, ".cache", "email-dispatcher");
}

function onlyEntry(folder: string): string {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
  assert.equal(names.length, 1, `${folder} holds ${names.join(", ")}`);
  return join(folder, names[0] ?? "");
}

async function succeeded(run: Running): Promise<string> {
  const { code, stdout, stderr } = await run.ended;
  assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
  return stdout;
}

Deno.test("The portable form runs from the user's cache and passes its arguments unchanged", () =>
  withPortable(async ({ home, run }) => {
    const args = ["send", "", "two words", "*", "$HOME", "--", "-x"];
    const stdout = await succeeded(run(args));
    const place = onlyEntry(cacheOf(home));
    const expected = args.map((argument) => `<${argument}>\n`).join("");
    assert.equal(stdout, `${place}/main.js\nthe program\n${expected}`);
    for (const [name, text] of Object.entries(PROGRAM)) {
      assert.equal(await Deno.readTextFile(join(place, name)), text);
    }
    assert.equal((await Deno.stat(place)).mode! & 0o777, 0o700);
  }));

Deno.test("The portable form unpacks only once", () =>
  withPortable(async ({ home, run }) => {
    await succeeded(run(["a"]));
    const before = (await Deno.stat(join(onlyEntry(cacheOf(home)), "deno"))).ino;
    await succeeded(run(["a"]));
    assert.equal((await Deno.stat(join(onlyEntry(cacheOf(home)), "deno"))).ino, before);
  }));

Deno.test("The portable form passes on stdin and the exit code", () =>
  withPortable(async ({ run }) => {
    assert.equal(await succeeded(run(["stdin"], { stdin: "first\nrün\n" })), "first\nrün\n");
    assert.equal((await run(["exit", "3"]).ended).code, 3);
    assert.equal((await run(["exit", "0"]).ended).code, 0);
  }));

Deno.test("The portable form is replaced by the program, which gets its signals", () =>
  withPortable(async ({ run }) => {
    const running = run(["wait"]);
    await running.seen(/ready/);
    running.kill("SIGTERM");
    const { code, signal, stdout } = await running.ended;
    assert.deepEqual({ code, signal, stdout }, {
      code: 3,
      signal: null,
      stdout: "ready\nstopped\n",
    });
  }));

Deno.test("Twelve simultaneous first starts of the portable form all run, and leave one copy", () =>
  withPortable(async ({ home, run }) => {
    const runs = Array.from({ length: 12 }, (_, index) => run([`number ${index}`]));
    const outputs = await Promise.all(runs.map(succeeded));
    const place = onlyEntry(cacheOf(home));
    assert.deepEqual(
      outputs,
      runs.map((_, index) => `${place}/main.js\nthe program\n<number ${index}>\n`),
    );
    const left = [...Deno.readDirSync(place)].map(({ name }) => name).sort();
    assert.deepEqual(left, ["chunk-1.js", "chunk-2.js", "deno", "main.js"]);
  }));

for (
  const [what, damage] of [
    ["a file is missing", (place: string) => Deno.remove(join(place, "chunk-1.js"))],
    ["Deno is cut short", (place: string) => Deno.truncate(join(place, "deno"), 100)],
    ["a file is empty", (place: string) => Deno.truncate(join(place, "main.js"), 0)],
    ["the folder is empty", async (place: string) => {
      await Deno.remove(place, { recursive: true });
      await Deno.mkdir(place);
    }],
  ] as const
) {
  Deno.test(`The portable form unpacks again if ${what} in the cache`, () =>
    withPortable(async ({ home, run }) => {
      await succeeded(run(["a"]));
      await damage(onlyEntry(cacheOf(home)));
      assert.match(await succeeded(run(["a"])), /\/main\.js\nthe program\n<a>\n$/);
      onlyEntry(cacheOf(home));
    }));
}

Deno.test("The portable form runs from the folder for temporary files if it cannot write to a home", () =>
  withPortable(async ({ folder, run }) => {
    // /proc is read-only for root too; /dev/null is no folder.
    for (const home of ["/proc", "/dev/null", "/nowhere", ""]) {
      const stdout = await succeeded(run(["a"], { env: { HOME: home } }));
      const place = onlyEntry(join(folder, "tmp"));
      assert.ok(stdout.startsWith(`${onlyEntry(place)}/main.js\n`), `${home}: ${stdout}`);
      assert.equal((await Deno.stat(place)).mode! & 0o777, 0o700);
    }
  }));

Deno.test("In the folder for temporary files, the portable form trusts neither links nor other users' folders", () =>
  withPortable(async ({ folder, run }) => {
    const temporary = join(folder, "tmp");
    const trap = join(folder, "trap");
    await Deno.mkdir(trap);
    const uid = Deno.uid();
    await Deno.symlink(trap, join(temporary, `email-dispatcher-${uid}.aaaaaa`));
    await Deno.writeTextFile(join(temporary, `email-dispatcher-${uid}.bbbbbb`), "");
    if (uid === 0) {
      await Deno.mkdir(join(temporary, "email-dispatcher-0.cccccc"), { mode: 0o777 });
      await Deno.chown(join(temporary, "email-dispatcher-0.cccccc"), 65534, 65534);
    }
    const stdout = await succeeded(run(["a"], { env: { HOME: "" } }));
    assert.match(
      stdout,
      /^.*\/tmp\/email-dispatcher-\d+\.(?!aaaaaa|bbbbbb|cccccc)\w{6}\/\w+\/main\.js/,
    );
    assert.deepEqual([...Deno.readDirSync(trap)], []);
  }));

Deno.test("The portable form trusts no folder that others can write to", () =>
  withPortable(async ({ folder, home, run }) => {
    for (const mode of [0o770, 0o702]) {
      await Deno.mkdir(cacheOf(home), { recursive: true });
      await Deno.chmod(cacheOf(home), mode);
      const stdout = await succeeded(run(["a"]));
      assert.ok(stdout.startsWith(join(folder, "tmp", "email-dispatcher-")), stdout);
      assert.deepEqual([...Deno.readDirSync(cacheOf(home))], []);
    }
  }));

Deno.test("The portable form follows links above its folder", () =>
  withPortable(async ({ folder, run }) => {
    await Deno.mkdir(join(folder, "disk"));
    await Deno.symlink("disk", join(folder, "link"));
    const env = { XDG_CACHE_HOME: join(folder, "link") };
    const stdout = await succeeded(run(["a"], { env }));
    assert.ok(stdout.startsWith(join(await Deno.realPath(folder), "disk", "email-dispatcher")));
  }));

Deno.test("The portable form runs the program with the user's umask and current folder", () =>
  withPortable(async ({ folder, home }) => {
    const script = "umask 027 && ./email-dispatcher umask && pwd";
    const env = { ...Deno.env.toObject(), HOME: home };
    const [mask, place] = (await output("sh", ["-c", script], { cwd: folder, env })).split("\n");
    assert.deepEqual([mask, place], ["0027", folder]);
  }));

Deno.test("The portable form exits with 2 if it can unpack nowhere, and says what to do", () =>
  withPortable(async ({ run }) => {
    const run1 = run(["a"], { env: { HOME: "", TMPDIR: "/proc" } });
    const { code, stdout, stderr } = await run1.ended;
    assert.deepEqual({ code, stdout }, { code: 2, stdout: "" });
    assert.match(
      stderr,
      /^email-dispatcher: Cannot unpack the program: .*\n {2}Set XDG_CACHE_HOME /,
    );
  }));

Deno.test("The portable form follows XDG_CACHE_HOME, unless it is relative", () =>
  withPortable(async ({ folder, home, run }) => {
    const cache = join(folder, "elsewhere");
    await succeeded(run(["a"], { env: { XDG_CACHE_HOME: cache } }));
    onlyEntry(join(cache, "email-dispatcher"));
    await succeeded(run(["a"], { env: { XDG_CACHE_HOME: "relative" }, cwd: folder }));
    onlyEntry(cacheOf(home));
  }));
