/**
 * Sends from a ledger in a process of its own until it is killed: enters rows without end, hands some over, settles some.
 * Says "held" when it has the ledger, and then the id of each recipient whose outcome is committed.
 */
import { entries, handedOver, idsOf, openAt, OUTCOMES, settled } from "./ledgers.ts";

const [path, work] = Deno.args;
const ledger = openAt(path!);
const say = (text: string) => Deno.stdout.writeSync(new TextEncoder().encode(`${text}\n`));
say("held");
for (let line = 2; work === "work"; line += 10) {
  const ids = idsOf(await ledger.claim(entries(line, line + 9), line + 9));
  await ledger.write(ids.slice(0, 7).map(handedOver));
  await ledger.write(ids.slice(0, 5).map((id) => settled(id, OUTCOMES.sent)));
  for (const id of ids.slice(0, 5)) say(String(id));
}
await new Promise((resolve) => setTimeout(resolve, 60_000));
