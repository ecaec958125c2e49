import assert from "node:assert/strict";
import { settledStateOf } from "../../src/list/file/settled_state.ts";
import { withFile } from "./files.ts";

const { signal } = new AbortController();

Deno.test("settledStateOf() waits until another change would bear another time", async () => {
  await withFile("Email\n", async (path) => {
    await Deno.writeTextFile(path, "Email\na@x.test\n");
    const state = await settledStateOf(path, signal);
    assert.equal(state?.size, 15);
    assert(Date.now() - Math.max(state.mtime!, state.ctime ?? 0) >= 20 - 1, "a tick of the clock");
  });
});

Deno.test("settledStateOf() returns the state after it has waited", async () => {
  await withFile("Email\n", async (path) => {
    const settling = settledStateOf(path, signal);
    await Deno.writeTextFile(path, "Email\na@x.test\n");
    assert.equal((await settling)?.size, 15);
  });
});

Deno.test("settledStateOf() does not wait for an old file, one with a time in the future, or a missing one", async () => {
  await withFile("Email\n", async (path) => {
    const ahead = new Date(Date.now() + 3_600_000);
    await Deno.utime(path, ahead, ahead);
    const { setTimeout } = globalThis;
    let waits = 0;
    globalThis.setTimeout = ((...given: Parameters<typeof setTimeout>) => {
      waits++;
      return setTimeout(...given);
    }) as typeof setTimeout;
    try {
      assert.equal((await settledStateOf(path, signal))?.mtime, ahead.getTime());
      assert.equal(await settledStateOf(`${path}.none`, signal), undefined);
      assert.equal(waits, 0);
      await Deno.writeTextFile(path, "Email\n");
      await settledStateOf(path, signal);
      assert.equal(waits, 1, "unlike for one just written");
    } finally {
      globalThis.setTimeout = setTimeout;
    }
  });
});
