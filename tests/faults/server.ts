import { type Peer, type Script, ScriptedServer } from "../support/scripted_server.ts";

/**
 * What the server does instead of the usual: a reply (its lines separated by "|"), `!close`, `!reset`, `!stall`, or `!raw `
 * and bytes to send as they are; several of these separated by " then ". "" is the usual reply.
 */
export type Answer = string;

/** The answers to the first, second and so on use of a command on one connection; after the last, the usual reply. */
export interface Answers {
  readonly greeting?: Answer;
  readonly EHLO?: Answer | readonly Answer[];
  readonly HELO?: Answer | readonly Answer[];
  readonly STARTTLS?: Answer | readonly Answer[];
  readonly AUTH?: Answer | readonly Answer[];
  readonly MAIL?: Answer | readonly Answer[];
  readonly RCPT?: Answer | readonly Answer[];
  readonly DATA?: Answer | readonly Answer[];
  /** The answer to the body, whether it came with DATA or BDAT. */
  readonly body?: Answer | readonly Answer[];
  readonly RSET?: Answer | readonly Answer[];
  readonly QUIT?: Answer | readonly Answer[];
  /** Any other line, such as an answer to a challenge. */
  readonly other?: Answer | readonly Answer[];
  /** Lines of the reply to EHLO after the first; PIPELINING alone unless given. */
  readonly offers?: readonly string[];
  /** Cuts the connection after this many bytes of the first body. */
  readonly cutInBody?: number;
  readonly bytewise?: boolean;
}

type Verb = "EHLO" | "HELO" | "STARTTLS" | "AUTH" | "MAIL" | "RCPT" | "DATA" | "RSET" | "QUIT";
const USUAL: Readonly<Record<Verb, string>> = {
  EHLO: "",
  HELO: "250 mx.test",
  STARTTLS: "454 4.7.0 not here",
  AUTH: "235 2.7.0 ok",
  MAIL: "250 2.1.0 ok",
  RCPT: "250 2.1.5 ok",
  DATA: "354 go",
  RSET: "250 2.0.0 ok",
  QUIT: "221 2.0.0 bye",
};

/** A server that accepts mail, except for these `answers`. */
export function server(answers: Answers = {}): Script {
  return async (peer) => {
    if (answers.bytewise) await peer.play("!bytewise");
    const used = new Map<string, number>();
    const next = (what: Exclude<keyof Answers, "offers" | "cutInBody" | "bytewise">): Answer => {
      const turn = used.get(what) ?? 0;
      used.set(what, turn + 1);
      return [answers[what] ?? []].flat()[turn] ?? "";
    };
    let begun = false;
    if (!await say(peer, next("greeting") || "220 mx.test ESMTP")) return;
    for (let line = await peer.line(); line !== undefined; line = await peer.line()) {
      const verb = line.slice(0, 8) === "STARTTLS" ? "STARTTLS" : line.slice(0, 4);
      if (verb === "BDAT") {
        await peer.bytes(Number(line.split(" ")[1]));
        // A chunk without a mail is read and refused, and uses up no answer of the script.
        if (!begun) await peer.reply("503 5.5.1 MAIL first");
        else if (!await say(peer, next("body") || "250 2.0.0 taken")) return;
      } else if (verb in USUAL) {
        begun ||= verb === "MAIL";
        const offers = ["mx.test", ...answers.offers ?? ["PIPELINING"]];
        const usual = verb === "EHLO"
          ? `250-${offers.join("|250-")}|250 HELP`
          : USUAL[verb as Verb];
        const answer = next(verb as Verb) || usual;
        if (!await say(peer, answer)) return;
        if (verb === "DATA" && answer.startsWith("354") && !await body(peer, answers, next)) return;
      } else if (!await say(peer, next("other") || "500 5.5.2 what")) return;
    }
  };
}

async function body(
  peer: Peer,
  { cutInBody }: Answers,
  next: (what: "body") => Answer,
): Promise<boolean> {
  if (cutInBody !== undefined) {
    await peer.bytes(cutInBody);
    peer.close();
    return false;
  }
  await peer.body();
  return await say(peer, next("body") || "250 2.0.0 taken");
}

/** Gives an answer; returns false if it ends the connection. */
async function say(peer: Peer, answer: Answer): Promise<boolean> {
  for (const part of answer.split(" then ")) {
    if (part === "!close") peer.close();
    else if (part === "!reset") await peer.reset();
    else if (part === "!stall") await peer.stall();
    else if (part.startsWith("!raw ")) await peer.raw(part.slice(5));
    else await peer.reply(...part.split("|"));
    if (/^!(?:close|reset|stall)$/.test(part)) return false;
  }
  return true;
}

/** The nth connection gets the nth of these, all further ones the last. */
export function servers(...each: readonly [Answers, ...Answers[]]): ScriptedServer {
  const [first, ...more] = each.map(server);
  return new ScriptedServer(first!, ...more);
}
