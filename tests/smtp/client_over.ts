import { capabilitiesOf } from "../../src/smtp/session/capabilities.ts";
import { Connection } from "../../src/smtp/wire/connection.ts";
import { SmtpClient, type SmtpClientOptions } from "../../src/smtp/smtp_client.ts";
import type { Timeouts } from "../../src/smtp/wire/timeouts.ts";
import type { FakeConn } from "./fake_conn.ts";
import { FOREVER, relayAt } from "./fixtures.ts";

/** A different time limit for every step, so that a mix-up is noticed. */
export const TIMEOUTS: Timeouts = {
  connect: 1_000,
  handshake: 2_000,
  greeting: 3_000,
  command: 4_000,
  mail: 12_000,
  rcpt: 13_000,
  data: 14_000,
  write: 15_000,
  body: 16_000,
  quit: 700,
  closing: 800,
};

/** The extensions that a server offers, for each strategy of sending. */
export const LOCK_STEP: readonly string[] = [];
export const GROUPS: readonly string[] = ["PIPELINING"];
export const CHUNKS: readonly string[] = ["PIPELINING", "CHUNKING"];

/** A client over a session that is open already, with a server that offers these extensions. */
export function clientOver(
  conn: FakeConn,
  offers: readonly string[],
  options: Partial<SmtpClientOptions> = {},
): SmtpClient {
  return new SmtpClient({
    kind: "session",
    relay: relayAt(25),
    capabilities: capabilitiesOf(["mx.test", ...offers]),
    secure: false,
    mechanism: undefined,
    connection: new Connection(conn, TIMEOUTS),
    timeouts: TIMEOUTS,
    roundTripMs: 0,
  }, { signal: FOREVER, ...options });
}
