import { auth, CANCEL, encode, response } from "../wire/command.ts";
import type { Dialogue } from "./dialogue.ts";
import type { AuthMechanism, Relay } from "../../model/relay.ts";
import type { Reply } from "../../model/reply.ts";

/** The strongest first. XOAUTH2 takes a token instead of a password, so it is used only if the URL names it. */
const BY_STRENGTH: readonly AuthMechanism[] = ["cram-md5", "plain", "login"];

/** More challenges than any mechanism has; if the server sends another, the exchange is cancelled (RFC 4954, 4). */
const MOST_CHALLENGES = 3;

type Credentials = NonNullable<Relay["auth"]>;

/** Returns the mechanism to use: the requested one, or else the strongest offered; undefined if the server offers none. */
export function chooseMechanism(
  offered: ReadonlySet<string>,
  requested: AuthMechanism | undefined,
): AuthMechanism | undefined {
  const candidates = requested === undefined ? BY_STRENGTH : [requested];
  return candidates.find((mechanism) => offered.has(mechanism.toUpperCase()));
}

/** What to send with "AUTH mechanism" (`initial`), and how to answer the challenges that follow. */
interface Exchange {
  readonly initial: string | undefined;
  /** The answer to a challenge, the first being step 0; undefined: none, cancel. */
  readonly answer: (step: number, challenge: string) => Promise<string | undefined>;
}

/**
 * Logs in (RFC 4954). Returns the server's final reply: 235 if it accepted the credentials.
 *
 * A challenge that the mechanism does not have is answered with `*`, and the reply to that is returned.
 */
export async function authenticate(
  dialogue: Dialogue,
  credentials: Credentials,
  mechanism: AuthMechanism,
  timeoutMs: number,
): Promise<Reply> {
  const { initial, answer } = exchangeOf(mechanism, credentials);
  const send = (line: string) => dialogue.exchange("auth", line, timeoutMs);
  let reply = await send(auth(mechanism, initial));
  for (let step = 0; reply.code >= 300 && reply.code < 400; step++) {
    const next = step < MOST_CHALLENGES && reply.code === 334
      ? await answer(step, reply.lines[0]!)
      : undefined;
    if (next !== undefined && next !== base64(credentials.user)) dialogue.hide(next);
    reply = await send(next === undefined ? CANCEL : response(next));
    if (next === undefined) break;
  }
  return reply;
}

/** Returns the secrets that a server may repeat, in every form in which it gets them. */
export function secretsOf({ user, password }: Credentials): readonly string[] {
  const text = password.reveal();
  return [plainResponse(user, text), xoauth2Response(user, text), base64(text), text];
}

function exchangeOf(mechanism: AuthMechanism, { user, password }: Credentials): Exchange {
  switch (mechanism) {
    case "plain":
      return { initial: plainResponse(user, password.reveal()), answer: never };
    case "login":
      return {
        initial: undefined,
        answer: (step) => Promise.resolve([base64(user), base64(password.reveal())][step]),
      };
    case "cram-md5":
      return {
        initial: undefined,
        answer: (step, challenge) =>
          step === 0 ? cramMd5(user, password.reveal(), challenge) : never(),
      };
    case "xoauth2":
      return {
        initial: xoauth2Response(user, password.reveal()),
        // On failure the server sends the reason as a challenge and expects an empty answer before it says 535.
        answer: (step) => Promise.resolve(step === 0 ? "" : undefined),
      };
  }
}

/** RFC 4616: authorization identity (none), user, password. */
function plainResponse(user: string, password: string): string {
  return base64(`\0${user}\0${password}`);
}

function xoauth2Response(user: string, token: string): string {
  return base64(`user=${user}\x01auth=Bearer ${token}\x01\x01`);
}

/** RFC 2195: user and HMAC-MD5 of the challenge. */
async function cramMd5(
  user: string,
  password: string,
  challenge: string,
): Promise<string | undefined> {
  const bytes = unbase64(challenge);
  if (bytes === undefined) return undefined;
  // Loaded here because only this mechanism uses MD5, and loading the module takes 40 ms.
  const { createHmac } = await import("node:crypto");
  const digest = createHmac("md5", password).update(bytes).digest("hex");
  return base64(`${user} ${digest}`);
}

function never(): Promise<undefined> {
  return Promise.resolve(undefined);
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...encode(text)));
}

function unbase64(text: string): Uint8Array | undefined {
  try {
    return text === "" ? undefined : Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}
