/**
 * Holds a ledger in a separate process until it is killed. With "work" it enters rows without end, hands some over, settles
 * some; with "close" it closes the ledger at once; with "read" it is a reader.
 * Prints "held" when it has the ledger, and then the id of each recipient whose outcome is committed.
 */
import { openDatabase } from "../support/database.ts";
import { entries, handedOver, idsOf, openAt, OUTCOMES, settled } from "./ledgers.ts";

const [path, work] = Deno.args;
const say = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
const forLong = () => new Promise((resolve) => setTimeout(resolve, 60_000));

async function read(): Promise<void> {
  using database = openDatabase(path!, { readOnly: true });
  database.prepare("SELECT count(*) FROM recipient").get();
  say("held");
  await forLong();
}

async function hold(): Promise<void> {
  await using ledger = openAt(path!);
  say("held");
  for (let line = 2; work === "work"; line += 10) {
    const ids = idsOf(await ledger.claim(entries(line, line + 9), line + 9));
    await ledger.write(ids.slice(0, 7).map(handedOver));
    await ledger.write(ids.slice(0, 5).map((id) => settled(id, OUTCOMES.sent)));
    for (const id of ids.slice(0, 5)) say(String(id));
  }
  if (work !== "close") await forLong();
}

await (work === "read" ? read() : hold());
