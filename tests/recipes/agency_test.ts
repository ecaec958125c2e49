import assert from "node:assert/strict";
import { RuleServer } from "../pipeline/relays.ts";
import { Recipe } from "./recipe.ts";
import { assertLedgerIsLog, statesOf } from "./settlement.ts";

/** People who are in more than one list, and the conditions they meet there. */
const COMMON = ["both", "former", "never"];

function listOf(
  client: string,
  count: number,
  cells: (at: number) => string,
  header: string,
): string {
  const own = Array.from({ length: count }, (_, at) => `${client}${at}@example.com,${cells(at)}\n`);
  const shared = COMMON.map((name) => `${name}@example.com,${cells(1)}\n`);
  return `email,${header}\n${own.join("")}${shared.join("")}`;
}

const MAIL = "Subject: Spring\n\nSpring is here.\n";

Deno.test("docs/recipes/agency.md: each client mails only those who have left neither its list nor the agency", async () => {
  await using bakery = new RuleServer();
  await using gym = new RuleServer({
    mail: ({ mailsBefore }) => mailsBefore >= 5 ? "421 4.7.0 Too many mails" : undefined,
  });
  await using museum = new RuleServer();
  const relays = { bakery, gym, museum };
  await using recipe = await Recipe.open("agency", {
    replaced: Object.fromEntries(
      Object.entries(relays).map(([client, { port }]) => [
        `smtp://${client}@smtp.example.com:587`,
        `smtp://127.0.0.1:${port}?tls=off`,
      ]),
    ),
    files: {
      "bakery/list.csv": listOf("bakery", 50, (at) => `Guest ${at}`, "name"),
      "gym/list.csv": listOf(
        "gym",
        60,
        (at) => `${at % 2 === 0 ? "DE" : "AT"},${at % 3 === 0 ? "" : "gold"}`,
        "country,plan",
      ),
      "museum/list.csv": listOf("museum", 70, (at) => at % 5 === 0 ? "no" : "yes", "consent"),
      ...Object.fromEntries(Object.keys(relays).map((client) => [`${client}/mail.md`, MAIL])),
    },
  });
  await recipe.followToEnd();
  // The gym's: 30 of 60 in Austria, 20 of them with a plan; the museum's: 56 of 70 have agreed.
  const expected = {
    bakery: { sent: 50 + 1, skipped: 2, left: ["both"] },
    gym: { sent: 20 + 1, skipped: 2, left: ["former"] },
    museum: { sent: 56 + 1, skipped: 2, left: ["former"] },
  };
  for (const [client, { sent, skipped, left }] of Object.entries(expected)) {
    const rows = await recipe.exported(`${client}/${client}-spring.ledger`);
    const { accepted, bodies } = relays[client as keyof typeof relays];
    assert.deepEqual(statesOf(rows), { sent, skipped }, client);
    assertLedgerIsLog(rows, accepted);
    for (const name of [...left, "never"]) assert(!accepted.includes(`${name}@example.com`), name);
    for (const { text } of bodies) {
      assert.match(text, new RegExp(`^From: The ${client} <.*@${client}\\.example>`, "im"));
    }
  }
});
