import { openList } from "../../src/list/list.ts";
import { bytesOf, PLAIN } from "./lists.ts";

// Run as a separate program, so that no other memory is measured: prints by how many bytes the process has grown.

/** 300,000 rows; measured from the 60,000th, when all that is needed once is there. */
async function longList(): Promise<number> {
  const piece = bytesOf("Ada Lovelace,ada.lovelace@example.com\n".repeat(1500));
  let rows = 0;
  let early = 0;
  await using list = await openList(PLAIN, {
    stdin: ReadableStream.from((function* () {
      yield bytesOf("Name,Email\n");
      for (let count = 0; count < 200; count++) yield piece;
    })()),
    signal: new AbortController().signal,
  });
  for await (const batch of list.rows) {
    rows += batch.length;
    if (early === 0 && rows > 60_000) early = Deno.memoryUsage().rss;
  }
  if (rows !== 300_000) throw new Error(`Expected 300,000 rows: found ${rows}`);
  return Deno.memoryUsage().rss - early;
}

/** A cell of 50 MB between two rows. */
async function wideCell(): Promise<number> {
  const piece = new Uint8Array(64 * 1024).fill(0x78);
  await using list = await openList(PLAIN, {
    stdin: ReadableStream.from((function* () {
      yield bytesOf("Name,Email\nA,a@x.de\n");
      for (let count = 0; count < 800; count++) yield piece;
      yield bytesOf(",b@x.de\r\nC,c@x.de\r\n");
    })()),
    signal: new AbortController().signal,
  });
  const before = Deno.memoryUsage().rss;
  const rows = (await Array.fromAsync(list.rows)).flat();
  if (rows.length !== 3) throw new Error(`Expected 3 rows: found ${rows.length}`);
  return Deno.memoryUsage().rss - before;
}

if (import.meta.main) {
  const grown = Deno.args[0] === "long" ? await longList() : await wideCell();
  await Deno.stdout.write(bytesOf(String(grown)));
}
