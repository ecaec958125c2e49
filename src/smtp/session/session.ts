import type { Stage } from "../../model/attempt.ts";
import { authenticate, chooseMechanism, secretsOf } from "./auth.ts";
import { type Capabilities, capabilitiesOf, NO_CAPABILITIES } from "./capabilities.ts";
import { ehlo, helo, STARTTLS } from "../wire/command.ts";
import type { Connection } from "../wire/connection.ts";
import { Dialogue } from "./dialogue.ts";
import type { AuthMechanism, Relay } from "../../model/relay.ts";
import { negative, positive } from "../../model/reply.ts";
import type { Reply } from "../../model/reply.ts";
import { withoutBrackets } from "../wire/dial.ts";
import type { Timeouts } from "../wire/timeouts.ts";

/** A server that is ready for mail: greeted, secured and logged in as the relay asks. An `SmtpClient` takes it from here. */
export interface Session {
  readonly kind: "session";
  readonly relay: Relay;
  readonly capabilities: Capabilities;
  /** The connection is encrypted, and the server has proved its name. */
  readonly secure: boolean;
  /** How we logged in; undefined: not at all. */
  readonly mechanism: AuthMechanism | undefined;
  readonly connection: Connection;
  readonly timeouts: Timeouts;
  /** Upper bound of the network's round trip, in ms: the fastest reply so far. */
  readonly roundTripMs: number;
}

/** What the relay's URL requires and the server does not offer. */
export type Lacking = "starttls" | "auth" | "auth-mechanism";

/** The server said no, or lacks what the relay's URL requires. */
export class SessionRefused extends Error {
  override readonly name = "SessionRefused";

  constructor(
    readonly stage: Stage,
    readonly why: { readonly reply: Reply } | {
      readonly lacks: Lacking;
      readonly detail: string;
    },
  ) {
    super(`Session was refused at ${stage}`);
  }
}

/**
 * Opens the session: greeting, EHLO (HELO after 500 or 502), STARTTLS and EHLO again, AUTH.
 *
 * Credentials travel over TLS only, or in clear to this machine if the URL says `tls=off`.
 *
 * @param greeted Called when the greeting is here.
 * @throws SessionRefused, DialogueBroken
 */
export async function openSession(
  relay: Relay,
  connection: Connection,
  timeouts: Timeouts,
  greeted: () => void = () => {},
): Promise<Session> {
  const dialogue = new Dialogue(connection);
  // From the first reply on: the server may know them from an earlier connection, and repeat them at any time.
  if (relay.auth !== undefined) connection.hide(secretsOf(relay.auth));
  let secure = relay.security === "tls";
  if (secure) await dialogue.startTls("connect", withoutBrackets(relay.host), relay.ca);
  const greeting = await dialogue.exchange("greeting", "", timeouts.greeting);
  greeted();
  mustAccept("greeting", greeting);
  let capabilities = await sayHello(relay, connection, dialogue, timeouts);
  if (!secure && await upgrade(relay, capabilities, dialogue, timeouts)) {
    secure = true;
    // Whatever came in clear text may be an attacker's and is discarded (RFC 3207, 4.2).
    capabilities = await sayHello(relay, connection, dialogue, timeouts);
  }
  capabilities = {
    ...capabilities,
    chunking: capabilities.chunking && relay.chunking,
    pipelining: capabilities.pipelining && relay.pipelining,
  };
  const mechanism = await logIn(relay, capabilities, secure, dialogue, timeouts);
  const stage = mechanism === undefined ? "ehlo" : "auth";
  const goodbye = dialogue.finish(stage);
  if (goodbye !== undefined) throw new SessionRefused(stage, { reply: goodbye });
  return {
    kind: "session",
    relay,
    capabilities,
    secure,
    mechanism,
    connection,
    timeouts,
    roundTripMs: dialogue.fastestMs,
  };
}

async function sayHello(
  relay: Relay,
  connection: Connection,
  dialogue: Dialogue,
  timeouts: Timeouts,
): Promise<Capabilities> {
  const name = relay.helo ?? connection.localLiteral;
  const reply = await dialogue.exchange("ehlo", ehlo(name), timeouts.command);
  if (positive(reply)) return capabilitiesOf(reply.lines);
  // Only "no such command" makes HELO worth trying (RFC 5321, 3.2); 504 and 550 are about our name.
  if (reply.code !== 500 && reply.code !== 502) throw new SessionRefused("ehlo", { reply });
  mustAccept("ehlo", await dialogue.exchange("ehlo", helo(name), timeouts.command));
  return NO_CAPABILITIES;
}

/** Secures the connection with STARTTLS as the relay's URL requires. Returns whether it is secured now. */
async function upgrade(
  relay: Relay,
  capabilities: Capabilities,
  dialogue: Dialogue,
  timeouts: Timeouts,
): Promise<boolean> {
  if (relay.security === "off") return false;
  const required = relay.security !== "opportunistic";
  if (!capabilities.startTls) {
    if (!required) return false;
    throw new SessionRefused("starttls", {
      lacks: "starttls",
      detail: "Server does not offer STARTTLS",
    });
  }
  const reply = await dialogue.exchange("starttls", STARTTLS, timeouts.command);
  if (!positive(reply)) {
    if (!required && negative(reply) && reply.code !== 421) return false;
    throw new SessionRefused("starttls", { reply });
  }
  await dialogue.startTls("starttls", withoutBrackets(relay.host), relay.ca);
  return true;
}

async function logIn(
  relay: Relay,
  capabilities: Capabilities,
  secure: boolean,
  dialogue: Dialogue,
  timeouts: Timeouts,
): Promise<AuthMechanism | undefined> {
  if (relay.auth === undefined) return undefined;
  if (!secure && !(relay.security === "off" && isLoopback(relay.host))) {
    throw new SessionRefused("auth", {
      lacks: "starttls",
      detail: "Password is not sent without TLS, and the server does not offer STARTTLS",
    });
  }
  if (capabilities.auth.size === 0) {
    throw new SessionRefused("auth", { lacks: "auth", detail: "Server does not offer AUTH" });
  }
  const mechanism = chooseMechanism(capabilities.auth, relay.auth.mechanism);
  if (mechanism === undefined) {
    const offered = [...capabilities.auth].join(", ");
    const detail = `Server offers none of our AUTH mechanisms: found ${offered}`;
    throw new SessionRefused("auth", { lacks: "auth-mechanism", detail });
  }
  mustAccept("auth", await authenticate(dialogue, relay.auth, mechanism, timeouts.command));
  return mechanism;
}

function mustAccept(stage: Stage, reply: Reply): void {
  if (!positive(reply)) throw new SessionRefused(stage, { reply });
}

/** Returns whether the host is this machine, so that clear text is safe from others. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|(?:[^.]+\.)+localhost|127(?:\.\d{1,3}){3}|\[?::1\]?)$/i.test(host);
}
