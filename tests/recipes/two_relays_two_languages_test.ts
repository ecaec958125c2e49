import assert from "node:assert/strict";
import { DROP, type Rules, RuleServer } from "../pipeline/relays.ts";
import { Recipe } from "./recipe.ts";
import { assertLedgerIsLog, statesOf } from "./settlement.ts";

const CUSTOMERS = [
  "name,email,lang",
  "Anna Gruber,anna.gruber@example.com,de",
  "Bob Carter,bob.carter@example.com,en",
  ...Array.from({ length: 398 }, (_, at) => `Customer ${at},c${at}@example.com,${langOf(at)}`),
];

function langOf(at: number): string {
  return at % 3 === 0 ? "en" : "de";
}

/** Goes down after 60 mails, in the middle of one, and does not come back. */
function failing(): Rules {
  let mails = 0;
  const down = () => mails > 60 ? DROP : undefined;
  return { greeting: down, mail: down, rcpt: down, body: () => ++mails > 60 ? DROP : undefined };
}

Deno.test("docs/recipes/two-relays-two-languages.md: everybody gets their language once, though a relay goes down", async () => {
  await using first = new RuleServer(failing());
  await using second = new RuleServer();
  await using recipe = await Recipe.open("two-relays-two-languages", {
    replaced: {
      "relay1.example.com:587: ": `127.0.0.1:${first.port}: `,
      "smtp://relay1.example.com:587": `smtp://127.0.0.1:${first.port}?tls=off`,
      "smtp://relay2.example.com:587": `smtp://127.0.0.1:${second.port}?tls=off`,
    },
    files: { "customers.csv": `${CUSTOMERS.join("\n")}\n` },
  });
  await recipe.followToEnd();
  const rows = await recipe.exported("opening-hours.ledger");
  assert.deepEqual(statesOf(rows), { sent: 400 });
  assert.equal(first.accepted.length, 60);
  assertLedgerIsLog(rows, [...first.accepted, ...second.accepted]);
  const accepted = new Map([[first, "relay 1"], [second, "relay 2"]]);
  for (const [server] of accepted) {
    const name = `127.0.0.1:${server.port}`;
    const ours = rows.filter(({ _relay }) => _relay === name).map(({ email }) => email);
    assert.deepEqual(ours.sort(), [...server.accepted].sort());
  }
  const languages = new Map(
    CUSTOMERS.slice(1).map((row) => row.split(",").slice(1) as [string, string]),
  );
  for (const { text } of [...first.bodies, ...second.bodies]) {
    const to = /^To: .*?([^\s<]+@example\.com)>?$/m.exec(text)![1]!;
    assert.equal(/^Content-Language: (\w+)\r?$/m.exec(text)?.[1], languages.get(to));
    assert.match(text, languages.get(to) === "de" ? /Guten Tag/ : /Dear/);
  }
});
