import assert from "node:assert/strict";
import { join } from "node:path";
import { inFolder } from "../support/folder.ts";
import { start } from "../support/process.ts";

const PROVE = new URL("../../build/prove.ts", import.meta.url).href;

Deno.test("prove() runs the file of that name, not a command", async () => {
  // `false` is a command everywhere, and fails.
  await inFolder({ false: "#!/bin/sh\nexit 0\n" }, async (cwd) => {
    await Deno.chmod(join(cwd, "false"), 0o755);
    await Deno.writeTextFile(
      join(cwd, "run.ts"),
      `import { prove } from "${PROVE}";\nawait prove("false");\n`,
    );
    const args = ["run", "--quiet", "--no-config", "--allow-all", "run.ts"];
    const { code, stderr } = await start(Deno.execPath(), args, { cwd }).ended;
    assert.equal(code, 0, stderr);
    assert((await Deno.stat(join(cwd, "false"))).isFile);
  });
});

Deno.test("prove() removes a file that does not run", async () => {
  await inFolder({ bad: "#!/bin/sh\nexit 1\n" }, async (cwd) => {
    await Deno.chmod(join(cwd, "bad"), 0o755);
    await Deno.writeTextFile(
      join(cwd, "run.ts"),
      `import { prove } from "${PROVE}";\nawait prove("bad");\n`,
    );
    const args = ["run", "--quiet", "--no-config", "--allow-all", "run.ts"];
    const { code, stderr } = await start(Deno.execPath(), args, { cwd }).ended;
    assert.equal(code, 1);
    assert.match(stderr, /bad does not run, so it was removed/);
    await assert.rejects(Deno.stat(join(cwd, "bad")), Deno.errors.NotFound);
  });
});
