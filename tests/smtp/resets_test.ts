import assert from "node:assert/strict";
import { ResetCount } from "../../src/smtp/session/reset_count.ts";
import { ScriptedServer } from "../support/scripted_server.ts";
import { BYE, CHUNK, ENVELOPE, hello, OK, WINDOW } from "./dialogues.ts";
import { free, mailTo, openClient, outline, play, sendAll } from "./fixtures.ts";

const HELLO = hello("PIPELINING", "CHUNKING");
const a = mailTo("a@b.test");
const b = mailTo("b@b.test");
const c = mailTo("c@b.test");

/** The events on a connection: R for an answered RSET, B for a mail judged by its body, x for one refused earlier. */
for (
  const [sentence, course, usedUp] of [
    ["is not used up by accepted mails with RSET between them", "BR".repeat(50), false],
    ["counts no RSET that follows a body refused or accepted", "RBRBRB".repeat(20), false],
    ["counts those that follow a refused recipient, but the first", "RxRxRxRxRxRxRx", false],
    ["is used up at the seventh", "RxRxRxRxRxRxRxR", true],
    ["counts them between mails that are accepted, too", "BRxR".repeat(7), true],
    ["counts none where RSET follows refusals alone", "BxR".repeat(50), false],
  ] as const
) {
  Deno.test(`ResetCount ${sentence}`, () => {
    const count = new ResetCount();
    for (const step of course) {
      if (step === "R") count.answered();
      if (step === "B") count.bodyJudged();
    }
    assert.equal(count.usedUp(2), usedUp);
  });
}

Deno.test("ResetCount is used up sooner if more mails are in flight", () => {
  const most = (underWay: number) => {
    const count = new ResetCount();
    // The first is free.
    for (let counted = 0;; counted++) {
      count.answered();
      if (count.usedUp(underWay)) return counted;
    }
  };
  assert.deepEqual([1, 2, 7, 16, 32].map(most), [7, 7, 6, 3, 3]);
});

const REFUSED_CHUNK = `
  S: 250 ok
  S: 550 who?
  S: 503 no
`;

Deno.test("SmtpClient stops accepting mails before a server could count ten RSETs that belong to no mail", async () => {
  await using server = new ScriptedServer(
    `${HELLO}${CHUNK("a")}${REFUSED_CHUNK}
     ${`C: RSET\n${CHUNK("a")}S: 250 reset\n${REFUSED_CHUNK}`.repeat(8)}${BYE}`,
  );
  const client = await openClient(server.port, { window: 1 });
  let given = 0;
  for (; await client.ready() && given < 20; given++) await client.send(a, free);
  assert.equal(given, 9, "the first RSET is free, and seven count");
  assert.deepEqual(client.end, { kind: "resets" });
  await client.close();
  await server.finished();
});

for (
  const [where, script, rest] of [
    [
      "chunks",
      `${HELLO}${CHUNK("a")}${REFUSED_CHUNK}C: RSET\n${WINDOW("b", "c")}`,
      ["refused rset 554", "broken rset closed"],
    ],
    [
      "a group of DATA",
      `${hello("PIPELINING")}${ENVELOPE("a")}${REFUSED_CHUNK}C: RSET\n${ENVELOPE("b")}`,
      ["refused rset 554", "broken mail closed"],
    ],
    [
      "single commands",
      `${hello()}C: MAIL FROM:<s@a.test>\nS: 250 ok\nC: RCPT TO:<a@b.test>\nS: 550 who?\nC: RSET`,
      ["refused rset 554", "broken mail closed"],
    ],
  ] as const
) {
  Deno.test(`Nothing after a RSET that is refused, and a connection that is then closed, is in doubt: ${where}`, async () => {
    await using server = new ScriptedServer(
      `${script}\nS: 554 Too many nonmail commands\n!close`,
    );
    const client = await openClient(server.port);
    assert.equal(outline(await client.send(a, free)), "refused rcpt 550");
    const attempts = [client.send(b, free), client.send(c, free)];
    assert.deepEqual((await Promise.all(attempts)).map(outline), rest);
    assert.equal(client.end?.kind, "dismissed");
    await server.finished();
  });
}

for (
  const [sentence, replies, expected] of [
    ["accepts the mail: sent", "250 ok|250 ok|250 queued", "accepted 250"],
    ["refuses its recipient: refused", "250 ok|550 who?|503 no", "refused rcpt 550"],
    [
      "does not let it in, as a transaction is open: to be tried again, and not its sender's fault",
      "503 nested MAIL|503 no|503 no",
      "refused rset 502",
    ],
    [
      "accepts a mail into a transaction that was open: in doubt",
      "503 nested MAIL|250 ok|250 queued",
      "broken body out-of-step handed-over",
    ],
  ] as const
) {
  Deno.test(`If a server refuses RSET, continues, and ${sentence}`, async () => {
    const { outlines, client } = await play(
      `${HELLO}
      ${CHUNK("a")}
      ${REFUSED_CHUNK}
      C: RSET
      ${CHUNK("b")}
      S: 502 no such command
      !sleep 30
      ${replies.split("|").map((reply) => `S: ${reply}`).join("\n")}`,
      [a, b],
      { window: 1 },
    );
    assert.deepEqual(outlines, ["refused rcpt 550", expected]);
    assert.equal(client.end?.kind, "dismissed", "and no further mail follows");
  });
}

Deno.test("A mail after a refused RSET is in doubt if the server falls silent, as it may be working on it", async () => {
  await using server = new ScriptedServer(
    `${HELLO}
    ${CHUNK("a")}
    ${REFUSED_CHUNK}
    C: RSET
    ${CHUNK("b")}
    S: 502 no such command
    !stall`,
  );
  const client = await openClient(server.port, { window: 1, timeouts: { mail: 500 } });
  const outlines = await sendAll(client, [a, b]);
  assert.deepEqual(outlines, ["refused rcpt 550", "broken mail timeout handed-over"]);
});

Deno.test("A mail before a refused RSET keeps its own answer", async () => {
  const { outlines } = await play(
    `${HELLO}
    ${WINDOW("a", "b")}
    ${OK}
    S: 554 Too many nonmail commands
    !close`,
    [a, b],
  );
  assert.deepEqual(outlines, ["accepted 250", "refused rset 554"]);
});
