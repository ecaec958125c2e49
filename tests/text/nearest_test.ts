import assert from "node:assert/strict";
import { nearest } from "../../src/text/nearest.ts";

const NAMES = ["connections", "recipients", "rate", "reply_to", "id"];

Deno.test("nearest() finds the name that was meant", () => {
  const table: [found: string, meant: string | undefined, why: string][] = [
    ["conections", "connections", "one letter missing"],
    ["reciepients", "recipients", "one letter too many and two out of place"],
    ["raet", "rate", "two neighbours swapped"],
    ["Rate", "rate", "case does not count"],
    ["replyto", "reply_to", "nor do separators"],
    ["reply-to", "reply_to", "nor which separator"],
    ["colour", undefined, "nothing is near"],
    ["xx", undefined, "all of a short name differs"],
    ["ix", undefined, "nor is half of two letters a slip"],
    ["ID", "id", "case does not count in short names either"],
    ["", undefined, "nothing was typed"],
  ];
  for (const [found, meant, why] of table) assert.equal(nearest(found, NAMES), meant, why);
});

Deno.test("nearest() leaves very long names alone", () => {
  assert.equal(nearest("a".repeat(1_000_000), ["a".repeat(999_999)]), undefined);
});
