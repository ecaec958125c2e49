import assert from "node:assert/strict";
import { newSession } from "../../src/pipeline/consumer/connection_slot.ts";
import { openClient } from "../../src/pipeline/consumer/open_client.ts";
import { mailTo } from "../smtp/fixtures.ts";
import { ScriptedServer } from "../support/scripted_server.ts";
import { until } from "../support/until.ts";
import { ControllerBench } from "./controller_bench.ts";

const SESSION = newSession(1, { chunking: true, pipelining: true });

interface Case {
  readonly offers: readonly string[];
  readonly window?: number;
  readonly learns?: (bench: ControllerBench) => void;
  /** It answers nothing from this command on, or from the first body on. */
  readonly silentFrom: "MAIL" | "body";
}

/** Gives two mails to a server that falls silent; returns what it has read by then, and whether another mail can be given. */
async function twoMails({ offers, window, learns, silentFrom }: Case) {
  const verbs: string[] = [];
  await using server = new ScriptedServer(async (peer) => {
    await peer.reply("220 mx.test");
    for (let line; (line = await peer.line()) !== undefined;) {
      const verb = line.split(" ")[0]!;
      verbs.push(verb);
      if (silentFrom === "MAIL" && verbs.includes("MAIL")) continue;
      if (verb === "EHLO") {
        await peer.reply(
          "250-mx.test",
          ...offers.map((one) => `250-${one}`),
          "250 8BITMIME",
        );
      } else if (verb === "DATA") {
        await peer.reply("354 go");
        await peer.body();
        break;
      } else await peer.reply("250 ok");
    }
    for (let line; (line = await peer.line()) !== undefined;) verbs.push(line.split(" ")[0]!);
  });
  const bench = new ControllerBench({ relay: { port: server.port } });
  bench.controller.connectionLimits.probedChunking(true);
  learns?.(bench);
  const abandon = new AbortController();
  const opened = await openClient(bench.controller, {
    stop: bench.stop,
    abandon: abandon.signal,
    window,
  });
  const { client } = opened!;
  const sent: Promise<unknown>[] = [];
  let ready = 0;
  while (ready < 2 && await Promise.race([client.ready(), soon()])) {
    ready++;
    sent.push(client.send(mailTo(`r${ready}@x.test`), () => Promise.resolve()));
  }
  await until("it has heard of the first mail", () => verbs.includes("MAIL"));
  // Whatever is in the same group has been read by then.
  await soon();
  abandon.abort();
  const kinds = (await Promise.all(sent)) as { readonly kind: string }[];
  return { verbs: verbs.join(" "), ready, kinds: kinds.map(({ kind }) => kind) };
}

function soon(): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), 30));
}

const CHUNKS = ["PIPELINING", "CHUNKING"];
const refusesBehindDot = ({ controller }: ControllerBench) =>
  controller.connectionLimits.attempted(
    SESSION,
    { kind: "unsendable", lacks: "size", detail: "" },
    {
      dismissed: false,
      refusesBehindDot: true,
    },
  );

for (
  const [what, given, verbs, ready] of [
    [
      "as many chunks under way as the user allows",
      { offers: CHUNKS, window: 1, silentFrom: "MAIL" },
      "EHLO MAIL RCPT BDAT",
      1,
    ],
    [
      "as many chunks under way as the relay bears",
      {
        offers: CHUNKS,
        silentFrom: "MAIL",
        learns: ({ controller }) => controller.connectionLimits.lost(SESSION),
      },
      "EHLO MAIL RCPT BDAT",
      1,
    ],
    [
      "a whole envelope in a group",
      { offers: ["PIPELINING"], silentFrom: "MAIL" },
      "EHLO MAIL RCPT DATA",
      2,
    ],
    [
      "one command at a time where groups were not answered",
      {
        offers: ["PIPELINING"],
        silentFrom: "MAIL",
        learns: ({ controller }) => controller.connectionLimits.suspectPipelining(),
      },
      "EHLO MAIL",
      2,
    ],
    [
      "the next envelope behind a body",
      { offers: ["PIPELINING"], silentFrom: "body" },
      "EHLO MAIL RCPT DATA MAIL RCPT DATA",
      2,
    ],
    [
      "nothing behind a body where that was refused",
      { offers: ["PIPELINING"], silentFrom: "body", learns: refusesBehindDot },
      "EHLO MAIL RCPT DATA",
      2,
    ],
  ] as readonly [string, Case, string, number][]
) {
  Deno.test(`openClient() has the connection write ${what}`, async () => {
    const found = await twoMails(given);
    assert.ok(found.verbs.startsWith(verbs), found.verbs);
    const further = found.verbs.slice(verbs.length).split(" ");
    assert.ok(!further.some((verb) => verb === "MAIL" || verb === "RCPT"), found.verbs);
    assert.equal(found.ready, ready);
    assert.deepEqual(found.kinds, Array(ready).fill("broken"), "given up with the run");
  });
}
