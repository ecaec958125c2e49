import assert from "node:assert/strict";
import { RuleServer } from "../pipeline/relays.ts";
import { until } from "../support/until.ts";
import { Recipe } from "./recipe.ts";
import { assertLedgerIsLog, statesOf } from "./settlement.ts";

const COUNT = 600;
const CUSTOMERS = Array.from({ length: COUNT }, (_, at) => `c${at}@example.com,Customer ${at}\n`);

Deno.test("docs/recipes/correction.md: exactly those with the wrong text get the correction, and the others the right text", async () => {
  let pause = 20;
  await using relay = new RuleServer({
    body: () => new Promise((next) => setTimeout(() => next(undefined), pause)),
  });
  await using recipe = await Recipe.open("correction", {
    replaced: { "smtp://sales@smtp.example.com:587": `smtp://127.0.0.1:${relay.port}?tls=off` },
    files: { "customers.csv": `email,name\n${CUSTOMERS.join("")}` },
  });
  await recipe.followTo("Send");
  await until("some have the wrong text", () => relay.accepted.length > 100);
  await recipe.followTo("Stop");
  const wrong = [...relay.accepted];
  assert(wrong.length > 100 && wrong.length < COUNT, `${wrong.length}`);
  pause = 0;
  await recipe.followTo("The others");
  const offer = await recipe.exported("offer.ledger");
  assert.deepEqual(statesOf(offer), { sent: COUNT });
  assertLedgerIsLog(offer, relay.accepted);
  await recipe.followToEnd();
  const correction = await recipe.exported("offer-correction.ledger");
  assert.deepEqual(statesOf(correction), { sent: wrong.length });
  assertLedgerIsLog(correction, relay.accepted.slice(COUNT));
  const told = (text: RegExp) =>
    relay.bodies.filter((mail) => text.test(mail.text))
      .map((mail) => /^To: .*?([^\s<]+@example\.com)/m.exec(mail.text)![1]!).sort();
  assert.deepEqual(told(/costs EUR 19\./), [...wrong].sort());
  assert.deepEqual(told(/in our last mail was wrong/), [...wrong].sort());
  assert.equal(told(/costs EUR 190\./).length, COUNT);
});
