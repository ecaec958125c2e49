import assert from "node:assert/strict";
import type { Reloaded } from "../../src/campaign/relays/rates.ts";
import { Reloader } from "../../src/cli/reloader.ts";

const turn = () => new Promise((next) => setTimeout(next));

/** A reloader that gets its SIGHUP from the test, and what it does. */
function reloading(read: () => Promise<Reloaded | undefined>) {
  const listeners = new Set<() => void>();
  const reloader = new Reloader({
    onHangUp(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => listeners.delete(listener) };
    },
  });
  const told: string[] = [];
  return {
    reloader,
    told,
    listeners,
    hangUp: () => listeners.forEach((listener) => listener()),
    begin: () => reloader.begin({ read, onKept: () => told.push("kept") }),
    apply: ({ rate }: Reloaded) => void told.push(`apply ${rate?.count}`),
  };
}

const rateOf = (count: number): Reloaded => ({ rate: { count, perMs: 1_000 }, relays: [] });

Deno.test("Reloader accepts a SIGHUP from the start, and reads the file as soon as that is possible", async () => {
  let reads = 0;
  const { reloader, listeners, hangUp, begin, told } = reloading(() =>
    Promise.resolve(rateOf(++reads))
  );
  assert.equal(listeners.size, 1);
  hangUp();
  await turn();
  assert.equal(reads, 0);
  begin();
  await turn();
  assert.deepEqual([reads, told], [1, ["kept"]]);
  reloader[Symbol.dispose]();
  assert.equal(listeners.size, 0);
});

Deno.test("Reloader keeps the last of several readings until sending begins", async () => {
  let reads = 0;
  const { reloader, hangUp, begin, told, apply } = reloading(() =>
    Promise.resolve(rateOf(++reads))
  );
  using _ = reloader;
  begin();
  hangUp();
  hangUp();
  await turn();
  {
    using _applying = reloader.onReload(apply);
    assert.deepEqual(told, ["kept", "kept", "apply 2"]);
    hangUp();
    await turn();
    assert.deepEqual(told.slice(3), ["apply 3"]);
  }
  hangUp();
  await turn();
  assert.deepEqual([told.slice(4), reads], [[], 3], "nobody needs it any more");
});

Deno.test("Reloader reads one after another, so that a slow reading does not undo a later one", async () => {
  const slow = Promise.withResolvers<Reloaded>();
  const answers = [slow.promise, Promise.resolve(rateOf(2))];
  const { reloader, hangUp, begin, told, apply } = reloading(() => answers.shift()!);
  using _ = reloader;
  begin();
  using _applying = reloader.onReload(apply);
  hangUp();
  hangUp();
  await turn();
  assert.deepEqual(told, []);
  slow.resolve(rateOf(1));
  await turn();
  assert.deepEqual(told, ["apply 1", "apply 2"]);
});

Deno.test("Reloader changes nothing if the file has a fault", async () => {
  const { reloader, hangUp, begin, told, apply } = reloading(() => Promise.resolve(undefined));
  using _ = reloader;
  begin();
  hangUp();
  await turn();
  using _applying = reloader.onReload(apply);
  assert.deepEqual(told, []);
});
