/**
 * A server with arbitrary behavior: it refuses anything at any step, ends the connection after any reply, answers in any pieces.
 * Whatever it does, each attempt must tell the truth about its own mail.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Attempt } from "../../src/model/attempt.ts";
import { type Peer, ScriptedServer } from "../support/scripted_server.ts";
import { free, mailTo, openClient } from "./fixtures.ts";

/** The server's replies to the commands of one mail. */
interface Whim {
  readonly mail: number;
  readonly rcpt: number;
  /** To DATA, if there is a recipient. */
  readonly data: number;
  readonly body: number;
  /** Accepts DATA although no recipient is left (RFC 2920, 3.1 provides for it). */
  readonly letsInForNobody: boolean;
}

interface Server {
  readonly extensions: readonly string[];
  readonly whims: readonly Whim[];
  /** The connection ends after this many replies. */
  readonly repliesLeft: number;
  /** A refused BDAT leaves the transaction open until RSET, as RFC 3030, 2 allows. */
  readonly keepsOpen: boolean;
  readonly lastWord: "nothing" | "421";
  /** The RSET that it refuses, counted from 0, and whether it closes the connection then, as Exim does, or continues. */
  readonly refusesReset: { readonly at: number; readonly closes: boolean } | undefined;
}

interface Delivery {
  readonly recipients: readonly string[];
  readonly text: string;
}

/** The server's side of RFC 5321, 4.1.4: one transaction at a time, and what was delivered. */
class WhimsicalServer {
  readonly deliveries: Delivery[] = [];
  readonly #server: Server;
  readonly #peer: Peer;
  #left: number;
  #mails = 0;
  #resets = 0;
  #whim: Whim | undefined;
  #open = false;
  #recipients: string[] = [];

  constructor(server: Server, peer: Peer) {
    this.#server = server;
    this.#peer = peer;
    this.#left = server.repliesLeft;
  }

  async run(): Promise<void> {
    await this.#peer.reply("220 mx.test");
    await this.#peer.line();
    const lines = ["mx.test", ...this.#server.extensions, "HELP"];
    await this.#peer.reply(
      ...lines.map((line, at) => `250${at < lines.length - 1 ? "-" : " "}${line}`),
    );
    for (let line = await this.#peer.line(); line !== undefined; line = await this.#peer.line()) {
      if (!await this.#answer(line)) return this.#peer.close();
    }
  }

  async #answer(line: string): Promise<boolean> {
    const [verb = ""] = line.split(" ");
    if (verb === "MAIL") return await this.#say(this.#mail());
    if (verb === "RCPT") return await this.#say(this.#rcpt(/<(.*)>/.exec(line)?.[1] ?? ""));
    if (verb === "DATA") return await this.#data();
    if (verb === "BDAT") return await this.#chunk(Number(line.split(" ")[1]));
    if (verb === "RSET") {
      const { refusesReset } = this.#server;
      if (this.#resets++ === refusesReset?.at) {
        return await this.#say(554) && !refusesReset.closes;
      }
      this.#reset();
    }
    return await this.#say(verb === "QUIT" ? 221 : 250);
  }

  #mail(): number {
    const whim = this.#server.whims[this.#mails++];
    if (this.#open) return 503;
    this.#whim = whim;
    this.#open = this.#whim!.mail < 300;
    return this.#whim!.mail;
  }

  #rcpt(recipient: string): number {
    if (!this.#open) return 503;
    if (this.#whim!.rcpt < 300) this.#recipients.push(recipient);
    return this.#whim!.rcpt;
  }

  async #data(): Promise<boolean> {
    const nobody = this.#recipients.length === 0;
    const code = nobody
      ? (this.#open && this.#whim!.letsInForNobody ? 354 : 503)
      : this.#whim!.data;
    if (!await this.#say(code)) return false;
    if (code !== 354) return true;
    const text = (await this.#peer.body()).replace(/\.\r\n$/, "").replaceAll(/^\.\./gm, ".");
    return await this.#end(text);
  }

  async #chunk(length: number): Promise<boolean> {
    const text = new TextDecoder().decode(await this.#peer.bytes(length));
    if (this.#recipients.length > 0) return await this.#end(text);
    if (!this.#server.keepsOpen) this.#reset();
    return await this.#say(503);
  }

  /** The whole mail is here: delivered or refused. */
  async #end(text: string): Promise<boolean> {
    const code = this.#recipients.length === 0 ? 250 : this.#whim!.body;
    if (code < 300 && this.#recipients.length > 0) {
      this.deliveries.push({ recipients: [...this.#recipients], text });
    }
    if (code < 300 || !this.#server.keepsOpen || !this.#server.extensions.includes("CHUNKING")) {
      this.#reset();
    }
    return await this.#say(code);
  }

  #reset(): void {
    this.#open = false;
    this.#recipients = [];
  }

  async #say(code: number): Promise<boolean> {
    if (this.#left-- <= 0) {
      if (this.#server.lastWord === "421") await this.#peer.reply("421 shutting down");
      return false;
    }
    await this.#peer.reply(`${code} said`);
    return true;
  }
}

const refusal = fc.constantFrom(450, 451, 459, 550, 554);
const mostly = (good: number) =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(good) }, { weight: 1, arbitrary: refusal });
const whim: fc.Arbitrary<Whim> = fc.record({
  mail: mostly(250),
  rcpt: mostly(250),
  data: mostly(354),
  body: mostly(250),
  letsInForNobody: fc.boolean(),
});
const server: fc.Arbitrary<Server> = fc.record({
  extensions: fc.constantFrom([], ["PIPELINING"], ["PIPELINING", "CHUNKING"]),
  whims: fc.array(whim, { minLength: 1, maxLength: 8 }),
  repliesLeft: fc.oneof(fc.constant(Infinity), fc.nat({ max: 12 }), fc.nat({ max: 30 })),
  keepsOpen: fc.boolean(),
  lastWord: fc.constantFrom("nothing", "421"),
  refusesReset: fc.option(fc.record({ at: fc.nat({ max: 4 }), closes: fc.boolean() }), {
    nil: undefined,
    freq: 3,
  }),
});

/** Asserts that an attempt reports what happened: `delivered` is how often the mail reached its recipient. */
function check(attempt: Attempt, delivered: number, chunking: boolean, whim: Whim): void {
  assert.ok(delivered <= 1);
  if (attempt.kind === "accepted") assert.equal(delivered, 1);
  else if (attempt.kind === "refused") {
    const { stage, reply } = attempt;
    if (reply.code === 421) return;
    assert.equal(delivered, 0);
    if (stage === "rset") return assert.equal(reply.code, 554);
    const said =
      { mail: whim.mail, rcpt: whim.rcpt, data: whim.data, body: whim.body }[stage as "mail"];
    assert.equal(reply.code, said);
    if (chunking) assert.notEqual(stage, "data");
  } else if (attempt.kind === "broken" && !attempt.handedOver) assert.equal(delivered, 0);
}

async function converse(server: Server): Promise<void> {
  let whimsical: WhimsicalServer | undefined;
  await using scripted = new ScriptedServer(async (peer) => {
    whimsical = new WhimsicalServer(server, peer);
    // A client that gives up in the middle of a mail is not the server's fault.
    await whimsical.run().catch(() => {});
  });
  const client = await openClient(scripted.port, {
    timeouts: { closing: 200, quit: 200, body: 2_000 },
  });
  const attempts: Promise<Attempt>[] = [];
  const text = (index: number) => `Subject: ${index}\r\n\r\n.${index}\r\n`;
  for (const index of server.whims.keys()) {
    if (!await client.ready()) break;
    attempts.push(client.send(mailTo(`${index}@b.test`, text(index)), free));
  }
  const results = await Promise.all(attempts);
  await client.close();
  const { deliveries } = whimsical!;
  for (const { recipients, text: found } of deliveries) {
    assert.equal(recipients.length, 1);
    assert.equal(found, text(Number(recipients[0]!.split("@")[0])));
  }
  for (const [index, attempt] of results.entries()) {
    const delivered = deliveries.filter(({ recipients }) => recipients[0] === `${index}@b.test`);
    const chunking = server.extensions.includes("CHUNKING");
    // A whim is drawn for each MAIL the server let in to be judged, in order: one for each mail.
    check(attempt, delivered.length, chunking, server.whims[index]!);
  }
  if (server.repliesLeft === Infinity && server.refusesReset === undefined) {
    assert.equal(results.length, server.whims.length);
    assert.ok(results.every(({ kind }) => kind === "accepted" || kind === "refused"));
  }
}

Deno.test("every attempt reports the true outcome of its own mail, whatever the server does", async () => {
  await fc.assert(fc.asyncProperty(server, converse), { numRuns: 300 });
});
