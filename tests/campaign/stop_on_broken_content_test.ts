import assert from "node:assert/strict";
import { stopOnBrokenContent } from "../../src/campaign/content/stop_on_broken_content.ts";
import type { Mail, Unmailable } from "../../src/model/mail.ts";
import { Stop } from "../../src/model/stop.ts";

const MAIL: Mail = {
  envelope: { sender: "news@acme.example", recipient: "ann@example.com", smtpUtf8: false },
  messageId: "<1@acme.example>",
  bytes: new Uint8Array(),
  eightBit: false,
};

/** Composes one result after another, and returns why the run was stopped. */
function stopAfter(results: readonly (Mail | Unmailable)[]): string | undefined {
  const stop = new Stop();
  const left = [...results];
  const composer = stopOnBrokenContent({
    required: [],
    sources: [],
    uses: () => [],
    subject: "x",
    from: "news@acme.example",
    sender: "news@acme.example",
    subjectOf: () => undefined,
    othersShown: () => [],
    useVerpSecret() {},
    compose: () => left.shift()!,
  }, stop);
  const recipient = {
    kind: "recipient",
    key: "ann@example.com",
    line: 2,
    address: "ann@example.com",
    fields: [],
  } as const;
  for (const result of results) {
    assert.equal(composer.compose(recipient, { eightBit: true }), result);
  }
  return stop.reason?.reason;
}

function thrown(reason = "it broke"): Unmailable {
  return { kind: "unmailable", reason, cause: new Error(reason) };
}

Deno.test("A run stops if composing its first 20 rows throws for the same reason, and only then", () => {
  const times = <T>(count: number, one: T): T[] => Array(count).fill(one);
  assert.match(
    stopAfter(times(20, thrown())) ?? "",
    /^No mail can be made: the first 20 rows are invalid for the same reason: it broke$/,
  );
  const goOn: (Mail | Unmailable)[][] = [
    times(19, thrown()),
    [MAIL, ...times(100, thrown())],
    [...times(19, thrown()), MAIL, ...times(100, thrown())],
    times(100, { kind: "unmailable", reason: "Attachment not found: 'a.pdf'" }),
    Array.from({ length: 100 }, (_, row) => thrown(`row ${row} broke`)),
  ];
  for (const results of goOn) assert.equal(stopAfter(results), undefined);
});
